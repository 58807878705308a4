"""The reference of the command line, made from the commands' own help: ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

_WIDTH = 96
_HEADING = """# Command line

Made from the commands' own help by `make docs`; a test holds it current.
"""


def reference() -> str:
    """Return the reference as Markdown."""
    from facialis.cli.application import app

    command = get_command(app)
    sections = [
        f"## {name}\n\n```text\n{text}\n```\n" for name, text in _helps(command, "facialis")
    ]
    return "\n".join([_HEADING, *sections])


def _helps(
    command: Any, name: str, parent: typer.Context | None = None
) -> Iterator[tuple[str, str]]:
    context = typer.Context(
        command, info_name=name.rsplit(maxsplit=1)[-1], parent=parent, terminal_width=_WIDTH
    )
    yield name, command.get_help(context)
    if isinstance(command, TyperGroup):
        for word, inner in command.commands.items():
            yield from _helps(inner, f"{name} {word}", context)


if __name__ == "__main__":
    typer.echo(reference(), nl=False)
