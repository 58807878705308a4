"""Extended Cohn-Kanade (CK+): sequences from a neutral face to the peak of an expression.

``cohn-kanade-images/S005/001/S005_001_00000011.png``; ``Emotion``, ``FACS`` and ``Landmarks`` have
the same folders. CK+48 is a selection of frames near the peak, ``CK+48/<emotion>/*.png``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, files_below, folders, is_photo, named_folders
from facialis.datasets.sample import Label, Sample
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

EMOTIONS: Final = (
    "neutral",
    "anger",
    "contempt",
    "disgust",
    "fear",
    "happy",
    "sadness",
    "surprise",
)
"""What CK+'s number 0 to 7 means; from anger on also the folders of CK+48."""

RATE: Final = 30.0
"""Frames per second of the recordings (METHODS 3.1)."""

LANDMARKS: Final = 68
"""Points in a file of landmarks."""

_IMAGES: Final = ("cohn-kanade-images",)
_FRAME = re.compile(r"(S\d+)_(\d+)_(\d+)", re.IGNORECASE)
_CK48: Final = ("ck+48", "ckplus48", "ck48")


class CkPlus(Folder):
    """CK+ as it is given out.

    The emotion and the action units are those of the last frame of a sequence, which alone carries
    them; ``written["phase"]`` is ``neutral`` for the first frame and ``peak`` for the last. That
    its people are healthy the collection does not say, so it is no label.

    Args:
        root: The folder that holds ``cohn-kanade-images`` and its neighbours, or one above it.

    Raises:
        InputError: If the images are not there.
    """

    name = "ckplus"

    def __init__(self, root: Path) -> None:
        """Find the images."""
        super().__init__(root)
        images = named_folders(root, *_IMAGES, depth=3)
        if not images:
            raise InputError(
                root, "holds no folder cohn-kanade-images", "name the folder with the whole of CK+"
            )
        self._images = images

    def _read(self) -> Iterator[Sample]:
        emotions = self._texts("emotion", "emotion")
        facs = self._texts("facs", "facs")
        landmarks = self._texts("landmarks", "landmarks")
        seen: set[str] = set()
        for place in self._images:
            for sequence in self._sequences(place):
                for position, path in enumerate(sequence):
                    is_last = position == len(sequence) - 1
                    phase = "peak" if is_last else "neutral" if position == 0 else ""
                    seen.add(path.stem)
                    yield self._sample(path, phase, emotions, facs, landmarks)
        for texts in (emotions, facs, landmarks):
            for stem, path in texts.items():
                if stem not in seen:
                    self.note(Trouble.LABELS_WITHOUT_IMAGES, path)

    def _sequences(self, place: Path) -> Iterator[list[Path]]:
        sequences: dict[tuple[str, str], list[Path]] = {}
        for path in files_below(place):
            match = _FRAME.fullmatch(path.stem) if is_photo(path) else None
            if match is None:
                self.note(Trouble.UNKNOWN_FILES, path)
            else:
                sequences.setdefault((match[1].upper(), match[2]), []).append(path)
        for key in sorted(sequences):
            yield sorted(sequences[key], key=_frame)

    def _sample(
        self,
        path: Path,
        phase: str,
        emotions: dict[str, Path],
        facs: dict[str, Path],
        landmarks: dict[str, Path],
    ) -> Sample:
        subject, video, frame = _named(path)
        labels = self._emotion(emotions.get(path.stem))
        if phase == "peak" and not labels:
            self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
        written = {"phase": phase} if phase else {}
        if path.stem in facs:
            written |= self._action_units(facs[path.stem])
        annotations = {"facs": facs.get(path.stem), "landmarks": landmarks.get(path.stem)}
        return Sample(
            path=path,
            subject=subject,
            source=self.name,
            labels=labels,
            video=video,
            frame=frame,
            rate=RATE,
            written=written,
            annotations={kind: file for kind, file in annotations.items() if file is not None},
        )

    def _emotion(self, path: Path | None) -> tuple[Label, ...]:
        if path is None:
            return ()
        try:
            number = float(path.read_bytes().decode("ascii"))
        except (OSError, ValueError):
            self.note(Trouble.UNREADABLE_LABELS, path)
            return ()
        if not number.is_integer() or not 0 <= number < len(EMOTIONS):
            self._log.note(Trouble.UNKNOWN_LABELS, f"{self.relative(path)}: {number:g}")
            return ()
        return (Label(Scale.EMOTION, int(number)),)

    def _action_units(self, path: Path) -> dict[str, str]:
        """Return the lines of a FACS file as ``4 3; 12 0``."""
        try:
            lines = [line.split() for line in path.read_text("ascii").splitlines()]
            units = [" ".join(f"{float(each):g}" for each in line) for line in lines if line]
        except (OSError, ValueError):
            self.note(Trouble.UNREADABLE_LABELS, path)
            return {}
        return {"facs": "; ".join(units)}

    def _texts(self, folder: str, ending: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for place in named_folders(self.root, folder, f"{folder}_labels", depth=3):
            for path in files_below(place):
                stem, _, last = path.stem.rpartition("_")
                if path.suffix.lower() == ".txt" and last.lower() == ending:
                    found[stem] = path
                else:
                    self.note(Trouble.UNKNOWN_FILES, path)
        return found


class CkPlus48(Folder):
    """CK+48: three frames near the peak of each labelled sequence, 48 by 48 pixels.

    Subjects are those of CK+ (``ckplus/S010``), so that the two never count as different people.

    Args:
        root: The folder ``CK+48`` or one above it.
    """

    name = "ckplus48"

    def _read(self) -> Iterator[Sample]:
        for place in _ck48(self.root):
            present = set()
            for folder in entries(place):
                emotion = folder.name.lower()
                if emotion not in EMOTIONS or not folder.is_dir():
                    self.note(Trouble.UNKNOWN_FILES, folder)
                    continue
                for path in self.only_photos(folder):
                    if _FRAME.fullmatch(path.stem) is None:
                        self.note(Trouble.UNKNOWN_FILES, path)
                        continue
                    present.add(emotion)
                    subject, video, frame = _named(path)
                    yield Sample(
                        path=path,
                        subject=subject,
                        source=self.name,
                        labels=(Label(Scale.EMOTION, EMOTIONS.index(emotion)),),
                        video=video,
                        frame=frame,
                        rate=RATE,
                    )
            for empty in (each for each in EMOTIONS[1:] if each not in present):
                self._log.note(Trouble.EMPTY_CLASSES, empty)


def read_landmarks(path: Path) -> NDArray[np.float64]:
    """Return the landmarks of a frame, (68, 2) float64, pixels, x right and y down.

    Raises:
        InputError: If the file does not hold 68 lines of two numbers.
    """
    try:
        points = np.array([line.split() for line in path.read_text("ascii").splitlines() if line])
        numbers = points.astype(np.float64).reshape(LANDMARKS, 2)
    except (OSError, ValueError) as error:
        raise InputError(path, "does not hold 68 points", "copy it again from CK+") from error
    return numbers


def recognises(root: Path) -> bool:
    """Return whether a folder looks like CK+."""
    return bool(named_folders(root, *_IMAGES, depth=3))


def recognises_48(root: Path) -> bool:
    """Return whether a folder looks like CK+48."""
    return any(
        _FRAME.fullmatch(path.stem)
        for place in _ck48(root)
        for folder in folders(place)
        if folder.name.lower() in EMOTIONS
        for path in entries(folder)
    )


def _ck48(root: Path) -> list[Path]:
    return named_folders(root, *_CK48) or [root]


def _named(path: Path) -> tuple[str, str, int]:
    subject, video, frame = path.stem.split("_")
    return f"ckplus/{subject.upper()}", video, int(frame)


def _frame(path: Path) -> int:
    return _named(path)[2]
