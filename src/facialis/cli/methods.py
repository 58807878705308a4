"""`facialis methods`: what methods there are, without running any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from facialis import methods

if TYPE_CHECKING:
    from facialis.methods.card import Array, Card

app = typer.Typer(
    help="List the methods of the papers and our forms of them.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@app.callback()
def _methods(context: typer.Context) -> None:
    """List the methods: name, paper, parameters and task; 'show' tells more of one."""
    if context.invoked_subcommand is not None:
        return
    rows = [("NAME", "PAPER", "PARAMETERS", "TASK")]
    for name in methods.names():
        card = methods.card(name)
        total = card.parameters.get("total")
        shown = "-" if total is None else str(total)
        rows.append((card.name, card.paper or "-", shown, card.task))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name that 'facialis methods' lists.")
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as one JSON object.")
    ] = False,
) -> None:
    """Show a method: its source, what goes in and out, parameters, and where it departs."""
    card = methods.card(name)
    if as_json:
        typer.echo(json.dumps(card.record, indent=2, ensure_ascii=False))
        return
    for line in _lines(card):
        typer.echo(line)


def _lines(card: Card) -> Iterator[str]:
    yield f"{card.name}: {card.title}"
    yield f"  paper      {card.paper or 'none, a form of our own'}"
    yield f"  citation   {card.citation}"
    yield f"  task       {card.task}"
    yield from _arrays("Inputs", card.inputs)
    yield from _arrays("Outputs", card.outputs)
    yield "Parameters:"
    width = max((len(part) for part in card.parameters), default=0)
    for part, count in card.parameters.items():
        yield f"  {part:<{width}}  {count}"
    yield "Deviations:" if card.deviations else "Deviations: none."
    for sentence in card.deviations:
        yield f"  {sentence}"


def _arrays(title: str, arrays: tuple[Array, ...]) -> Iterator[str]:
    yield f"{title}:"
    for each in arrays:
        shape = ", ".join(map(str, each.shape))
        yield f"  {each.name} ({shape}): {each.meaning}"
