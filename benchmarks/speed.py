"""How long an assessment takes, against bare MediaPipe on the same decoded photograph."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from mediapipe.python.solutions.face_mesh import FaceMesh
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import facialis
from benchmarks.photographs import ASTRONAUT, Pixels, enlarged, london, pixels_of, started
from benchmarks.record import Benchmark, Results, table
from facialis.grading.combined import FUSION
from facialis.grading.method_answers import METHODS
from facialis.media.photo import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TARGET_RATIO: Final = 2.5
TARGET_START_S: Final = 3.0
TARGET_ALL_MS: Final = 300.0
TARGET_FUSION_MS: Final = 30.0

PAIRS: Final = 60
STARTS: Final = 5
TWELVE_MEGAPIXELS: Final = (4000, 3000)

STAGES: Final = {
    "find_faces": "landmarks, both orientations",
    "head_pose": "head pose",
    "expression_scores": "52 expression scores",
    "judge_quality": "quality gate",
    "measure_sides": "measures (twice: reported, and compared)",
    "measure_table": "units and uncertainty",
    "fold_measure": "nasolabial fold",
    "verdict": "verdict",
    "answers": "methods",
    "crop_around": "part of the picture for reports",
    "FaceRecord": "checked record of the face",
    "Assessment": "checked record of the assessment",
}
"""What `facialis.assess` calls, by name in its module."""

LIBRARY: Final = """
import sys, time
begin = time.perf_counter()
import facialis
facialis.assess
imported = time.perf_counter()
facialis.assess(sys.argv[1])
print(imported - begin, time.perf_counter() - imported)
"""


def measure(faces: Path | None) -> Results:
    """Time the library, its stages, its start and the command line."""
    photograph, name = _photograph(faces)
    started()
    pixels = pixels_of(photograph)
    large = enlarged(pixels, *TWELVE_MEGAPIXELS)
    with FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True) as mesh:
        pairs = {f"{p.shape[1]} × {p.shape[0]}": _against(mesh, p) for p in (pixels, large)}
    return {
        "data": name,
        "pairs": pairs,
        "stages": _stages(Frame.from_array(pixels)),
        "methods": _methods(Frame.from_array(pixels)),
        "install_mb": _installed(),
        "start": _starts(photograph),
    }


def _photograph(faces: Path | None) -> tuple[Path, str]:
    if faces is None:
        return ASTRONAUT, "the astronaut portrait (NASA, public domain)"
    return london(faces)[0].neutral, "one neutral photograph of the London set"


def _against(mesh: FaceMesh, pixels: Pixels) -> Results:
    """Time assess and bare MediaPipe in turns, so that whatever else runs hits both alike."""
    frame = Frame.from_array(pixels)
    facialis.assess(frame, methods=())
    mesh.process(pixels)
    ours, bare = [], []
    for _ in range(PAIRS):
        bare.append(_milliseconds(lambda: mesh.process(pixels)))
        ours.append(_milliseconds(lambda: facialis.assess(frame, methods=())))
    return {
        "pairs": PAIRS,
        "assess_ms": _quartiles(ours),
        "mediapipe_ms": _quartiles(bare),
        "ratio_of_medians": round(statistics.median(ours) / statistics.median(bare), 2),
        "ratios": _quartiles([a / b for a, b in zip(ours, bare, strict=True)]),
        "ratio_of_fastest": round(min(ours) / min(bare), 2),
    }


def _milliseconds(run: Callable[[], object]) -> float:
    begin = perf_counter()
    run()
    return 1000 * (perf_counter() - begin)


def _quartiles(values: list[float]) -> list[float]:
    return [round(v, 2) for v in statistics.quantiles(values, n=4)]


@dataclass
class _Clock:
    """Time spent in each stage itself, without the stages that it calls."""

    spent: dict[str, list[float]] = field(default_factory=dict)
    inner: list[float] = field(default_factory=list)

    def timed(self, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        """Return `run`, which then adds to the time of `name`."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.inner.append(0.0)
            begin = perf_counter()
            value = run(*args, **kwargs)
            whole = perf_counter() - begin
            own = whole - self.inner.pop()
            if self.inner:
                self.inner[-1] += whole
            self.spent.setdefault(name, []).append(1000 * own)
            return value

        return wrapped


@contextmanager
def _clocked(clock: _Clock) -> Iterator[None]:
    module = sys.modules["facialis.assess"]
    timed = {name: clock.timed(name, getattr(module, name)) for name in STAGES}
    with ExitStack() as patches:
        for name, run in timed.items():
            patches.enter_context(mock.patch.object(module, name, run))
        yield


def _stages(frame: Frame) -> Results:
    """Return milliseconds of each stage: its share of the mean, in one call."""
    clock = _Clock()
    whole = clock.timed("whole", facialis.assess)
    gc.collect()
    with _clocked(clock):
        for _ in range(PAIRS):
            whole(frame)
    own = {name: sum(clock.spent.get(name, [])) / PAIRS for name in (*STAGES, "whole")}
    return {name: round(ms, 2) for name, ms in own.items()}


def _methods(frame: Frame) -> Results:
    """Time assess with no method, with the fusion and with all of them, in turns."""
    asked = {"none": (), FUSION: (FUSION,), "all": METHODS}
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for methods in asked.values():
        facialis.assess(frame, methods=methods)
    for _ in range(PAIRS):
        for name, methods in asked.items():
            spent[name].append(_milliseconds(partial(facialis.assess, frame, methods=methods)))
    return {name: _quartiles(values) for name, values in spent.items()}


def _installed() -> Results:
    """Return the megabytes of Facialis' own files, and of all that it needs to run."""
    needed, sizes = ["facialis"], {}
    while needed:
        name = needed.pop()
        if name in sizes:
            continue
        found = distribution(name)
        sizes[name] = sum(_size(file) for file in found.files or ())
        for line in found.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed.append(canonicalize_name(requirement.name))
    own = sum(_size(file) for file in Path(facialis.__file__).parent.rglob("*"))
    return {
        "facialis": round(own / 1e6, 1),
        "what it needs": round((sum(sizes.values()) - sizes["facialis"]) / 1e6, 1),
        "packages": len(sizes) - 1,
    }


def _size(file: Any) -> int:
    path = Path(file.locate()) if hasattr(file, "locate") else file
    skipped = path.suffix == ".pyc" or not path.is_file()
    return 0 if skipped else path.stat().st_size


def _starts(photograph: Path) -> Results:
    """Time fresh processes: an empty one, the library, the command line with reports."""
    library = [sys.executable, "-c", LIBRARY, str(photograph)]
    parts = [[float(v) for v in _seconds(library)[1].split()] for _ in range(STARTS)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "facialis", "assess", str(photograph), "--out", folder]
        reports = [*command, "--format", "json,html,pdf,csv"]
        one_line = [
            sys.executable,
            "-c",
            "import sys, facialis; facialis.assess(sys.argv[1])",
            str(photograph),
        ]
        return {
            "processes": STARTS,
            "empty_python_s": _repeated([sys.executable, "-c", ""]),
            "library_s": _repeated(one_line),
            "command_json_s": _repeated([*command, "--format", "json"]),
            "command_reports_s": _repeated(reports),
            "importing_s": round(statistics.median(p[0] for p in parts), 2),
            "first_assess_s": round(statistics.median(p[1] for p in parts), 2),
        }


def _repeated(command: list[str]) -> list[float]:
    return _quartiles([_seconds(command)[0] for _ in range(STARTS)])


def _seconds(command: list[str]) -> tuple[float, str]:
    begin = perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return perf_counter() - begin, done.stdout


def tables(results: Results) -> str:
    """Return the tables of the page."""
    start = results["start"]
    ratios = [pair["ratio_of_medians"] for pair in results["pairs"].values()]
    return "\n\n".join(
        (
            f"Data: {results['data']}; the larger picture is the same one enlarged. Bare "
            "MediaPipe is Face Mesh with one face, refined landmarks, static images. Both run in "
            "turns in one process on the decoded picture; medians, quartiles in brackets.",
            table(
                ("picture", "`facialis.assess` without methods, ms", "bare MediaPipe, ms", "ratio"),
                (
                    (
                        size,
                        _with_quartiles(pair["assess_ms"]),
                        _with_quartiles(pair["mediapipe_ms"]),
                        f"{pair['ratio_of_medians']:.2f}",
                    )
                    for size, pair in results["pairs"].items()
                ),
            ),
            f"Target: at most {TARGET_RATIO} times bare MediaPipe: "
            f"{_verdict(max(ratios) <= TARGET_RATIO)}.",
            "Where the time goes at the first of these sizes, mean of one call:",
            table(
                ("stage", "ms"),
                (
                    *((name, f"{results['stages'][key]:.2f}") for key, name in STAGES.items()),
                    ("everything else", f"{results['stages']['whole']:.2f}"),
                ),
            ),
            "With the methods, at the first of these sizes, in turns:",
            table(
                ("methods asked", "ms"),
                ((name, _with_quartiles(ms)) for name, ms in results["methods"].items()),
            ),
            f"Targets: norms and fusion at most {TARGET_FUSION_MS:.0f} ms: "
            f"{_verdict(results['methods'][FUSION][1] <= TARGET_FUSION_MS)}; all at most "
            f"{TARGET_ALL_MS:.0f} ms: "
            f"{_verdict(results['methods']['all'][1] <= TARGET_ALL_MS)}.",
            "Installed: {facialis} MB of Facialis, {what it needs} MB of the {packages} packages "
            "that it needs (compiled Python files not counted).".format_map(results["install_mb"]),
            f"Fresh processes, wall time in seconds, median of {start['processes']}:",
            table(
                ("process", "s"),
                (
                    ("Python that does nothing", _with_quartiles(start["empty_python_s"])),
                    ("`facialis.assess(path)`", _with_quartiles(start["library_s"])),
                    ("of it importing", f"{start['importing_s']:.2f}"),
                    ("of it the first assessment", f"{start['first_assess_s']:.2f}"),
                    ("`facialis assess`, JSON only", _with_quartiles(start["command_json_s"])),
                    (
                        "`facialis assess` with HTML, PDF, pictures",
                        _with_quartiles(start["command_reports_s"]),
                    ),
                ),
            ),
            f"Target: at most {TARGET_START_S:.0f} s from start to first result: "
            f"{_verdict(start['library_s'][1] <= TARGET_START_S)}.",
        )
    )


def _with_quartiles(values: list[float]) -> str:
    low, middle, high = (f"{v:.3g}" for v in values)
    return f"{middle} ({low} to {high})"


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


if __name__ == "__main__":
    Benchmark("speed", "speed.md", measure, tables, needs_faces=False).run()
