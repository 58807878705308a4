"""The MEEI facial palsy photo and video standard set.

Photographs lie in ``<Category>/<Severity><Category>/<Severity><Category>N/..._k.jpg`` and
``Normal/NormalN/``; k counts the movements of `MOVEMENTS`. There is one recording a person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.meei_records import (
    CATEGORIES,
    SEVERITIES,
    EfaceRecord,
    PatientInfo,
    Person,
    person_named,
    read_eface,
    read_patients,
)
from facialis.datasets.reading import Folder, files_below, folders, is_photo, is_video
from facialis.datasets.sample import Label, Sample
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MOVEMENTS: Final = (
    Movement.REST,
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.EYE_CLOSE_TIGHT,
    Movement.SMILE_CLOSED,
    Movement.SMILE,
    Movement.PUCKER,
    Movement.LOWER_TEETH,
)
"""What photograph k = 1 to 8 shows."""

_NUMBER = re.compile(r"[_ -](\d+)$")
_PATIENTS: Final = "pat_info"
_CLASSES: Final = (
    SEVERITIES[0],
    *(f"{word}{kind}" for kind in CATEGORIES for word in SEVERITIES[1:]),
)


class Meei(Folder):
    """The standard set; severities are eFACE words, not House-Brackmann grades.

    Args:
        root: The folder that holds ``Flaccid``, ``Synkinetic`` and ``Normal``, or one above it.
    """

    name = "meei"

    def _read(self) -> Iterator[Sample]:
        photos: dict[Person | None, list[Path]] = {}
        videos: dict[Person | None, list[Path]] = {}
        tables, records = [], []
        for path in files_below(self.root):
            if is_photo(path):
                photos.setdefault(self._person(path), []).append(path)
            elif is_video(path):
                videos.setdefault(self._person(path), []).append(path)
            elif path.suffix.lower() == ".xlsx" and path.stem.lower() == _PATIENTS:
                tables.append(path)
            elif path.suffix.lower() == ".json":
                records.append(path)
            else:
                self.note(Trouble.UNKNOWN_FILES, path)
        people = sorted(
            {each for each in (*photos, *videos) if each is not None},
            key=lambda each: (each.category, each.severity, each.number),
        )
        infos = self._patients(tables, people)
        efaces = self._records(records, people)
        for person in people:
            info = infos.get(person)
            yield from self._photographs(person, photos.get(person, []), info)
            for path in videos.get(person, []):
                yield self._recording(path, person, info, efaces.get(person))
        for path in (*photos.get(None, []), *videos.get(None, [])):
            self.note(Trouble.UNKNOWN_SUBJECT, path)
            yield Sample(path=path, subject="", source=self.name)
        found = {each.name.rstrip("0123456789") for each in photos if each is not None}
        for empty in (each for each in _CLASSES if each not in found):
            self._log.note(Trouble.EMPTY_CLASSES, empty)

    def _person(self, path: Path) -> Person | None:
        by_folder = self._folder_of(path)
        by_file = person_named(path.stem)
        if by_folder and by_file and by_folder[0] != by_file:
            self.note(Trouble.CONTRADICTIONS, path)
            return None
        return by_folder[0] if by_folder else by_file

    def _folder_of(self, path: Path) -> tuple[Person, Path] | None:
        """Return whose folder a file lies in, and that folder."""
        for folder in path.parents:
            if folder == self.root:
                return None
            person = person_named(folder.name)
            if person is not None:
                return person, folder
        return None

    def _photographs(
        self, person: Person, paths: Sequence[Path], info: PatientInfo | None
    ) -> Iterator[Sample]:
        places = {found[1] for path in paths if (found := self._folder_of(path))}
        for place in sorted(places)[1:]:
            self.note(Trouble.SUBJECT_IN_TWO_FOLDERS, place)
        shown = set()
        for path in paths:
            movement = _movement(path)
            shown.add(movement)
            if movement is None:
                self._log.note(Trouble.UNKNOWN_LABELS, f"{self.relative(path)}: number of movement")
            yield self._sample(path, person, info, movement=movement)
        for number, movement in enumerate(MOVEMENTS, start=1):
            if movement not in shown:
                self._log.note(Trouble.MISSING_IMAGES, f"{person.name}_{number}.jpg")

    def _recording(
        self, path: Path, person: Person, info: PatientInfo | None, eface: Eface | None
    ) -> Sample:
        if eface is None:
            return self._sample(path, person, info, video=path.stem)
        place, record = eface
        more = {f"eface_{name.lower()}": f"{score:g}" for name, score in record.scores.items()}
        for expression, (first, last) in record.intervals.items():
            more[f"seconds_{expression}"] = f"{first:g} {last:g}"
        return self._sample(path, person, info, video=path.stem, more=more, eface=place)

    def _sample(
        self,
        path: Path,
        person: Person,
        info: PatientInfo | None,
        *,
        movement: Movement | None = None,
        video: str = "",
        more: dict[str, str] | None = None,
        eface: Path | None = None,
    ) -> Sample:
        written = {"category": person.category or SEVERITIES[0], **(info.written if info else {})}
        return Sample(
            path=path,
            subject=f"meei/{person.name}",
            source=self.name,
            labels=(Label(Scale.EFACE_WORD, person.severity),),
            video=video,
            movement=movement,
            side=info.side if info else None,
            written={**written, **(more or {})},
            annotations={} if eface is None else {"eface": eface},
        )

    def _patients(
        self, tables: Iterable[Path], people: Sequence[Person]
    ) -> dict[Person, PatientInfo]:
        infos: dict[Person, PatientInfo] = {}
        for path in tables:
            try:
                found, strange = read_patients(path)
            except InputError:
                self.note(Trouble.UNREADABLE_LABELS, path)
                continue
            for line in strange:
                self._log.note(Trouble.UNKNOWN_LABELS, f"{self.relative(path)}: {line}")
            for person in set(found) - set(people):
                self._log.note(Trouble.LABELS_WITHOUT_IMAGES, person.name)
            infos |= found
        return infos

    def _records(self, paths: Iterable[Path], people: Sequence[Person]) -> dict[Person, Eface]:
        efaces: dict[Person, Eface] = {}
        for path in paths:
            try:
                records = read_eface(path)
            except InputError:
                self.note(Trouble.UNREADABLE_LABELS, path)
                continue
            for record in records:
                person = person_named(record.record)
                if person is None or person not in people:
                    self._log.note(Trouble.LABELS_WITHOUT_IMAGES, record.record)
                    continue
                for expression in record.reversed:
                    self._log.note(
                        Trouble.REVERSED_INTERVALS, f"{self.relative(path)}: {expression}"
                    )
                if person in efaces:
                    self._log.note(Trouble.REPEATED_LINES, f"{self.relative(path)}: {person.name}")
                efaces.setdefault(person, (path, record))
        return efaces


Eface = tuple["Path", EfaceRecord]


def recognises(root: Path) -> bool:
    """Return whether a folder looks like the standard set: a person's folder by name below it."""
    return _has_person(root, depth=4)


def _has_person(folder: Path, depth: int) -> bool:
    inside = folders(folder)
    if any(person_named(each.name) for each in inside):
        return True
    kinds = (*CATEGORIES, *SEVERITIES, "normals", "meei")
    likely = [each for each in inside if each.name.lower().startswith(tuple(map(str.lower, kinds)))]
    return depth > 1 and any(_has_person(each, depth - 1) for each in likely)


def _movement(path: Path) -> Movement | None:
    match = _NUMBER.search(path.stem)
    number = int(match[1]) if match else 0
    return MOVEMENTS[number - 1] if 1 <= number <= len(MOVEMENTS) else None
