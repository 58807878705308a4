"""Errors that a user can act on: each says what was wrong with which input, and what to do."""

from __future__ import annotations


class FacialisError(Exception):
    """Base of every error that Facialis raises on purpose."""


class InputError(FacialisError):
    """An input cannot be used.

    Args:
        name: The input as the user named it.
        problem: What is wrong with it, as a clause without a full stop.
        remedy: What to do about it, as an imperative clause without a full stop.
    """

    def __init__(self, name: object, problem: str, remedy: str) -> None:
        """Build the one sentence that names the input, the problem and the remedy."""
        self.name = printable(name)
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{self.name}: {problem}; {remedy}.")


class NoFaceError(InputError):
    """No face was found in a picture that could be read."""


class OutputError(FacialisError):
    """A result cannot be written where the user asked."""


class WeightsError(FacialisError):
    """A weights file is missing, damaged or cannot be fetched."""


class InstallationError(FacialisError):
    """An optional package or a system library is missing."""


def printable(name: object) -> str:
    r"""Return a name as one printable line: control characters and stray bytes are escaped.

    A newline becomes ``\n`` and a byte that is not UTF-8 becomes ``\xNN``, so that a strange file
    name can neither break a table nor forge a second line of output.
    """
    try:
        octets = str(name).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = str(name).encode("utf-8", "backslashreplace")
    text = octets.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def check_within(name: str, value: int, least: int, most: int) -> None:
    """Refuse a number that is out of range.

    Raises:
        InputError: It is.
    """
    if not least <= value <= most:
        raise InputError(name, f"is {value}", f"give a number from {least} to {most}")


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun (``1,200 people``), of which an s makes several by default."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
