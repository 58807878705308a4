"""Labels and annotations as one readable cell of a table, exactly and back.

``house_brackmann=4;intensity[eyes]=slight;sunnybrook@"Dr. A; B"=61.5``: scale, zone in brackets,
rater after ``@``, value. A whole number is an int, a number with a point or an exponent a float;
a word that would read as something else stands in quotes, as JSON writes them.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from facialis.clinical.scales import Scale
from facialis.datasets.sample import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BARE = r"[^\s;=@\[\]\"](?:[^;=@\[\]\"\n\r\t]*[^\s;=@\[\]\"])?"
_WORD = rf'{_BARE}|"(?:[^"\\]|\\.)*"'
_ENTRY = re.compile(
    rf"(?P<key>{_WORD})(?:\[(?P<zone>{_WORD})\])?(?:@(?P<rater>{_WORD}))?=(?P<value>{_WORD})(?:;|$)"
)
_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")


def labels_text(labels: Iterable[Label]) -> str:
    """Return labels as one cell.

    Raises:
        ValueError: If a value is neither a finite number nor a word.
    """
    return ";".join(_label_text(each) for each in labels)


def read_labels(text: str) -> tuple[Label, ...]:
    """Return the labels of a cell that `labels_text` wrote.

    Raises:
        ValueError: If the cell cannot be read, or names a scale that does not exist.
    """
    return tuple(
        Label(Scale(key), _value(value), zone=_plain(zone), rater=_plain(rater))
        for key, zone, rater, value in _entries(text)
    )


def paths_text(paths: Mapping[str, str]) -> str:
    """Return named paths (``mask=masks/1.png;depth=…``) as one cell, sorted by name."""
    return ";".join(f"{_word(kind)}={_word(path)}" for kind, path in sorted(paths.items()))


def read_paths(text: str) -> dict[str, str]:
    """Return the named paths of a cell that `paths_text` wrote.

    Raises:
        ValueError: If the cell cannot be read, or names something twice.
    """
    found: dict[str, str] = {}
    for key, zone, rater, value in _entries(text):
        kind = _plain(key)
        if zone or rater or kind in found:
            raise ValueError(f"{text!r} is not a list of different names and paths")
        found[kind] = _plain(value)
    return found


def _label_text(label: Label) -> str:
    zone = f"[{_word(label.zone)}]" if label.zone else ""
    rater = f"@{_word(label.rater)}" if label.rater else ""
    return f"{label.scale.value}{zone}{rater}={_value_text(label.value)}"


def _value_text(value: float | str) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if _NUMBER.fullmatch(value) else _word(value)
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"a label's value is {value!r}, neither a finite number nor a word")
    return str(int(value)) if isinstance(value, int) else repr(float(value))


def _value(text: str) -> int | float | str:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else _plain(text)


def _word(text: str) -> str:
    return text if re.fullmatch(_BARE, text) else json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text


def _entries(text: str) -> list[tuple[str, str, str, str]]:
    found, start = [], 0
    while start < len(text):
        entry = _ENTRY.match(text, start)
        if entry is None:
            raise ValueError(f"{text[start:]!r} does not read as name=value")
        found.append((entry["key"], entry["zone"] or "", entry["rater"] or "", entry["value"]))
        start = entry.end()
    return found
