"""Run the command line as ``python -m facialis``."""

from __future__ import annotations

from facialis.cli import main

if __name__ == "__main__":
    main()
