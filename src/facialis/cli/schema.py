"""`facialis schema`: the published form of an assessment."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON Schema that every assessment.json follows."""
    from facialis.report.model import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
