"""The typeface of the reports, shipped with the package, and one with more scripts."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

REGULAR: Final = _FOLDER / "OpenSans-Regular.ttf"
SEMIBOLD: Final = _FOLDER / "OpenSans-Semibold.ttf"
BOLD: Final = _FOLDER / "OpenSans-Bold.ttf"


def wide_coverage() -> Path | None:
    """Return a font with Greek, Cyrillic, Arabic and more (DejaVu Sans), or None if absent.

    It lies in the data of matplotlib, which is not imported for it.
    """
    found = find_spec("matplotlib")
    folders = (found.submodule_search_locations or ()) if found else ()
    for folder in folders:
        font = Path(folder) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if font.is_file():
            return font
    return None
