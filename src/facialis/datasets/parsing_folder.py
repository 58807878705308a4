"""Face-parsing collections: CelebAMask-HQ, LaPa and HELEN.

Their masks become label maps by `classes.label_map`. None of the three says who is shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from facialis.datasets.classes import MASKS
from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, files_below, folders, is_photo, named_folders
from facialis.datasets.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CELEBA_IMAGES: Final = "CelebA-HQ-img"
_CELEBA_MASKS: Final = "CelebAMask-HQ-mask-anno"
_CELEBA_MASK = re.compile(r"(\d+)_([a-z_]+)")
_LAPA_PARTS: Final = {"train": "train", "val": "validation", "test": "test"}
_HELEN_MASK = re.compile(r"(.+)_lbl(\d\d)")
_HELEN_LISTS: Final = {"exemplars": "train", "tuning": "validation", "testing": "test"}


class CelebAMaskHq(Folder):
    """CelebAMask-HQ: ``CelebA-HQ-img/N.jpg``, ``CelebAMask-HQ-mask-anno/*/NNNNN_<part>.png``.

    A part that is hidden in a picture has no file, so missing parts are no finding.
    """

    name = "celebamask_hq"

    def _read(self) -> Iterator[Sample]:
        masks = self._masks()
        for place in named_folders(self.root, _CELEBA_IMAGES):
            for path in self.only_photos(place):
                number = int(path.stem) if path.stem.isascii() and path.stem.isdigit() else -1
                found = masks.pop(number, {})
                if not found:
                    self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
                yield Sample(path=path, subject="", source=self.name, annotations=found)
        for left in masks.values():
            for path in left.values():
                self.note(Trouble.LABELS_WITHOUT_IMAGES, path)

    def _masks(self) -> dict[int, dict[str, Path]]:
        masks: dict[int, dict[str, Path]] = {}
        for place in named_folders(self.root, _CELEBA_MASKS):
            for path in files_below(place):
                match = _CELEBA_MASK.fullmatch(path.stem) if path.suffix == ".png" else None
                if match is None or match[2] not in MASKS[self.name]:
                    self.note(Trouble.UNKNOWN_FILES, path)
                else:
                    masks.setdefault(int(match[1]), {})[f"mask:{match[2]}"] = path
        return masks


class LaPa(Folder):
    """LaPa: ``{train,val,test}/{images,labels,landmarks}``; a label is a PNG of numbers 0 to 10.

    ``written["part"]`` is the authors' split.
    """

    name = "lapa"

    def _read(self) -> Iterator[Sample]:
        for place in named_folders(self.root, *_LAPA_PARTS):
            labels = self._by_stem(place / "labels", ".png")
            landmarks = self._by_stem(place / "landmarks", ".txt")
            photos = self.only_photos(place / "images") if (place / "images").is_dir() else []
            if not photos:
                self.note(Trouble.EMPTY_CLASSES, place)
            for path in photos:
                mask, points = labels.pop(path.stem, None), landmarks.pop(path.stem, None)
                if mask is None:
                    self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
                found = {"mask": mask, "landmarks": points}
                yield Sample(
                    path=path,
                    subject="",
                    source=self.name,
                    written={"part": _LAPA_PARTS[place.name.lower()]},
                    annotations={kind: file for kind, file in found.items() if file is not None},
                )
            for left in (*labels.values(), *landmarks.values()):
                self.note(Trouble.LABELS_WITHOUT_IMAGES, left)

    def _by_stem(self, folder: Path, suffix: str) -> dict[str, Path]:
        found = {}
        for path in entries(folder) if folder.is_dir() else ():
            if path.suffix.lower() == suffix:
                found[path.stem] = path
            else:
                self.note(Trouble.UNKNOWN_FILES, path)
        return found


class Helen(Folder):
    """HELEN with the masks of Smith et al. 2013: ``images/*.jpg``, ``labels/*/*_lblNN.png``.

    Each class has a map of values 0 to 255. ``written["part"]`` is the authors' split, from
    ``exemplars.txt``, ``tuning.txt`` and ``testing.txt``.
    """

    name = "helen"

    def _read(self) -> Iterator[Sample]:
        parts = self._parts()
        masks = self._masks()
        for place in named_folders(self.root, "images"):
            for path in self.only_photos(place):
                found = masks.pop(path.stem, {})
                if len(found) < len(MASKS[self.name]):
                    kind = Trouble.MISSING_IMAGES if found else Trouble.IMAGES_WITHOUT_LABELS
                    self.note(kind, path)
                part = parts.pop(path.stem, "")
                yield Sample(
                    path=path,
                    subject="",
                    source=self.name,
                    written={"part": part} if part else {},
                    annotations=found,
                )
        for left in masks.values():
            for mask in left.values():
                self.note(Trouble.LABELS_WITHOUT_IMAGES, mask)
        for name in parts:
            self._log.note(Trouble.MISSING_IMAGES, name)

    def _parts(self) -> dict[str, str]:
        parts: dict[str, str] = {}
        for path in files_below(self.root):
            if path.suffix.lower() == ".txt" and path.stem.lower() in _HELEN_LISTS:
                for line in path.read_text("utf-8", "replace").splitlines():
                    name = line.rpartition(",")[2].strip()
                    if name:
                        parts[name] = _HELEN_LISTS[path.stem.lower()]
        return parts

    def _masks(self) -> dict[str, dict[str, Path]]:
        masks: dict[str, dict[str, Path]] = {}
        for place in named_folders(self.root, "labels"):
            for path in files_below(place):
                match = _HELEN_MASK.fullmatch(path.stem) if is_photo(path) else None
                if match is None or match[2] not in MASKS[self.name]:
                    self.note(Trouble.UNKNOWN_FILES, path)
                else:
                    masks.setdefault(match[1], {})[f"mask:{match[2]}"] = path
        return masks


def recognises_celebamask_hq(root: Path) -> bool:
    """Return whether a folder looks like CelebAMask-HQ."""
    return bool(named_folders(root, _CELEBA_IMAGES) and named_folders(root, _CELEBA_MASKS))


def recognises_lapa(root: Path) -> bool:
    """Return whether a folder looks like LaPa."""
    return any(
        (place / "images").is_dir() and (place / "labels").is_dir()
        for place in named_folders(root, *_LAPA_PARTS)
    )


def recognises_helen(root: Path) -> bool:
    """Return whether a folder looks like HELEN: the maps of a photograph in its own folder."""
    return bool(named_folders(root, "images")) and any(
        _HELEN_MASK.fullmatch(path.stem)
        for place in named_folders(root, "labels")
        for folder in folders(place)[:3]
        for path in entries(folder)
    )
