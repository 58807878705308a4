"""The command line: thin shells around the package, and the only place that prints."""

from __future__ import annotations

from facialis.cli.application import main

__all__ = ["main"]
