"""Running the command line, in this process and in one of its own."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facialis.cli import main
from facialis.cli.options import Format


@dataclass(frozen=True)
class Result:
    """What a call gave."""

    status: int
    out: str
    err: str

    @property
    def sentences(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Call the command line in this process."""

    def run(*words: object) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        captured = capfd.readouterr()
        return Result(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the command line in a process and a session of its own."""

    def run(*words: object, pythonpath: Path | None = None) -> subprocess.Popen[str]:
        environment = dict(os.environ)
        if pythonpath is not None:
            before = environment.get("PYTHONPATH")
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(pythonpath), before]))
        return subprocess.Popen(
            [sys.executable, "-m", "facialis", *map(str, words)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509
        )

    return run


def _heed_interrupts() -> None:
    """Undo what a shell does to the processes that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def photographs(tmp_path: Path, portrait: Path) -> Callable[..., list[Path]]:
    """Make photographs of the given names, each a little different from the others."""

    def make(*names: str) -> list[Path]:
        made = []
        picture = np.asarray(Image.open(portrait).convert("RGB"))
        for number, name in enumerate(names):
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            changed = picture.copy()
            changed[-1, -1] = number
            Image.fromarray(changed).save(path, "PNG", compress_level=1)
            made.append(path)
        return made

    return make


@pytest.fixture
def two_faces(tmp_path: Path, portrait: Path) -> Path:
    """A photograph of a large and a smaller face."""
    face = Image.open(portrait).convert("RGB").crop((70, 0, 390, 330))
    canvas = Image.new("RGB", (700, 400), (120, 130, 140))
    canvas.paste(face, (10, 10))
    canvas.paste(face.resize((224, 231)), (420, 80))
    path = tmp_path / "two.png"
    canvas.save(path)
    return path


def summary(out: Path) -> list[dict[str, str]]:
    """Return the rows of a summary."""
    with (out / "summary.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(name="summary")
def _summary() -> Callable[[Path], list[dict[str, str]]]:
    return summary


@pytest.fixture(scope="session")
def assessed(tmp_path_factory: pytest.TempPathFactory, portrait: Path) -> Path:
    """The results of one call in a process of its own, to look at but not to touch."""
    folder = tmp_path_factory.mktemp("assessed")
    shutil.copy(portrait, folder / "anna.jpg")
    words = ["assess", "anna.jpg", "--out", "out", "--movement", "smile", "--age", "41"]
    words += ["--format", ",".join(Format)]
    result = subprocess.run(
        [sys.executable, "-m", "facialis", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "stdout").write_text(result.stdout)
    (folder / "stderr").write_text(result.stderr)
    (folder / "status").write_text(str(result.returncode))
    return folder
