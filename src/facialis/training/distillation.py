"""From real faces and a teacher to the shipped network of the expression scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from facialis.errors import InputError
from facialis.training.export import export
from facialis.training.expression_fit import FitSettings, fit
from facialis.training.face_sampler import FaceSampler
from facialis.training.labelled_faces import PIECE, label, read_labelled

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.training.face_pool import FacePool
    from facialis.training.head_model import HeadModel
    from facialis.training.teacher import Teacher

VERSION: Final = "1.0.0"


def distil(
    pool: FacePool,
    head: HeadModel | None,
    teacher: Teacher,
    *,
    out: Path,
    folder: Path,
    seed: int = 0,
    samples: int = 600_000,
    epochs: int = 40,
    width: int = 256,
) -> float:
    """Invent faces, label them, fit the network, and write it as ONNX.

    Everything that took time is kept in `folder`; called again with the same settings it goes on
    from there.

    Args:
        pool: People to learn on.
        head: Head model for further expressions, or None.
        teacher: Source of scores.
        out: ONNX file to write.
        folder: Labelled faces, checkpoint and log.
        seed: Of everything that is drawn by chance.
        samples: Faces to learn on.
        epochs: Passes over them.
        width: Units of a layer.

    Returns:
        The largest relative difference between torch's and onnxruntime's logits.

    Raises:
        InputError: The output cannot be written where it was asked.
    """
    _make(folder)
    _make(out.parent)
    piece = min(PIECE, samples)
    with _progress() as progress:
        task = progress.add_task("faces", total=samples)
        made = label(
            FaceSampler(pool, head), teacher, folder, count=samples, seed=seed, piece=piece
        )
        for ready in made:
            progress.update(task, completed=min(ready, samples))
        points, logits = (
            torch.from_numpy(a) for a in read_labelled(folder, count=samples, piece=piece)
        )
        task = progress.add_task("epochs", total=epochs)

        def after_epoch(done: int, loss: float) -> None:
            progress.update(task, completed=done, description=f"epochs, loss {loss:.4f}")

        network = fit(
            points,
            logits,
            FitSettings(epochs=epochs, width=width, seed=seed),
            checkpoint=folder / "checkpoint.pt",
            log=folder / "log.csv",
            after_epoch=after_epoch,
        )
    described = {"name": "expressions", "version": VERSION, "licence": "Apache-2.0"}
    return export(network.folded(), {"points": points[:64]}, ("logits",), out, described=described)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            folder, f"cannot be made ({error.strerror})", "choose a folder you can write to"
        ) from error


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))
