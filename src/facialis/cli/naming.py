"""Where each photograph's results go: one folder a face, named after the photograph.

The names depend only on the set of photographs in the call, never on their order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from facialis.cli.options import Format

RECORD = "assessment.json"
"""File that holds everything of an assessment; written last, so its presence means finished."""

OVERLAY = "overlay.png"
"""File that shows the landmarks."""

REPORTS = {Format.HTML: "report.html", Format.PDF: "report.pdf"}
"""Files that people read."""

TABLES = {
    Format.CSV: "summary.csv",
    Format.XLSX: "summary.xlsx",
    Format.PARQUET: "summary.parquet",
}
"""Files beside the folders of the faces, with one row a face."""

LOG = "facialis.log"
"""File in the folder of results that unexpected errors are logged to."""

_RESERVED = frozenset({*TABLES.values(), LOG})
_LONGEST_NAME_BYTES = 160
_SHORT_HASH = 8
_UNSAFE = re.compile(r'[<>:"/\\|?*]')


def folder_names(photographs: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the result folder of every photograph.

    A stem that only one photograph has is its name. Photographs whose stems are equal, also when
    only the case of their letters or their Unicode form differs, all get the start of their own
    sha256 appended; copies of one file are numbered in the order of their paths.

    Args:
        photographs: sha256 of each photograph's bytes by its path as given or found.
    """
    stems = {path: _safe(Path(path).stem) for path in photographs}
    uses = Counter(_key(stem) for stem in stems.values())
    plain = {key for key, count in uses.items() if count == 1}
    names: dict[str, str] = {}
    taken = {_key(name) for name in _RESERVED} | plain
    for path in sorted(photographs, key=lambda each: (photographs[each], each)):
        stem = stems[path]
        if _keeps_its_stem(path, stem, plain):
            names[path] = stem
            continue
        names[path] = _free_name(stem, photographs[path], taken)
        taken.add(_key(names[path]))
    return names


def face_folder(name: str, face: int, *, of_all: bool) -> str:
    """Return the folder of one face: the photograph's own, or with ``-faceN`` for a further face.

    Args:
        name: Folder of the photograph.
        face: Number of the face, 0 is the largest.
        of_all: Whether all faces of the photograph are assessed.
    """
    return f"{name}-face{face}" if of_all and face > 0 else name


def _keeps_its_stem(path: str, stem: str, plain: set[str]) -> bool:
    key = _key(stem)
    looks_like_a_further_face = re.fullmatch(r"(.+)-face\d+", key)
    is_ambiguous = looks_like_a_further_face and looks_like_a_further_face[1] in plain
    is_changed = stem != Path(path).stem
    return key in plain and key not in _RESERVED and not is_ambiguous and not is_changed


def _free_name(stem: str, sha256: str, taken: set[str]) -> str:
    first = f"{stem}-{sha256[:_SHORT_HASH]}"
    name, number = first, 1
    while _key(name) in taken:
        number += 1
        name = f"{first}-{number}"
    return name


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _safe(stem: str) -> str:
    text = stem.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = "".join(c if c.isprintable() and c != "\N{REPLACEMENT CHARACTER}" else "_" for c in text)
    text = _UNSAFE.sub("_", text).strip(" .")
    while len(text.encode()) > _LONGEST_NAME_BYTES:
        text = text[:-1]
    return text or "photograph"
