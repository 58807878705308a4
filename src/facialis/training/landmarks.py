"""`facialis train landmarks`: the network that refines landmarks, also without some people each."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facialis.errors import InputError, InstallationError, printable
from facialis.progress import progress_bar
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from facialis.training.landmark_fit import RefinementSettings
    from facialis.training.landmark_lessons import Lessons


def train_landmarks(
    *,
    data: Annotated[
        list[str],
        typer.Option(
            "--data",
            metavar="MANIFEST",
            help="A cohort framed with --placed; may be given again, for invented people.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option("--out", metavar="DIR", help="The folder; what is there is gone on with."),
    ],
    folds: Annotated[
        int,
        typer.Option(
            "--folds", help="Train as many networks more, each without its share of the people."
        ),
    ] = 0,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="Train this one alone ('fold-1', ... or 'all'), the others by another call.",
        ),
    ] = None,
    without: Annotated[
        str,
        typer.Option(
            "--without",
            metavar="RESULTS",
            help="Leave out of 'all' the people whom this finished evaluation tests.",
        ),
    ] = "",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the faces.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is drawn by chance.")] = 0,
    bf16: Annotated[
        bool, typer.Option("--bf16", help="Compute in bfloat16: faster where a processor has it.")
    ] = False,
) -> None:
    """Train the network that refines landmarks on simulated faces; needs the extra 'train'.

    With --folds, 'facialis data refine --by DIR' can refine the landmarks of everybody by a
    network that has not learned from them.
    """
    from facialis.datasets.manifest_files import read_manifest  # noqa: PLC0415
    from facialis.regions.refinement import ALL  # noqa: PLC0415

    try:
        from facialis.training.landmark_fit import VERSION, RefinementSettings  # noqa: PLC0415
        from facialis.training.landmark_lessons import read_lessons  # noqa: PLC0415
    except ImportError as error:
        raise InstallationError(
            f"Training needs torch and onnx ({error}); pip install 'facialis[train]'."
        ) from error
    if folds < 0 or folds == 1:
        raise InputError("--folds", f"is {folds}", "give 0, or 2 and more")
    manifests = [read_manifest(each) for each in data]
    with progress_bar("Reading faces") as bar:
        lessons = read_lessons(manifests, bar.move_to)
    settings = RefinementSettings(epochs=epochs, seed=seed)
    folder, parts = Path(out), _parts(lessons, folds, seed)
    for name in only or ():
        if name not in {*parts, ALL}:
            known = ", ".join((*parts, ALL))
            raise InputError(name, "is no network of these folds", f"give {known}")
    tested = _tested_by(Path(without), lessons) if without else frozenset[str]()
    make_directory(folder)
    everybody = {person for people in lessons.people for person in people}
    asked = {
        "version": VERSION,
        "learned": {
            name: sorted(everybody - left_out) for name, left_out in {**parts, ALL: tested}.items()
        },
        "data": [each.digest for each in manifests],
        "landmarks": lessons.digest,
        "settings": asdict(settings) | {"bf16": bf16},
    }
    _claim(folder, asked)
    for name, left_out in {**parts, ALL: tested}.items():
        if only and name not in only:
            continue
        _train(lessons, left_out, settings, folder / f"{name}.onnx", half=bf16)


def _parts(lessons: Lessons, folds: int, seed: int) -> dict[str, frozenset[str]]:
    """Return whom each network of a fold does not learn from."""
    import numpy as np  # noqa: PLC0415

    people = sorted({person for each in lessons.people for person in each})
    if folds > len(people):
        raise InputError("--folds", f"is more than the {len(people)} people", "give fewer")
    order = np.random.default_rng(seed).permutation(len(people))
    return {
        f"fold-{fold + 1}": frozenset(people[i] for i in order[fold::folds])
        for fold in range(folds)
    }


def _tested_by(results: Path, lessons: Lessons) -> frozenset[str]:
    """Return everybody whom an evaluation tests, who must be among those to learn from."""
    from facialis.datasets.manifest import made_of  # noqa: PLC0415
    from facialis.evaluation.predictions import Predictions, prediction_files  # noqa: PLC0415
    from facialis.evaluation.result import FILE_NAME  # noqa: PLC0415

    if not (results / FILE_NAME).is_file():
        raise InputError(
            printable(results),
            "holds no finished evaluation",
            "give a folder of 'facialis evaluate', and let that end",
        )
    subjects = {
        each for file in prediction_files(results) for each in Predictions.load(file).subjects
    }
    tested = frozenset(person for each in subjects for person in made_of(each))
    if tested.isdisjoint({person for people in lessons.people for person in people}):
        raise InputError(
            printable(results), "tests none of these people", "give an evaluation of the same data"
        )
    return tested


def _claim(folder: Path, asked: dict[str, Any]) -> None:
    """Write down what is learned from whom, or find that it is the same already."""
    from facialis.regions.refinement import FOLDS_NAME  # noqa: PLC0415

    file, text = folder / FOLDS_NAME, json.dumps(asked, indent=1).encode() + b"\n"
    if file.is_file() and file.read_bytes() != text:
        raise InputError(
            printable(folder),
            "holds networks of another version, or of other folds, data or settings",
            "choose a new folder, or give the same",
        )
    replace_file(file, text)


def _train(
    lessons: Lessons,
    left_out: frozenset[str],
    settings: RefinementSettings,
    file: Path,
    *,
    half: bool,
) -> None:
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415

    from facialis.training.export import export  # noqa: PLC0415
    from facialis.training.landmark_fit import VERSION, fit_refinement  # noqa: PLC0415

    if file.is_file():
        typer.echo(f"{printable(file)} is there already.")
        return
    faces = np.flatnonzero([left_out.isdisjoint(people) for people in lessons.people])
    if len(faces) < settings.batch:
        raise InputError(
            "the data", f"leave {len(faces)} faces to learn from", f"give {settings.batch} or more"
        )
    with progress_bar(f"Training {file.stem}", settings.epochs) as bar:
        network = fit_refinement(
            lessons,
            faces,
            settings,
            checkpoint=file.with_suffix(".pt"),
            log=file.with_suffix(".csv"),
            after_epoch=lambda done, _loss: bar.move_to(done, settings.epochs),
            half=half,
        )
    shown = faces[:2]
    examples = {
        "eyes": lessons.eyes[shown].reshape(-1, *lessons.eyes.shape[2:]),
        "eye_points": lessons.eyes_found[shown].reshape(-1, *lessons.eyes_found.shape[2:]),
        "mouths": lessons.mouths[shown],
        "mouth_points": lessons.mouths_found[shown],
    }
    difference = export(
        network,
        {name: torch.from_numpy(each) for name, each in examples.items()},
        ("eye_offsets", "mouth_offsets"),
        file,
        described={"name": "landmark_refinement", "version": VERSION, "licence": "Apache-2.0"},
    )
    typer.echo(
        f"{printable(file)}: from {len(faces):,} faces; differs from torch by {difference:.0e}."
    )
