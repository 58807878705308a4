"""The commands ``facialis train ...``; they join the command line through an entry point."""

from __future__ import annotations

import typer

from facialis.training.expressions import train_expressions

app = typer.Typer(
    help="Train the networks that Facialis ships; needs the extra 'train'.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command(name="expressions")(train_expressions)


@app.callback()
def _train() -> None:
    """Train the networks that Facialis ships."""
