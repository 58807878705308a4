"""Facialis measures facial palsy in photographs.

    >>> import facialis
    >>> assessment = facialis.assess("photo.jpg")  # doctest: +SKIP

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facialis.assess import assess, assess_all
    from facialis.assess_examination import assess_examination
    from facialis.report.examination import Examination
    from facialis.report.model import Assessment

__version__ = "0.1.0"

__all__ = [
    "Assessment",
    "Examination",
    "__version__",
    "assess",
    "assess_all",
    "assess_examination",
]

_HOMES = {
    "Assessment": "facialis.report.model",
    "Examination": "facialis.report.examination",
    "assess": "facialis.assess",
    "assess_all": "facialis.assess",
    "assess_examination": "facialis.assess_examination",
}


def __getattr__(name: str) -> object:
    """Load a public name from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'facialis' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})


class _Front(ModuleType):
    """The package, in which functions go before modules that bear the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute; instead of a module named after its function, the function."""
        if name in ("assess", "assess_examination") and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
