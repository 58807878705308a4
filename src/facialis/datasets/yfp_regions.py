"""The re-distributed derivative of YFP: crops of eye, brow and mouth, sorted by severity.

``Eye|Eyebrow|Mouth/<Mild|Moderate|Moderate severe|Severe> eye/10_M_eye59.jpg`` is a crop of subject
10. Copies that were turned, shifted or made noisy lie beside their originals with a prefix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, folders
from facialis.datasets.sample import Label, Sample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

ZONES: Final = {"eye": "eyes", "eyebrow": "eyebrow", "mouth": "mouth"}
"""Folder, in lower case, and the zone of the label."""

_CLASS = re.compile(r"(mild|moderate severe|moderate|severe)\b.*", re.IGNORECASE)
_SEVERITIES: Final = ("mild", "moderate", "moderate severe", "severe")
_COPY = re.compile(r"(?:(?:rotated|translated|noisy)(?:_minus)?_*)+(?=.)", re.IGNORECASE)
_SUBJECT = re.compile(r"(\d+)_")


class YfpRegions(Folder):
    """The derivative; whose scale its words are is not stated.

    Subjects are those of YFP (``yfp/10``), so that the two never count as different people.
    An augmented copy has `Sample.parent`: drop it before splitting.
    """

    name = "yfp_regions"

    def _read(self) -> Iterator[Sample]:
        for place in entries(self.root):
            zone = ZONES.get(place.name.lower())
            if zone is None or not place.is_dir():
                self.note(Trouble.UNKNOWN_FILES, place)
                continue
            present = set()
            for folder in entries(place):
                match = _CLASS.fullmatch(_spaced(folder.name)) if folder.is_dir() else None
                if match is None:
                    self.note(Trouble.UNKNOWN_FILES, folder)
                    continue
                samples = list(self._class(folder, zone, match[1].lower()))
                if samples:
                    present.add(match[1].lower())
                yield from samples
            for empty in (each for each in _SEVERITIES if each not in present):
                self._log.note(Trouble.EMPTY_CLASSES, f"{place.name}: {empty}")

    def _class(self, folder: Path, zone: str, word: str) -> Iterator[Sample]:
        paths = self.only_photos(folder)
        stems = {path.stem for path in paths}
        for path in paths:
            original = original_stem(path.stem, stems)
            parent = ""
            if original:
                found = [each for each in paths if each.stem == original]
                parent = self.relative(found[0] if found else path.with_stem(original))
                if not found:
                    self.note(Trouble.ORPHANED_COPIES, path)
            subject = _SUBJECT.match(original or path.stem)
            if subject is None:
                self.note(Trouble.UNKNOWN_SUBJECT, path)
            yield Sample(
                path=path,
                subject=f"yfp/{int(subject[1])}" if subject else "",
                source=self.name,
                labels=(Label(Scale.WORD, word, zone=zone),),
                parent=parent,
            )


def original_stem(stem: str, stems: Collection[str]) -> str:
    """Return the stem of the image that an augmented copy was made from; empty if it is none.

    Args:
        stem: Name of a file without suffix, such as ``rotated_minus10_M_eye59``.
        stems: Those of all images in the folder.
    """
    prefix = _COPY.match(stem)
    if prefix is None:
        return ""
    rest = stem[prefix.end() :]
    kept = [each for each in stems if rest.endswith(each) and not _COPY.match(each)]
    return max(kept, key=len, default=rest)


def recognises(root: Path) -> bool:
    """Return whether a folder looks like the derivative: a class of severity in a zone's folder."""
    return any(
        _CLASS.fullmatch(_spaced(folder.name))
        for place in folders(root)
        if place.name.lower() in ZONES
        for folder in folders(place)
    )


def _spaced(name: str) -> str:
    return re.sub(r"[ _-]+", " ", name.lower()).replace("moderately", "moderate")
