"""The commands ``facialis train``, ``search`` and ``evaluate``.

They join the command line through entry points; torch is imported when one of them runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facialis import methods
from facialis.errors import InputError, printable
from facialis.evaluation.protocols import FOLDS
from facialis.evaluation.splits import Protocol
from facialis.progress import progress_bar
from facialis.training.expressions import train_expressions
from facialis.training.landmarks import train_landmarks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from facialis.training.evaluate import Division, Plan
    from facialis.training.fit import Machine
    from facialis.training.settings import Experiment, Variant

app = typer.Typer(
    help="Train a method on data of your own; needs the extra 'train'.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
evaluation = typer.Typer(
    help="Train and test a method on every split of a protocol; needs the extra 'train'.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="MANIFEST",
        help="Folder with a manifest, best one of 'facialis data frame'.",
    ),
]
More = Annotated[
    list[str] | None,
    typer.Option(
        "--more",
        metavar="MANIFEST",
        help=(
            "Data to learn from as well, never tested on: pictures of training people, of people "
            "invented from them with 'facialis simulate cohort --crosses', and of people whom "
            "--data does not show, such as those of 'facialis simulate heads'."
        ),
    ),
]
Out = Annotated[
    str, typer.Option("--out", metavar="DIR", help="A new folder, or the same unfinished one.")
]
ExperimentFile = Annotated[
    str | None,
    typer.Option(
        "--experiment", metavar="FILE", help="TOML file of settings; those of the paper without."
    ),
]
StartFrom = Annotated[
    str | None,
    typer.Option(
        "--start-from",
        metavar="RUN",
        help="Folder of a finished run, or its weights.pt, to start from; it must not have seen "
        "who is tested.",
    ),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be given again."),
]
ProtocolName = Annotated[
    str,
    typer.Option(
        "--protocol",
        metavar="NAME",
        help=f"How people are divided: {', '.join(Protocol)}.",
    ),
]
Folds = Annotated[int, typer.Option("--folds", min=2, help="Folds of the protocol 'kfold'.")]
TrainOn = Annotated[
    list[str] | None,
    typer.Option("--train-on", metavar="SOURCE", help="Collection, of the protocol 'cross'."),
]
TestOn = Annotated[
    list[str] | None,
    typer.Option("--test-on", metavar="SOURCE", help="Collection, of the protocol 'cross'."),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", min=0, max=2**31, help="Of people's parts, weights, order and alterations."
    ),
]
Accelerator = Annotated[str, typer.Option("--accelerator", help="Lightning's: auto, cpu, gpu.")]
Devices = Annotated[str, typer.Option("--devices", help="Lightning's: auto, a number, a list.")]
Strategy = Annotated[str, typer.Option("--strategy", help="Lightning's: auto, ddp, fsdp.")]
Precision = Annotated[
    str, typer.Option("--precision", help="Lightning's: 32-true, 16-mixed, bf16-mixed.")
]
_WHOLE: Final = "the method itself"


@app.callback()
def _train() -> None:
    """Train a method on data of your own; needs the extra 'train'."""


@evaluation.callback()
def _evaluate() -> None:
    """Train and test a method on every split of a protocol; needs the extra 'train'."""


def _training_command(name: str) -> Callable[..., None]:
    def command(  # noqa: PLR0913 - options of a command
        *,
        data: Data,
        more: More = None,
        out: Out,
        experiment: ExperimentFile = None,
        row: Annotated[
            str | None,
            typer.Option("--row", metavar="NAME", help="A row of the experiment file."),
        ] = None,
        settings: Sets = None,
        start_from: StartFrom = None,
        protocol: ProtocolName = Protocol.FIXED.value,
        split: Annotated[
            int, typer.Option("--split", min=1, help="Which split of the protocol.")
        ] = 1,
        folds: Folds = FOLDS,
        train_on: TrainOn = None,
        test_on: TestOn = None,
        seed: Seed = 0,
        accelerator: Accelerator = "auto",
        devices: Devices = "auto",
        strategy: Strategy = "auto",
        precision: Precision = "32-true",
    ) -> None:
        chosen = _variants(name, experiment, [row] if row else [""], settings or [])[0]
        plan = _plan(
            chosen,
            (data, *(more or ())),
            (),
            _division(protocol, seed, folds, train_on, test_on),
            _machine(accelerator, devices, strategy, precision),
            start=start_from,
        )
        _train_one(plan, Path(out), split)

    return command


def _evaluation_command(name: str) -> Callable[..., None]:
    def command(  # noqa: PLR0913 - options of a command
        *,
        data: Data,
        more: More = None,
        out: Out,
        also: Annotated[
            list[str] | None,
            typer.Option(
                "--also",
                metavar="MANIFEST",
                help="Other data of the same people; those who are tested are tested there too.",
            ),
        ] = None,
        experiment: ExperimentFile = None,
        rows: Annotated[
            list[str] | None,
            typer.Option(
                "--row",
                metavar="NAME",
                help="Only this row of the experiment file; may be given again.",
            ),
        ] = None,
        settings: Sets = None,
        start_from: StartFrom = None,
        protocol: ProtocolName = Protocol.KFOLD.value,
        folds: Folds = FOLDS,
        train_on: TrainOn = None,
        test_on: TestOn = None,
        seed: Seed = 0,
        accelerator: Accelerator = "auto",
        devices: Devices = "auto",
        strategy: Strategy = "auto",
        precision: Precision = "32-true",
    ) -> None:
        chosen = _variants(name, experiment, rows, settings or [])
        division = _division(protocol, seed, folds, train_on, test_on)
        machine = _machine(accelerator, devices, strategy, precision)
        for each in chosen:
            plan = _plan(
                each, (data, *(more or ())), also or (), division, machine, start=start_from
            )
            _evaluate_one(plan, Path(out) if len(chosen) == 1 else Path(out, each.folder))

    return command


def search(
    grid: Annotated[
        str,
        typer.Argument(
            metavar="GRID", help="TOML file of settings and the values to search for them."
        ),
    ],
    *,
    data: Data,
    out: Out,
    settings: Sets = None,
    seed: Seed = 0,
    accelerator: Accelerator = "auto",
    devices: Devices = "auto",
    strategy: Strategy = "auto",
    precision: Precision = "32-true",
) -> None:
    """Train every combination of a file's values and rank them; needs the extra 'train'.

    People are divided as by the protocol 'fixed'. Combinations are ranked by their loss on the
    validation people; those of the test are not looked at. A search that was stopped goes on with
    the same folder.
    """
    from facialis.training.search import TABLE_NAME, read_grid  # noqa: PLC0415
    from facialis.training.search import search as searched  # noqa: PLC0415

    variants = read_grid(Path(grid)).variants(_parsed(settings))
    plan = _plan(
        variants[0],
        (data,),
        (),
        _division(Protocol.FIXED, seed, FOLDS, None, None),
        _machine(accelerator, devices, strategy, precision),
    )
    tried = searched(plan, variants, Path(out), _say)
    best = tried[0]
    if best.validation_loss is None:
        typer.echo("No combination has a validation loss that is a number; search lower rates.")
    else:
        typer.echo(f"{best.name}: lowest validation loss, {best.validation_loss:.4f}.")
    typer.echo(f"All {len(tried)} are in {printable(Path(out) / TABLE_NAME)}.")


def _parsed(words: list[str] | None) -> dict[str, str]:
    from facialis.training.settings import parsed  # noqa: PLC0415

    return parsed(words or [])


def _variants(
    method: str, file: str | None, rows: list[str] | None, words: list[str]
) -> tuple[Variant, ...]:
    """Return what is asked for: rows of an experiment file (all if None), or the method itself."""
    from facialis.training.settings import Variant, read_experiment  # noqa: PLC0415

    changes = _parsed(words)
    if file is None:
        if rows and any(rows):
            raise InputError(
                f"--row {rows[0]}", "needs a file that has it", "give --experiment FILE"
            )
        found: tuple[Variant, ...] = (Variant("", method).changed(changes),)
    else:
        experiment = read_experiment(Path(file))
        if method not in {experiment.method, *(row.method for row in experiment.rows)}:
            raise InputError(file, f"is no experiment of {method}", "name another file")
        known = {row.name: row for row in experiment.rows}
        wanted = list(known) if rows is None else rows
        if wanted == [""] and experiment.method != method:
            wanted = [_only_row(experiment, method)]
        for each in wanted:
            if each not in known:
                raise InputError(
                    f"--row {each}",
                    f"is not in {printable(file)}",
                    f"use one of {', '.join(repr(name) for name in known if name)}",
                )
            if rows is not None and known[each].method != method:
                raise InputError(
                    f"--row {each}",
                    f"is of {known[each].method}",
                    f"use that, not {method}",
                )
        found = tuple(known[each].changed(changes) for each in wanted)
    return found


def _only_row(experiment: Experiment, method: str) -> str:
    """Return the row of another method than the experiment's; there must not be several."""
    rows = [row.name for row in experiment.rows if row.method == method]
    if len(rows) > 1:
        raise InputError(
            "--experiment",
            f"has several rows of {method}",
            f"choose with --row: {', '.join(map(repr, rows))}",
        )
    return rows[0]


def _division(
    protocol: str, seed: int, folds: int, train_on: list[str] | None, test_on: list[str] | None
) -> Division:
    from facialis.training.evaluate import Division  # noqa: PLC0415

    if protocol not in set(Protocol):
        raise InputError(f"--protocol {protocol}", "is none", f"use {', '.join(Protocol)}")
    if (train_on or test_on) and protocol != Protocol.CROSS:
        raise InputError(
            "--train-on and --test-on",
            f"are of the protocol {Protocol.CROSS}, and not of {protocol}",
            f"leave them out, or ask for --protocol {Protocol.CROSS}",
        )
    return Division(
        protocol=Protocol(protocol),
        seed=seed,
        folds=folds,
        train_on=tuple(train_on or ()),
        test_on=tuple(test_on or ()),
    )


def _machine(accelerator: str, devices: str, strategy: str, precision: str) -> Machine:
    from facialis.training.fit import Machine  # noqa: PLC0415

    found = Machine(
        accelerator=accelerator, devices=devices, strategy=strategy, precision=precision
    )
    found.check()
    return found


def _plan(
    variant: Variant,
    data: Sequence[str],
    also: Sequence[str],
    division: Division,
    machine: Machine,
    *,
    start: str | None = None,
) -> Plan:
    """Return what is asked for; all data sets but the first are only learned from."""
    from facialis.datasets.manifest_files import read_manifest  # noqa: PLC0415
    from facialis.training.evaluate import Plan  # noqa: PLC0415
    from facialis.training.weights_file import Start  # noqa: PLC0415

    manifest, *more = (read_manifest(each) for each in data)
    return Plan(
        variant=variant,
        manifest=manifest,
        more=tuple(more),
        also=tuple(read_manifest(each) for each in also),
        division=division,
        machine=machine,
        start=None if start is None else Start.read(Path(start)),
    )


def _train_one(plan: Plan, out: Path, number: int) -> None:
    from facialis.training.curves import draw_curves  # noqa: PLC0415
    from facialis.training.evaluate import order_of  # noqa: PLC0415
    from facialis.training.fit import fit, is_first_process  # noqa: PLC0415
    from facialis.training.weights_file import WEIGHTS_NAME  # noqa: PLC0415

    learner = plan.variant.learner()
    split = plan.split(learner, number)
    with progress_bar("Reading pictures") as bar:
        examples = plan.examples(learner, bar.move_to)
    order = order_of(plan, examples, split)
    trained = fit(order, out, plan.machine, _say, shows_bar=sys.stderr.isatty())
    if not is_first_process():
        return
    curves = draw_curves(out, plan.title_of(split))
    drawn = "" if curves is None else f"; curves in {printable(curves)}"
    typer.echo(
        f"{printable(out / WEIGHTS_NAME)}: {plan.variant.method} from "
        f"{trained.facts['started_from']}, {split.name}{drawn}."
    )


def _evaluate_one(plan: Plan, folder: Path) -> None:
    from facialis.training.evaluate import evaluate  # noqa: PLC0415

    _say(f"{plan.variant.method}, {plan.variant.name or _WHOLE}")
    with progress_bar("Reading pictures") as bar:
        results = evaluate(plan, folder, bar.say, progress=bar.move_to)
    for result in results:
        for sentence in result.sentences:
            typer.echo(sentence)
    if results:
        typer.echo(f"Tables and pictures are in {printable(folder)}.")


def _say(sentence: str) -> None:
    typer.echo(f"facialis: {sentence}", err=True)


for _name in methods.names():
    _title = methods.card(_name).title
    app.command(name=_name, help=f"Train {_name}: {_title}.")(_training_command(_name))
    evaluation.command(name=_name, help=f"Evaluate {_name}: {_title}.")(_evaluation_command(_name))
app.command(name="expressions")(train_expressions)
app.command(name="landmarks")(train_landmarks)
