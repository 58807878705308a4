from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import jsonschema
import pytest
from PIL import ImageShow
from pydantic import ValidationError

from facialis.clinical.anatomy import Movement
from facialis.errors import InputError
from facialis.report.examination import MovementRecord
from facialis.report.model import SCHEMA_VERSION, Assessment, json_schema

SCHEMA = json_schema()


def test_json_survives_a_round_trip_without_its_picture(assessment, make):
    again = Assessment.from_json(assessment.to_json())
    assert again == make(with_picture=False)
    assert again.picture is None
    assert again.to_json() == assessment.to_json()


def test_the_picture_stays_out_of_the_json(assessment):
    assert assessment.picture is not None
    assert "picture" not in json.loads(assessment.to_json())
    assert assessment.to_json().count("pixels") == 0


def test_the_committed_schema_is_current(root):
    committed = (root / "docs" / "assessment.schema.json").read_text("utf-8")
    expected = json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"
    assert committed == expected, "run: facialis schema > docs/assessment.schema.json"


def test_the_schema_is_valid_draft_2020_12_and_versioned():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA)[:4] == ["$schema", "$id", "title", "version"]
    assert SCHEMA["version"] == SCHEMA_VERSION
    assert SCHEMA["$id"].endswith(SCHEMA_VERSION)


def test_the_schema_describes_the_fields_of_dataclasses():
    verdict = SCHEMA["$defs"]["Verdict"]
    assert verdict["description"] == "What the photograph says."
    assert all("description" in field for field in verdict["properties"].values())
    assert all("Attributes:" not in d.get("description", "") for d in SCHEMA["$defs"].values())


@pytest.mark.parametrize("name", ["assessment", "unusable", "excluded"])
def test_written_assessments_follow_the_schema(name, request):
    written = json.loads(request.getfixturevalue(name).to_json())
    jsonschema.Draft202012Validator(SCHEMA).validate(written)


def test_the_schema_refuses_an_assessment_without_quality(assessment):
    written = json.loads(assessment.to_json())
    del written["quality"]
    with pytest.raises(jsonschema.ValidationError, match="quality"):
        jsonschema.Draft202012Validator(SCHEMA).validate(written)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(make, make_verdict, value):
    with pytest.raises(ValidationError, match="finite"):
        make(verdict=make_verdict(distance=value))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "the document"),
        ("{}", "input"),
        ('{"schema_version": "9.0.0"}', "schema_version"),
    ],
)
def test_text_that_is_no_assessment_gets_one_sentence(text, part):
    with pytest.raises(InputError, match=part) as caught:
        Assessment.from_json(text)
    assert str(caught.value).count("\n") == 0
    assert SCHEMA_VERSION in str(caught.value)


def test_an_unknown_field_is_refused(assessment):
    written = json.loads(assessment.to_json()) | {"diagnosis": "none"}
    with pytest.raises(InputError, match="diagnosis"):
        Assessment.from_json(json.dumps(written))


def test_adding_a_picture_leaves_the_original_alone(make, assessment):
    bare = make(with_picture=False)
    pictured = bare.with_picture(assessment.picture)
    assert bare.picture is None
    assert pictured.picture is assessment.picture
    assert pictured == assessment


def test_assessments_with_other_numbers_differ(assessment, make, make_verdict):
    other = make(verdict=replace(make_verdict(), distance=1.0))
    assert other != assessment


def test_report_writes_what_was_asked_for(assessment, tmp_path):
    written = assessment.report(tmp_path / "out", formats=("json",))
    assert sorted(p.name for p in written.values()) == ["assessment.json", "overlay.png"]


def test_show_opens_the_overlay(assessment):
    shown = []

    class Recorder(ImageShow.Viewer):
        def show_image(self, image, **options):
            shown.append(image.size)
            return True

    before = list(ImageShow._viewers)
    ImageShow.register(Recorder(), 0)
    try:
        assessment.show()
    finally:
        ImageShow._viewers[:] = before
    assert max(shown[0]) == 1200


def test_the_model_does_not_import_the_report_writers():
    code = (
        "import sys, facialis.report.model\n"
        "print([m for m in ('fpdf', 'jinja2', 'matplotlib', 'openpyxl', 'pyarrow', 'mediapipe')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_picture_stays_when_another_record_takes_the_assessment_in(assessment):
    taken = MovementRecord(
        movement=Movement.SMILE, source="a.jpg", segment=None, assessment=assessment
    )
    assert taken.assessment.picture is assessment.picture
    assert taken.assessment == assessment
