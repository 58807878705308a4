"""`facialis schema`, which prints what the records look like."""

from __future__ import annotations

import json

import jsonschema
import pytest


@pytest.mark.parametrize(
    ("words", "name"), [((), "assessment"), (("--examination",), "examination")]
)
def test_the_schema_of_each_record_is_printed_as_it_is_published(words, name, call, root):
    result = call("schema", *words)
    assert (result.status, result.err) == (0, "")
    assert result.out == (root / "docs" / f"{name}.schema.json").read_text("utf-8")
    schema = json.loads(result.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:facialis:{name}:{schema['version']}"
