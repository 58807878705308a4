"""The commands ``facialis calibrate`` and ``calibrate-sides``.

They join the command line through entry points.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facialis.errors import printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.grading.cuts import Measured

Data = Annotated[
    str,
    typer.Option(
        "--data", metavar="MANIFEST", help="Folder with a manifest of 'facialis data frame'."
    ),
]
Out = Annotated[str, typer.Option("--out", metavar="FILE", help="The JSON file to write.")]


def calibrate(
    results: Annotated[
        str,
        typer.Argument(
            metavar="RESULTS",
            help="Folder of a finished 'facialis evaluate' of a light form.",
        ),
    ],
    *,
    data: Data,
    out: Out,
    graded: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="RESULTS",
            help="Of multimodal_fusion-light: an evaluation of fp_vggface-light, joined as well.",
        ),
    ] = None,
    unstated: Annotated[
        bool,
        typer.Option(
            "--unstated",
            help="Of multimodal_fusion-light: for photographs of which nobody says the movement.",
        ),
    ] = False,
) -> None:
    """Fit what 'facialis assess' makes of a light form's answers; needs the extra 'train'.

    Of multimodal_fusion-light: the rule that joins it with the norms. Of a form that grades, or
    tells levels of sequences: those that are left open; of examinations by how many movements they
    have. An evaluation's answers are of people that the network had not seen, and what was fitted
    is tested on people that it was not fitted on.
    """
    from facialis.datasets.manifest_files import read_manifest  # noqa: PLC0415
    from facialis.grading.combined import Rule  # noqa: PLC0415
    from facialis.grading.cuts import ClassCuts  # noqa: PLC0415
    from facialis.training.calibrate import calibrated, write_table  # noqa: PLC0415

    with progress_bar("Comparing with healthy faces") as bar:
        also = None if graded is None else Path(graded)
        rule = calibrated(
            Path(results), read_manifest(data), bar.move_to, graded=also, stated=not unstated
        )
    write_table(asdict(rule), Path(out))
    _say(rule.measured)
    if isinstance(rule, Rule):
        count, what = rule.pictures, "pictures"
    elif isinstance(rule, ClassCuts):
        count, what = rule.examples, "examples"
    else:
        count, what = rule.examinations, "examinations"
    typer.echo(f"{printable(out)}: fitted on {count:,} {what} of {rule.people} people.")


def calibrate_sides(*, data: Data, out: Out) -> None:
    """Fit what tells the side of a lesion in each movement; needs the extra 'train'.

    Reads a simulated cohort with landmarks, all movements. How often the side is right is measured
    on people who took no part in the fit.
    """
    from facialis.datasets.manifest_files import read_manifest  # noqa: PLC0415
    from facialis.training.calibrate import write_table  # noqa: PLC0415
    from facialis.training.side_fit import fitted, lesioned  # noqa: PLC0415

    manifest = read_manifest(data)
    with progress_bar("Comparing with healthy faces") as bar:
        pictures = lesioned(manifest, bar.move_to)
    table, measured = fitted(pictures, f"{manifest.title}, manifest {manifest.digest[:12]}")
    write_table(table, Path(out))
    _say(measured)
    typer.echo(f"{printable(out)}: {len(table['movements'])} movements; {table['note']}")


def _say(measured: Mapping[str, Measured]) -> None:
    for name, (value, low, high) in measured.items():
        typer.echo(f"{name}: {value:.3f} (95% interval {low:.3f} to {high:.3f})")
