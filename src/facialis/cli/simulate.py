"""`facialis simulate`: palsy on photographs of healthy people, with known truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.options import CallError
from facialis.clinical.anatomy import Movement, Side
from facialis.errors import OutputError, counted, printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from facialis.simulation.lesion import Lesion

app = typer.Typer(
    help="Simulate palsy on photographs of healthy people, with known truth.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Neutral = Annotated[
    str, typer.Argument(metavar="NEUTRAL", help="Photograph of a healthy person at rest.")
]
Expressive = Annotated[
    str | None,
    typer.Argument(
        metavar="[EXPRESSIVE]", help="The same person smiling; smiles are composed of both."
    ),
]
SideName = Annotated[
    str,
    typer.Option("--side", metavar="SIDE", help="The weak side, the person's own: left, right."),
]
Grade = Annotated[
    str, typer.Option("--grade", metavar="N", help="House-Brackmann grade, 1 (healthy) to 6.")
]
FormName = Annotated[
    str, typer.Option("--form", metavar="FORM", help="flaccid, or synkinetic after regrowth.")
]
Central = Annotated[
    bool, typer.Option("--central", help="A central lesion, which spares the forehead.")
]
Size = Annotated[
    str, typer.Option("--size", metavar="PX", help="Longest side of the result, pixels.")
]
Seed = Annotated[str, typer.Option("--seed", metavar="N", help="Of everything drawn by chance.")]
CohortFolder = Annotated[
    str, typer.Option("--out", metavar="DIR", help="A new folder, or the same unfinished one.")
]
Jobs = Annotated[str, typer.Option("--jobs", metavar="N", help="Processes; they change no byte.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace results that are already there.")
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The lesion of a call."""

    lesion: Lesion | None
    grade: int


@app.command()
def photo(
    *,
    neutral: Neutral,
    expressive: Expressive = None,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE.png", help="To write.")],
    side: SideName = "left",
    grade: Grade = "4",
    form: FormName = "flaccid",
    central: Central = False,
    movement: Annotated[
        str,
        typer.Option("--movement", metavar="NAME", help=f"One of {', '.join(Movement)}."),
    ] = "smile",
    effort: Annotated[
        str, typer.Option("--effort", metavar="SHARE", help="How hard it is tried, 0 to 1.")
    ] = "1",
    size: Size = "1600",
    overwrite: Overwrite = False,
) -> None:
    """Simulate one photograph; FILE.json beside it holds the truth."""
    asked = _asked(side, grade, form, central=central)
    attempted = Movement(options.chosen("--movement", movement, Movement))
    tried = options.number("--effort", effort, 0, 1)
    longest = options.whole_number("--size", size, 64, 4096)
    file = _new_file(out, (".png",), [neutral, expressive], overwrite=overwrite)
    load_native_libraries()

    from facialis.simulation.one_off import photograph, sat, write_picture

    sitter, made_from = sat(neutral, expressive, longest)
    composite, truth = photograph(
        sitter,
        lesion=asked.lesion,
        grade=asked.grade,
        movement=attempted,
        effort=tried,
        subject=Path(neutral).stem,
        made_from=made_from,
    )
    write_picture(file, composite.pixels, truth)
    height, width = composite.pixels.shape[:2]
    typer.echo(f"Wrote {printable(file)} ({width} x {height}) and {printable(_beside(file))}.")


@app.command()
def video(
    *,
    neutral: Neutral,
    expressive: Expressive = None,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE.mp4", help="To write.")],
    side: SideName = "left",
    grade: Grade = "4",
    form: FormName = "flaccid",
    central: Central = False,
    movements: Annotated[
        str,
        typer.Option(
            "--movements",
            metavar="NAMES",
            help="Movements in order, with commas, or 'all' for the whole examination.",
        ),
    ] = "smile",
    seconds: Annotated[
        str, typer.Option("--seconds", metavar="S", help="That each movement takes.")
    ] = "3",
    rate: Annotated[str, typer.Option("--rate", metavar="FPS", help="Frames per second.")] = "25",
    size: Size = "512",
    seed: Seed = "0",
    overwrite: Overwrite = False,
) -> None:
    """Simulate a video; FILE.csv beside it holds the truth of each frame, FILE.json the lesion."""
    asked = _asked(side, grade, form, central=central)
    words = list(Movement) if movements.strip().lower() == "all" else movements.split(",")
    attempted = [Movement(options.chosen("--movements", word, Movement)) for word in words]
    each = options.number("--seconds", seconds, 1, 60)
    frames_per_second = options.whole_number("--rate", rate, 5, 120)
    longest = options.whole_number("--size", size, 64, 2048)
    drawn = options.whole_number("--seed", seed, 0, 2**31)
    file = _new_file(out, (".mp4",), [neutral, expressive], overwrite=overwrite)
    load_native_libraries()

    from facialis.simulation.one_off import film, sat
    from facialis.simulation.recording import Script

    sitter, made_from = sat(neutral, expressive, longest)
    script = Script(attempted, each, frames_per_second, asked.lesion, asked.grade, drawn)
    with progress_bar("Simulating frames") as bar:
        film(sitter, script, Path(neutral).stem, file, made_from, progress=bar.move_to)
    typer.echo(
        f"Wrote {printable(file)} ({script.frames} frames at {frames_per_second} a second), "
        f"{printable(file.with_suffix('.csv'))} and {printable(_beside(file))}."
    )


@app.command()
def cohort(
    *,
    faces: Annotated[
        str,
        typer.Option(
            "--faces",
            metavar="DIR",
            help=(
                "Folder of <person>_neutral.jpg and, best, <person>_smile.jpg; .tem files of "
                "hand-placed points and subjects.csv are read if they are there."
            ),
        ),
    ],
    out: CohortFolder,
    per_subject: Annotated[
        str, typer.Option("--per-subject", metavar="N", help="Pictures, or runs of frames, each.")
    ] = "60",
    seed: Seed = "0",
    jobs: Jobs = "2",
    size: Annotated[str, typer.Option("--size", metavar="PX", help="Side of a picture.")] = "256",
    frames: Annotated[
        str,
        typer.Option("--frames", metavar="N", help="Frames of a run; 1 for photographs."),
    ] = "1",
    rate: Annotated[
        str, typer.Option("--rate", metavar="FPS", help="Frames per second of a run.")
    ] = "6",
    crosses: Annotated[
        str,
        typer.Option(
            "--crosses",
            metavar="N",
            help=(
                "Show invented people instead, N for each person: the skin of one on the shape of "
                "another; to learn from as well, with --more."
            ),
        ),
    ] = "0",
) -> None:
    """Simulate a whole cohort: pictures, masks, depth, landmarks, truth and a manifest.

    A run that was stopped goes on where it stopped if the same command is given again.
    """
    processes = options.jobs(jobs)
    pictures = options.whole_number("--per-subject", per_subject, 1, 10_000)
    drawn = options.whole_number("--seed", seed, 0, 2**31)
    side = options.whole_number("--size", size, 64, 1024)
    run = options.whole_number("--frames", frames, 1, 1000)
    frames_per_second = options.number("--rate", rate, 0.5, 240)
    invented = options.whole_number("--crosses", crosses, 0, 1000)
    load_native_libraries()

    from facialis.simulation.cohort import Cohort, build_cohort
    from facialis.simulation.plan import Plan

    plan = Plan(pictures, drawn, run, frames_per_second)
    asked = Cohort(Path(faces), plan, side, invented)
    with progress_bar("Simulating people") as bar:
        manifest = build_cohort(asked, Path(out), jobs=processes, progress=bar.move_to)
    people = len({row.subject for row in manifest.rows})
    kind = "invented people" if invented else "people"
    typer.echo(
        f"Wrote {len(manifest.rows)} pictures of {people} {kind} to {printable(out)}; "
        f"look at contact-sheet.jpg and CARD.md there. Manifest {manifest.digest[:16]}."
    )


@app.command()
def heads(
    *,
    model: Annotated[
        str,
        typer.Option(
            "--model", metavar="FILE.npz", help="The ICT head: ict_facekit_light_f16.npz."
        ),
    ],
    out: CohortFolder,
    count: Annotated[
        str, typer.Option("--heads", metavar="N", help="How many heads are drawn.")
    ] = "320",
    cases: Annotated[
        str,
        typer.Option(
            "--cases", metavar="N", help="Lesions of each; of each a picture of every movement."
        ),
    ] = "1",
    seed: Seed = "0",
    jobs: Jobs = "2",
) -> None:
    """Render palsies of invented heads, no photographs: to learn from beside a cohort.

    A run that was stopped goes on where it stopped if the same command is given again.
    """
    processes = options.jobs(jobs)
    drawn = options.whole_number("--heads", count, 1, 9_999)
    lesions = options.whole_number("--cases", cases, 1, 1_000)
    chance = options.whole_number("--seed", seed, 0, 2**31)
    load_native_libraries()

    from facialis.simulation.head_cohort import HeadCohort, build_head_cohort

    asked = HeadCohort(Path(model), drawn, lesions, chance)
    with progress_bar("Rendering heads") as bar:
        manifest = build_head_cohort(asked, Path(out), jobs=processes, progress=bar.move_to)
    typer.echo(
        f"Wrote {len(manifest.rows)} pictures of {counted(drawn, 'head')} to {printable(out)}; "
        f"look at contact-sheet.jpg and CARD.md there. Manifest {manifest.digest[:16]}."
    )


def _asked(side: str, grade: str, form: str, *, central: bool) -> _Asked:
    from facialis.simulation.lesion import Form, standard_lesion
    from facialis.simulation.scoring import house_brackmann

    weak = Side(options.chosen("--side", side, Side))
    number = options.whole_number("--grade", grade, 1, 6)
    shape = Form(options.chosen("--form", form, Form))
    if number == 1:
        return _Asked(None, 1)
    lesion = standard_lesion(number, weak, shape, central=central)
    return _Asked(lesion, house_brackmann(lesion))


def _new_file(
    words: str, suffixes: tuple[str, ...], inputs: list[str | None], *, overwrite: bool
) -> Path:
    file = Path(words)
    if file.suffix.lower() not in suffixes:
        wanted = " or ".join(suffixes)
        raise CallError(f"--out {printable(words)}: is no {wanted} file; name one.")
    if any(given is not None and Path(given).resolve() == file.resolve() for given in inputs):
        raise CallError(f"--out {printable(words)}: is an input; choose another name.")
    if file.exists() and not overwrite:
        raise OutputError(
            f"{printable(words)}: is already there; choose another name or add --overwrite."
        )
    options.writable_folder(str(file.parent))
    return file


def _beside(file: Path) -> Path:
    return file.with_suffix(".json")
