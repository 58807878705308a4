"""`facialis measure`: the numbers as JSON on stdout."""

from __future__ import annotations

import json
import logging
from functools import partial

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.outcome import Done, Row, attempt, status_of
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
    norms: options.Norms = None,
) -> int:
    """Print the measures of each face as JSON, without a verdict and without files.

    The output is one array with an object for each face, in the order of the inputs; an input that
    fails has an object with its path and the error.
    """
    settings = options.settings(
        movement=movement,
        mirrored=mirrored,
        mm_per_px=mm_per_px,
        face=face,
        frame=frame,
        norms=norms,
    )
    load_native_libraries()

    from facialis.cli.inputs import find
    from facialis.cli.photograph import norm_table

    norm_table(settings)

    photographs, failures = find(inputs)
    results = [attempt(each.path, partial(_numbers, each.path, settings)) for each in photographs]
    results += failures
    rows: list[Row] = []
    for result in results:
        if isinstance(result, Done):
            rows += result.faces
            continue
        typer.echo(f"facialis: {result.error}", err=True)
        rows.append({"input": printable(result.path), "error": result.error})
        if result.trace is not None:
            _LOG.error("%s", result.trace)
    typer.echo(json.dumps(rows, indent=2))
    return status_of(results)


def _numbers(path: str, settings: options.Settings) -> list[Row]:
    from facialis.cli.photograph import assessments

    return [
        {
            "input": printable(path),
            "sha256": record["input"]["sha256"],
            "face": record["face"]["index"],
            "pose": record["face"]["pose"],
            **{key: record[key] for key in ("stated", "quality", "measures", "norms")},
        }
        for record in (each.model_dump(mode="json") for each in assessments(path, settings))
    ]
