"""The command `facialis` and its outermost edge, where every error becomes one sentence."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Annotated

import typer
from typer.exceptions import TyperException

import facialis
from facialis.cli import (
    assess,
    compare,
    data,
    measure,
    methods,
    norms,
    record,
    schema,
    simulate,
    weights,
)
from facialis.cli.environment import installation_problem
from facialis.cli.outcome import ALL_ASSESSED, INTERRUPTED, NOTHING_USABLE, SOME_FAILED
from facialis.errors import FacialisError, printable

app = typer.Typer(
    name="facialis",
    help="Measure facial palsy in photographs and videos. Everything stays on this machine.",
    epilog=(
        "Exit status: 0 if every input was assessed (a photograph that cannot be judged counts as "
        "assessed), 1 if some inputs failed, 2 if the call is wrong or no input can be used, 130 "
        "if interrupted."
    ),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(name="assess")(assess.assess)
app.command(name="compare")(compare.compare)
app.command(name="measure")(measure.measure)
app.command(name="record")(record.record)
app.command(name="schema")(schema.schema)
app.add_typer(data.app, name="data")
app.add_typer(methods.app, name="methods")
app.add_typer(norms.app, name="norms")
app.add_typer(simulate.app, name="simulate")
app.add_typer(weights.app, name="weights")
for _entry in sorted(entry_points(group="facialis.commands"), key=lambda each: each.name):
    _loaded = _entry.load()
    if isinstance(_loaded, typer.Typer):
        app.add_typer(_loaded, name=_entry.name)
    else:
        app.command(name=_entry.name)(_loaded)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"facialis {facialis.__version__}")
        raise typer.Exit


@app.callback()
def _facialis(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and stop.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the log and the traceback of an error on stderr.")
    ] = False,
) -> None:
    logging.getLogger("facialis").addHandler(logging.NullHandler())
    if debug:
        logging.basicConfig(stream=sys.stderr)
        logging.getLogger("facialis").setLevel(logging.DEBUG)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status.

    Args:
        arguments: The words after ``facialis``; those of the process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_status(words, debug="--debug" in words))


def _status(words: list[str], *, debug: bool) -> int:
    try:
        status = app(words, prog_name="facialis", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return SOME_FAILED
    except Exception as error:  # noqa: BLE001 - the outermost edge
        sentence, status = _explained(error)
        if debug:
            traceback.print_exc()
        is_help = sentence.startswith("Usage:")
        typer.echo(sentence if is_help else f"facialis: {printable(sentence)}", err=True)
    return status if isinstance(status, int) else ALL_ASSESSED


def _explained(error: Exception) -> tuple[str, int]:
    """Return one sentence for an error that ends a call, and the exit status."""
    if isinstance(error, TyperException):
        if error.message.startswith("Usage:"):
            return error.message, NOTHING_USABLE
        context = getattr(error, "ctx", None)
        command = "facialis" if context is None else context.command_path
        return f"{error.format_message().rstrip('.')}; see '{command} --help'.", NOTHING_USABLE
    if isinstance(error, FacialisError):
        return str(error), NOTHING_USABLE
    if isinstance(error, ImportError):
        return installation_problem(error), NOTHING_USABLE
    name = type(error).__name__
    remedy = "run it as 'facialis --debug ...' for the traceback, and report that"
    return f"an unexpected error ({name}: {error}); {remedy}.", SOME_FAILED
