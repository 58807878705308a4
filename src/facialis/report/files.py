"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from facialis.errors import OutputError, printable

if TYPE_CHECKING:
    from pathlib import Path


def make_directory(directory: Path) -> None:
    """Make a directory and its parents.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(_sentence(directory, error)) from error


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that at every moment either the old or the whole new one is there.

    Raises:
        OutputError: The file cannot be written; the old one, if any, is untouched.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(_sentence(path, error)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sentence(path: Path, error: OSError) -> str:
    problem = (error.strerror or type(error).__name__).lower()
    return (
        f"{printable(path)}: cannot be written ({problem}); "
        "choose a folder that is writable and has room."
    )
