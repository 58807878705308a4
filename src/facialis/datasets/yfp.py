"""YouTube Facial Palsy: frames in folders, the intensity of eyes and mouth in XML beside them.

Frames lie in ``Image`` to ``Image4`` as ``<folder>/<frame>.bmp`` (an unzipped copy may hold
``Image/Image``), labels in ``Image_large_XML/<folder>/<frame>.xml``. Most frames have none. Some
copies add ``Image5/<folder>/.../strong/*``, which is strong palsy by its place.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Intensity, Side
from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, files_below, folders, is_photo
from facialis.datasets.sample import Label, Sample
from facialis.datasets.tables import for_subject, read_grades, read_subjects
from facialis.datasets.yfp_labels import Annotation, read_annotation, side_of_pose
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from facialis.datasets.yfp_labels import PoseNames

RATE: Final = 6.0
"""Frames taken from a second of the recording."""

_FRAMES = re.compile(r"image\d*", re.IGNORECASE)
_LABELS: Final = "image_large_xml"
_SKIPPED: Final = frozenset({"eyes", "mouth"})
_STRONG: Final = "strong"


class Yfp(Folder):
    """The database as its authors give it to those who ask.

    The authors name recordings, not people: without a table of subjects every folder counts as a
    person, and a finding says so.

    Args:
        root: The folder that holds ``Image`` and ``Image_large_XML``.
        subjects: CSV table ``folder,subject``.
        grades: CSV table ``subject,grade[,rater]`` of House-Brackmann grades, which the database
            does not have.
        pose_names: Whose side ``pose`` names. Only when given does `Sample.side` get set.

    Raises:
        InputError: If there are no frames, or a table cannot be used.
    """

    name = "yfp"

    def __init__(
        self,
        root: Path,
        *,
        subjects: Path | None = None,
        grades: Path | None = None,
        pose_names: PoseNames | None = None,
    ) -> None:
        """Find the folders and read the tables."""
        super().__init__(root)
        self._frames, self._labels = _places(root)
        if not self._frames:
            raise InputError(
                root, "holds no frames of YFP", "name the folder with Image and Image_large_XML"
            )
        self._subjects = None if subjects is None else read_subjects(subjects)
        self._grades = {} if grades is None else read_grades(grades)
        self._pose_names = pose_names

    def _read(self) -> Iterator[Sample]:
        self._note_strays()
        places: dict[str, list[Path]] = {}
        for place in self._frames:
            for path in entries(place):
                if path.is_dir():
                    places.setdefault(path.name, []).append(path)
                else:
                    self.note(Trouble.UNKNOWN_FILES, path)
        people: set[str] = set()
        for folder in sorted(places, key=_number):
            for path in places[folder][1:]:
                self.note(Trouble.SUBJECT_IN_TWO_FOLDERS, path)
            people.add(self._subject(folder, places[folder][0]))
            yield from self._recording(folder, places[folder])
        for labelled in self._labelled_folders():
            if labelled.name not in places:
                for path in files_below(labelled):
                    self.note(Trouble.LABELS_WITHOUT_IMAGES, path)
        self._compare_grades(people - {""})

    def _subject(self, folder: str, path: Path) -> str:
        if self._subjects is None:
            self.note(Trouble.ASSUMED_SUBJECTS, path)
            return f"yfp/{folder}"
        if folder not in self._subjects:
            self.note(Trouble.UNKNOWN_SUBJECT, path)
            return ""
        return f"yfp/{self._subjects[folder]}"

    def _person(self, folder: str) -> str:
        known = folder if self._subjects is None else self._subjects.get(folder, "")
        return f"yfp/{known}" if known else ""

    def _compare_grades(self, people: set[str]) -> None:
        if not self._grades:
            return
        for subject in sorted(people):
            if for_subject(self._grades, subject) is None:
                self._log.note(Trouble.SUBJECT_WITHOUT_GRADE, subject)
        for subject in self._grades:
            if not {subject, f"yfp/{subject}"} & people:
                self._log.note(Trouble.GRADE_WITHOUT_SUBJECT, subject)

    def _recording(self, folder: str, places: list[Path]) -> Iterator[Sample]:
        annotations = self._annotations(folder)
        frames = [path for place in places for path in self._photos_below(place)]
        stems = Counter(path.stem for path in frames if path.parent in places)
        for path in frames:
            in_place = path.parent in places
            found = annotations.get(path.stem) if in_place else None
            if found is not None and stems[path.stem] > 1:
                self.note(Trouble.CONTRADICTIONS, path)
                found = None
            place = next(each for each in places if each in path.parents)
            inner = path.parent.relative_to(place).parts
            strong = _STRONG in (part.lower() for part in inner)
            yield self._sample(path, folder, inner, found and found[1], strong=strong)
        for stem, (path, _) in annotations.items():
            if stem not in stems:
                self.note(Trouble.LABELS_WITHOUT_IMAGES, path)

    def _photos_below(self, place: Path) -> Iterator[Path]:
        for path in files_below(place):
            if is_photo(path):
                yield path
            else:
                self.note(Trouble.UNKNOWN_FILES, path)

    def _sample(
        self,
        path: Path,
        folder: str,
        inner: tuple[str, ...],
        annotation: Annotation | None,
        *,
        strong: bool,
    ) -> Sample:
        subject = self._person(folder)
        labels, written = _labels(annotation)
        if strong:
            labels.append(Label(Scale.INTENSITY, Intensity.STRONG.value))
        if not labels:
            self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
        grade = for_subject(self._grades, subject)
        return Sample(
            path=path,
            subject=subject,
            source=self.name,
            labels=tuple([*labels, grade] if grade else labels),
            video="/".join((folder, *inner)),
            frame=int(path.stem) if path.stem.isascii() and path.stem.isdigit() else None,
            rate=RATE,
            side=self._side(written),
            written=written,
        )

    def _side(self, written: dict[str, str]) -> Side | None:
        if self._pose_names is None:
            return None
        return side_of_pose(written.get("pose", ""), self._pose_names)

    def _labelled_folders(self) -> list[Path]:
        return [
            folder
            for place in self._labels
            for folder in folders(place)
            if folder.name.lower() not in _SKIPPED
        ]

    def _annotations(self, folder: str) -> dict[str, tuple[Path, Annotation]]:
        found: dict[str, tuple[Path, Annotation]] = {}
        for place in self._labelled_folders():
            if place.name != folder:
                continue
            for path in entries(place):
                if path.is_dir() and path.name.lower() in _SKIPPED:
                    continue
                if path.suffix.lower() != ".xml" or path.is_dir():
                    self.note(Trouble.UNKNOWN_FILES, path)
                    continue
                annotation = self._annotation(path)
                if annotation is not None:
                    found[path.stem] = (path, annotation)
        return found

    def _annotation(self, path: Path) -> Annotation | None:
        try:
            annotation = read_annotation(path)
        except InputError:
            self.note(Trouble.UNREADABLE_LABELS, path)
            return None
        if not annotation.is_whole:
            self.note(Trouble.RECOVERED, path)
        for name in annotation.unknown:
            self._log.note(Trouble.UNKNOWN_LABELS, f"{self.relative(path)}: {name!r}")
        for zone in annotation.contradictory:
            self._log.note(Trouble.CONTRADICTIONS, f"{self.relative(path)}: {zone}")
        return annotation

    def _note_strays(self) -> None:
        known = {*self._frames, *self._labels}
        for path in entries(self.root):
            if path in known or any(path in each.parents for each in known):
                continue
            for stray in files_below(path) if path.is_dir() else [path]:
                self.note(Trouble.UNKNOWN_FILES, stray)


def recognises(root: Path) -> bool:
    """Return whether a folder looks like the database: frames in numbered folders, or the XML."""
    frames, labels = _places(root)
    has_bitmaps = any(
        path.suffix.lower() == ".bmp"
        for place in frames
        for folder in folders(place)[:3]
        for path in entries(folder)
    )
    return bool(frames) and (bool(labels) or has_bitmaps)


def _places(root: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders of frames and those of labels, inside doubled folders."""
    frames: list[Path] = []
    labels: list[Path] = []
    for path in folders(root):
        if path.name.lower() == _LABELS:
            labels.append(_innermost(path))
        elif _FRAMES.fullmatch(path.name):
            frames.append(_innermost(path))
    return frames, labels


def _innermost(folder: Path) -> Path:
    inside = [each for each in folders(folder) if each.name.lower().startswith("image")]
    return _innermost(inside[0]) if len(inside) == 1 else folder


def _labels(annotation: Annotation | None) -> tuple[list[Label], dict[str, str]]:
    if annotation is None:
        return [], {}
    labels = []
    written: dict[str, str] = {}
    for region in annotation.regions:
        labels.append(Label(Scale.INTENSITY, region.intensity.value, zone=region.zone))
        if region.pose:
            written[f"pose_{region.zone}"] = region.pose
        if region.box:
            written[f"box_{region.zone}"] = " ".join(map(str, region.box))
    poses = {region.pose for region in annotation.regions}
    if len(poses) == 1 and "" not in poses:
        written["pose"] = poses.pop()
    return labels, written


def _number(name: str) -> tuple[bool, int, str]:
    is_number = name.isascii() and name.isdigit()
    return (not is_number, int(name) if is_number else 0, name)
