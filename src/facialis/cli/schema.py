"""`facialis schema`: the published form of an assessment and of an examination."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def schema(
    *,
    examination: Annotated[
        bool, typer.Option("--examination", help="Of the record of an examination instead.")
    ] = False,
) -> None:
    """Print the JSON Schema that every assessment.json follows."""
    from facialis.report.examination_schema import examination_schema
    from facialis.report.model import json_schema

    published = examination_schema() if examination else json_schema()
    typer.echo(json.dumps(published, indent=2, ensure_ascii=False))
