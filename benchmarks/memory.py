"""The most memory that a fresh process holds while it assesses one large photograph."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import cv2

from benchmarks.photographs import ASTRONAUT, Pixels, enlarged, london, pixels_of
from benchmarks.record import Benchmark, Results, table

TARGETS_MIB: Final = {"12": 700, "100": 1024}

SIZES: Final = {"12": (4032, 3024), "100": (11547, 8661)}
FORMATS: Final[dict[str, tuple[str, list[int]]]] = {
    "JPEG": (".jpg", [cv2.IMWRITE_JPEG_QUALITY, 92]),
    "progressive JPEG": (
        ".jpg",
        [cv2.IMWRITE_JPEG_QUALITY, 92, cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    ),
    "PNG": (".png", [cv2.IMWRITE_PNG_COMPRESSION, 1]),
}

# A child inherits its parent's peak in getrusage, but not in its own status.
PEAK: Final = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
"""
LIBRARY: Final = PEAK + "import sys, facialis; facialis.assess(sys.argv[1]); print(peak())"
COMMAND: Final = (
    PEAK
    + """
import sys
from facialis.cli import main
photograph, out = sys.argv[1:]
sys.argv[1:] = ["assess", photograph, "--out", out, "--format", "json,html,pdf,csv"]
try:
    main()
finally:
    print(peak())
"""
)


def measure(faces: Path | None) -> Results:
    """Write large photographs and let fresh processes assess them."""
    source = ASTRONAUT if faces is None else london(faces)[0].neutral
    pixels = pixels_of(source)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for megapixels, (width, height) in SIZES.items():
            large = enlarged(pixels, width, height)
            for name, (ending, options) in FORMATS.items():
                path = Path(folder) / f"photograph{ending}"
                _write(path, large, options)
                rows.append(
                    {
                        "format": name,
                        "width": width,
                        "height": height,
                        "megapixels": megapixels,
                        "library_mib": _peak_mib(LIBRARY, str(path)),
                        "command_mib": _peak_mib(COMMAND, str(path), str(Path(folder) / "out")),
                    }
                )
    kind = "the astronaut portrait" if faces is None else "one photograph of the London set"
    return {"data": f"{kind}, enlarged", "rows": rows, "small_mib": _peak_mib(LIBRARY, str(source))}


def _write(path: Path, pixels: Pixels, options: list[int]) -> None:
    bgr: Any = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    assert cv2.imwrite(str(path), bgr, options)


def _peak_mib(program: str, *words: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program, *words], check=True, capture_output=True, text=True
    )
    return round(int(done.stdout.split()[-1]) / 1024)


def tables(results: Results) -> str:
    """Return the tables of the page."""
    rows = results["rows"]
    judged = [
        f"{size} megapixels, at most {limit} MiB: "
        + ("met" if _worst(rows, size) <= limit else f"**missed ({_worst(rows, size)} MiB)**")
        for size, limit in TARGETS_MIB.items()
    ]
    return "\n\n".join(
        (
            f"Data: {results['data']}. Peak resident memory of a fresh process, MiB; the "
            f"photograph as it is needs {results['small_mib']}.",
            table(
                ("photograph", "pixels", "`facialis.assess`", "`facialis assess` with reports"),
                (
                    (
                        f"{row['megapixels']} megapixels, {row['format']}",
                        f"{row['width']} × {row['height']}",
                        row["library_mib"],
                        row["command_mib"],
                    )
                    for row in rows
                ),
            ),
            f"Targets: {'; '.join(judged)}.",
        )
    )


def _worst(rows: list[Results], megapixels: str) -> int:
    peaks = [(r["library_mib"], r["command_mib"]) for r in rows if r["megapixels"] == megapixels]
    return max(int(mib) for both in peaks for mib in both)


if __name__ == "__main__":
    Benchmark("memory", "speed.md", measure, tables, needs_faces=False).run()
