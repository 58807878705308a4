"""`facialis measure`: the numbers as JSON on stdout."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from functools import partial

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.outcome import Failure, Outcome, attempt, status_of
from facialis.errors import printable

_LOG = logging.getLogger(__name__)


def measure(
    *,
    inputs: options.Inputs,
    movement: options.MovementName = None,
    mirrored: options.Mirrored = False,
    mm_per_px: options.MmPerPx = None,
    face: options.Face = "0",
    frame: options.FrameName = "frontal",
) -> int:
    """Print the measures of each face as JSON, without a verdict and without files.

    The output is one array with an object for each face, in the order of the inputs; an input that
    fails has an object with its path and the error.
    """
    settings = options.settings(
        movement=movement, mirrored=mirrored, mm_per_px=mm_per_px, face=face, frame=frame
    )
    load_native_libraries()

    from facialis.cli.inputs import find
    from facialis.cli.photograph import assessments

    photographs, failures = find(inputs)
    results: list[Outcome] = [
        attempt(each.path, partial(assessments, each.path, settings)) for each in photographs
    ]
    results += failures
    for result in results:
        if isinstance(result, Failure):
            typer.echo(f"facialis: {result.error}", err=True)
            if result.trace is not None:
                _LOG.error("%s", result.trace)
    typer.echo(json.dumps([row for each in results for row in _rows(each)], indent=2))
    return status_of(results)


def _rows(result: Outcome) -> Iterator[dict[str, object]]:
    if isinstance(result, Failure):
        yield {"input": printable(result.path), "error": result.error}
        return
    for assessment in result.assessments:
        record = assessment.model_dump(mode="json")
        yield {
            "input": printable(result.path),
            "sha256": record["input"]["sha256"],
            "face": record["face"]["index"],
            "pose": record["face"]["pose"],
            "stated": record["stated"],
            "quality": record["quality"],
            "measures": record["measures"],
            "norms": record["norms"],
        }
