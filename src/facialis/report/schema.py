"""The published form of the records: JSON Schemas with a description of every field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from pydantic import BaseModel


def published_schema(
    record: type[BaseModel], *, name: str, version: str, title: str
) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every written record of a kind follows.

    Args:
        record: The kind.
        name: Its name in the schema's identifier.
        version: Version of the schema.
        title: What a record is, in words.
    """
    generated = record.model_json_schema(mode="serialization", schema_generator=_UntitledProperties)
    for definition in (generated, *generated["$defs"].values()):
        _describe_fields(definition)
    for key in ("title", "description"):
        generated.pop(key)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:facialis:{name}:{version}",
        "title": title,
        "version": version,
        "description": "Left and right are always the patient's own.",
        **generated,
    }


class _UntitledProperties(GenerateJsonSchema):
    """Leave out the titles that only repeat the names of the properties."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def _describe_fields(definition: dict[str, Any]) -> None:
    """Move the 'Attributes' of a dataclass's docstring to the properties they describe."""
    summary, marker, attributes = definition.get("description", "").partition("\n\nAttributes:\n")
    if not marker:
        return
    definition["description"] = summary
    for name, text in re.findall(r"^ {4}(\w+): ((?:.|\n {8})+)", attributes, flags=re.MULTILINE):
        prop = definition["properties"][name]
        definition["properties"][name] = {**prop, "description": re.sub(r"\s+", " ", text)}
