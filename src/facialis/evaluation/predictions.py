"""What a method answered on the test of one split, with what is true, as one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.report.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from facialis.methods.tasks import Task

FOLDER: Final = "predictions"
_AGAIN: Final = "answer the split's test again"
_WORDS: Final = ("names", "subjects", "sources")
_NUMBERS: Final = "biuf"


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Answers to the tested rows of one split.

    Attributes:
        names: Rows of the manifest (n); of a sequence, its first.
        subjects: The person of each (n).
        sources: The collection of each (n).
        truth: By key, what is true of each (n, ...): class numbers, or label maps (n, H, W).
        answers: By key, what was answered to each (n, ...): probabilities (n, K), or label maps.
        split: Name of the split.

    Raises:
        InputError: There is nothing, a name is there twice, or an array has another length or
            holds something that is no finite number.
    """

    names: tuple[str, ...]
    subjects: tuple[str, ...]
    sources: tuple[str, ...]
    truth: Mapping[str, NDArray[Any]]
    answers: Mapping[str, NDArray[Any]]
    split: str

    def __post_init__(self) -> None:
        """Check lengths, names and numbers."""
        title = f"predictions of {self.split}"
        if not self.names:
            raise InputError(title, "hold no row", "test at least one")
        if len(set(self.names)) != len(self.names):
            raise InputError(title, "hold a row twice", "answer each tested row once")
        columns = {
            "subjects": self.subjects,
            "sources": self.sources,
            **{f"truth {key}": each for key, each in self.truth.items()},
            **{f"answers {key}": each for key, each in self.answers.items()},
        }
        for key, column in columns.items():
            if len(column) != len(self.names):
                problem = f"hold {len(self.names)} rows, and {len(column)} of '{key}'"
                raise InputError(title, problem, "give one entry a row")
            if isinstance(column, np.ndarray) and not _is_finite(column):
                problem = f"hold something in '{key}' that is no finite number"
                raise InputError(title, problem, "give numbers")

    def of(self, tasks: Iterable[Task]) -> Predictions:
        """Return the truth of some tasks and the answers to them, without all others."""
        wanted = tuple(tasks)
        return replace(
            self,
            truth={each.truth: self.truth[each.truth] for each in wanted},
            answers={each.predicted: self.answers[each.predicted] for each in wanted},
        )

    def save(self, file: Path) -> None:
        """Write a compressed ``.npz`` that holds no Python objects, whole or not at all.

        Raises:
            OutputError: The file cannot be written.
        """
        words = {key: np.array(getattr(self, key), dtype=np.str_) for key in _WORDS}
        arrays: dict[str, NDArray[Any]] = {
            **words,
            "split": np.array(self.split, dtype=np.str_),
            **{f"truth/{key}": each for key, each in self.truth.items()},
            **{f"answers/{key}": each for key, each in self.answers.items()},
        }
        stream = io.BytesIO()
        np.savez_compressed(stream, **arrays)
        replace_file(file, stream.getvalue())

    @classmethod
    def load(cls, file: str | PathLike[str]) -> Predictions:
        """Return what `save` wrote.

        Raises:
            InputError: The file is missing or damaged, or is something else.
        """
        try:
            with np.load(io.BytesIO(Path(file).read_bytes()), allow_pickle=False) as found:
                arrays = {key: found[key] for key in found.files}
            words = {key: tuple(str(each) for each in arrays[key]) for key in _WORDS}
            split = str(arrays["split"])
        except FileNotFoundError as error:
            raise InputError(file, "is not there", _AGAIN) from error
        except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError) as error:
            raise InputError(file, f"holds no predictions ({error})", _AGAIN) from error
        except zipfile.BadZipFile as error:
            raise InputError(file, f"is damaged ({error})", _AGAIN) from error
        return cls(
            **words,
            truth=_under("truth/", arrays),
            answers=_under("answers/", arrays),
            split=split,
        )


def _under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(prefix): a for key, a in arrays.items() if key.startswith(prefix)}


def _is_finite(array: NDArray[Any]) -> bool:
    return array.dtype.kind in _NUMBERS and bool(np.isfinite(array).all())


def prediction_files(evaluation: Path, prefix: str = "") -> list[Path]:
    """Return the files of an evaluation's folder, one a split.

    Args:
        evaluation: The folder.
        prefix: ``also-1-`` for the answers to the first data set of ``--also``.
    """
    return sorted((evaluation / FOLDER).glob(f"{prefix}[0-9]*.npz"))
