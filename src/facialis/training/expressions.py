"""`facialis train expressions`: distil the expression scores from MediaPipe's own model."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from facialis.errors import InstallationError

HELD_OUT_PEOPLE: Final = 15

Faces = Annotated[
    Path,
    typer.Option("--faces", metavar="DIR", help="Folder of face sets (london, composite, ...)."),
]
TeacherFile = Annotated[
    Path,
    typer.Option(
        "--teacher",
        metavar="FILE",
        help="MediaPipe's face_landmarker.task; 'facialis weights get face_landmarker' fetches it.",
    ),
]
IctFile = Annotated[
    Path, typer.Option("--ict", metavar="FILE", help="ICT-FaceKit's head model as one NPZ.")
]
OutFile = Annotated[Path, typer.Option("--out", metavar="FILE", help="ONNX file to write.")]
Work = Annotated[
    Path | None,
    typer.Option(
        "--work",
        metavar="DIR",
        help="Labelled faces, checkpoint and log; by default OUT with '.training' in its place. "
        "What is there is gone on with.",
    ),
]
Clips = Annotated[
    Path | None,
    typer.Option("--clips", metavar="DIR", help="Videos of faces, for the evaluation only."),
]


def train_expressions(  # noqa: PLR0917 - options of a command, always named
    faces: Faces,
    teacher: TeacherFile,
    ict: IctFile,
    out: OutFile,
    work: Work = None,
    clips: Clips = None,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn by chance.")] = 0,
    samples: Annotated[int, typer.Option(min=1000, help="Faces to invent and learn on.")] = 600_000,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over them.")] = 40,
) -> None:
    """Train the network of the expression scores, write it as ONNX and print its evaluation."""
    try:
        from facialis.training import distillation, evaluate_expressions  # noqa: PLC0415
        from facialis.training.face_pool import read_faces  # noqa: PLC0415
        from facialis.training.head_model import read_head_model  # noqa: PLC0415
        from facialis.training.teacher import ExpressionTeacher  # noqa: PLC0415
    except ImportError as error:
        raise InstallationError(
            f"Training needs torch and onnx ({error}); pip install 'facialis[train]'."
        ) from error
    model = ExpressionTeacher(teacher)
    head = read_head_model(ict)
    pool = read_faces(faces)
    known, held_out = pool.split(HELD_OUT_PEOPLE, seed)
    folder = out.with_suffix(".training") if work is None else work
    started = time.monotonic()
    distillation.distil(
        known, head, model, out=out, folder=folder, seed=seed, samples=samples, epochs=epochs
    )
    minutes = (time.monotonic() - started) / 60
    results = evaluate_expressions.evaluate(
        out, model, held_out, head, seed=seed, clips=clips, faces=faces, bundle=teacher
    )
    content = out.read_bytes()
    typer.echo(f"{out}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    typer.echo(f"{minutes:.1f} minutes; held out: {', '.join(sorted(set(held_out.people)))}")
    typer.echo(results)


if __name__ == "__main__":
    typer.run(train_expressions)
