"""Keep what a benchmark measured: as JSON that says where it ran, as tables in a page of docs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent

Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One command.

    Attributes:
        name: Name of the module and of the results file.
        page: Page of docs that its tables stand in.
        measure: Measures; given the folder of faces, or None where there is none.
        tables: Makes Markdown of what was measured.
        needs_faces: Whether it cannot do anything without the folder of faces.
    """

    name: str
    page: str
    measure: Callable[[Path | None], Results]
    tables: Callable[[Results], str]
    needs_faces: bool = True

    def run(self) -> None:
        """Read the command line, measure, and write results and tables."""
        options = self._options()
        out = Path(options.out)
        if not options.tables_only:
            faces = Path(options.faces) if options.faces else None
            if faces is None and self.needs_faces:
                raise SystemExit(f"{self.name}: no faces; give --faces, or set FACIALIS_DATA.")
            record = where() | {"benchmark": self.name}
            record["results"] = self.measure(faces)
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        record = json.loads(out.read_text(encoding="utf-8"))
        text = f"{self.tables(record['results'])}\n\n{_provenance(record)}"
        _put_between_markers(ROOT / "docs" / self.page, f"benchmarks/{self.name}.py", text)
        print(text)

    def _options(self) -> argparse.Namespace:
        data = os.environ.get("FACIALIS_DATA")
        parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{self.name}")
        parser.add_argument(
            "--faces",
            default=str(Path(data) / "faces") if data else None,
            help="folder that holds london/ and others; by default $FACIALIS_DATA/faces",
        )
        parser.add_argument(
            "--out",
            default=str(ROOT / "benchmarks" / "results" / f"{self.name}.json"),
            help="JSON file of the results",
        )
        parser.add_argument(
            "--tables-only", action="store_true", help="write the tables of an earlier run again"
        )
        return parser.parse_args()


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: bool = True) -> str:
    """Return a Markdown table; after the first column numbers, or text."""
    lines = [
        f"| {' | '.join(head)} |",
        f"|---|{('---:|' if numbers else '---|') * (len(head) - 1)}",
        *(f"| {' | '.join(map(str, row))} |" for row in rows),
    ]
    return "\n".join(lines)


def where() -> Results:
    """Return when, at which commit and on what machine something is measured."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "hardware": {
            "processor": _first_value("/proc/cpuinfo", "model name"),
            "cores": len(os.sched_getaffinity(0)),
            "memory_gib": round(int(_first_value("/proc/meminfo", "MemTotal").split()[0]) / 2**20),
        },
        "load_before": round(os.getloadavg()[0], 1),
        "real_time_priority": os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR),
    }


def _first_value(path: str, key: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def _commit() -> str:
    """Return the commit, with a plus sign if the package has been changed since."""
    git = shutil.which("git")
    if git is None:
        return "unknown"

    def ask(*words: str) -> str:
        answer = subprocess.run(
            [git, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return answer.stdout.strip()

    changed = ask("status", "--porcelain", "--", "src")
    return (ask("rev-parse", "--short=10", "HEAD") or "unknown") + ("+" if changed else "")


def _provenance(record: Results) -> str:
    machine = record["hardware"]
    alone = ", run at real-time priority" if record["real_time_priority"] else ""
    return (
        f"Measured {record['date']} at commit {record['commit']} by `python -m benchmarks."
        f"{record['benchmark']}` on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB; load {record['load_before']} before it started{alone}."
    )


def _put_between_markers(page: Path, name: str, text: str) -> None:
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{page.name} has no place for the tables: {begin} … {end}.")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
