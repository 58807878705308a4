"""The commands about a finished run: ``facialis export`` and ``explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.errors import InputError, printable
from facialis.progress import progress_bar
from facialis.training.commands import Data  # noqa: TC001 - read when it runs


def export(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Folder of a finished 'facialis train', or its weights.pt."
        ),
    ],
    *,
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="The ONNX file to write.")],
    half: Annotated[
        bool, typer.Option("--half", help="Keep the weights in half precision: half the size.")
    ] = False,
    int8: Annotated[
        str,
        typer.Option(
            "--int8",
            metavar="MANIFEST",
            help="Compute in 8-bit numbers, a quarter of the size and faster; the data of the run.",
        ),
    ] = "",
) -> None:
    """Write a trained network as ONNX; needs the extra 'train'.

    The file needs no torch. It is written only if onnxruntime computes what torch does, with
    weights in half precision to 1 in 50. In 8-bit numbers, whose scales are set on people that the
    run learned from, at least 9 of 10 answers must stay the same on people that it did not.
    """
    from facialis.datasets.manifest_files import read_manifest  # noqa: PLC0415
    from facialis.training.export_run import (  # noqa: PLC0415
        export_run,
        export_run_in_8_bits,
    )

    if half and int8:
        raise InputError("--half", "is of no use with --int8", "leave one of them out")
    if int8:
        with progress_bar("Reading pictures") as bar:
            found = export_run_in_8_bits(Path(run), Path(out), read_manifest(int8), bar.move_to)
    else:
        found = export_run(Path(run), Path(out), half=half)
    inputs, outputs = ", ".join(found.inputs), ", ".join(found.outputs)
    typer.echo(
        f"{printable(out)}: {found.method}, {found.size:,} bytes, from {inputs} to {outputs}; "
        f"differs from torch by {found.difference:.0e} at most{', before 8 bits' if int8 else ''}."
    )
    for each in found.parities:
        typer.echo(
            f"{each.task}: {each.same:.1%} of answers stay the same in 8-bit numbers "
            f"({each.examples} examples of {found.people} people that it did not learn from)."
        )


def explain(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Folder of a finished run of multimodal_fusion, or its weights.pt."
        ),
    ],
    *,
    data: Data,
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder for the pictures.")],
    rows: Annotated[
        list[str] | None,
        typer.Option("--row", metavar="NAME", help="A picture by its name; may be given again."),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", min=1, help="How many, if none are named: the worst answers.")
    ] = 12,
) -> None:
    """Draw what moved a trained fusion: landmarks, scores, pixels; needs the extra 'train'.

    Red speaks for palsy, blue against it. Without --row it shows the worst answers on people that
    the run has not learned from. 'facialis assess' tells the same of the network that comes with
    Facialis.
    """
    from facialis.datasets.manifest_files import read_manifest  # noqa: PLC0415
    from facialis.training.explain_run import FILE_NAME, explain_run  # noqa: PLC0415

    with progress_bar("Reading pictures") as bar:
        found = explain_run(
            Path(run),
            read_manifest(data),
            Path(out),
            rows=rows or (),
            count=count,
            progress=bar.move_to,
        )
    for each in found:
        typer.echo(f"{printable(each.row)}: label {each.truth}, answered palsy {each.palsy:.2f}")
    pictures = "1 picture" if len(found) == 1 else f"{len(found)} pictures"
    typer.echo(f"{pictures} and {FILE_NAME} are in {printable(out)}.")
