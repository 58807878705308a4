"""`facialis record`: a camera to a video that is assessed like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.options import CallError
from facialis.errors import OutputError, printable
from facialis.progress import progress_bar


def record(
    *,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE.mp4", help="To write.")],
    camera: Annotated[
        str, typer.Option("--camera", metavar="N", help="Number of the camera, 0 for the first.")
    ] = "0",
    seconds: Annotated[str, typer.Option("--seconds", metavar="S", help="How long.")] = "30",
) -> None:
    """Record a camera, to assess the file afterwards; nothing leaves this machine.

    Ctrl-C ends the recording early and keeps it.
    """
    lasting = options.number("--seconds", seconds, 1, 3600)
    source: int | str = int(camera) if camera.isdigit() else camera
    file = Path(out)
    if file.suffix.lower() != ".mp4":
        raise CallError(f"--out {printable(out)}: is no .mp4 file; name one.")
    if file.exists():
        raise OutputError(f"{printable(out)}: exists already; choose another name.")
    options.writable_folder(str(file.parent))
    load_native_libraries()

    from facialis.media.camera import record as record_camera

    with progress_bar("Recording") as bar:
        try:
            clip = record_camera(
                source,
                file,
                lasting,
                watch=lambda seen: bar.move_to(round(10 * seen.seconds), round(10 * lasting)),
            )
        except KeyboardInterrupt:
            if not file.exists():
                raise
            typer.echo(f"Stopped early; {printable(out)} keeps what was seen until then.")
            return
    typer.echo(
        f"Wrote {printable(out)}: {clip.seconds:.1f} s of {clip.width} x {clip.height}. "
        f"Assess it with 'facialis assess {printable(out)} --out DIR'."
    )
