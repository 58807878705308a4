"""The whole flow on the astronaut: what comes out, and that mirroring only swaps the sides."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import cv2
import numpy as np
import pytest
import skimage.data
from jsonschema import Draft202012Validator

import facialis
from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.errors import InputError, NoFaceError
from facialis.face.expressions import MIRRORED_EXPRESSIONS
from facialis.face.mesh import MIRROR
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.report.model import Assessment, json_schema
from facialis.simulation.compose import Sitter
from facialis.simulation.lesion import standard_lesion
from facialis.simulation.performance import Performance, performed
from facialis.simulation.portrait import Portrait

OTHER = {"left": "right", "right": "left"}


def portrait(
    *, zoom: float = 1.0, light: float = 1.0, degrees: float = 0.0, crop: int = 0
) -> np.ndarray:
    picture = skimage.data.astronaut()[: 400 - crop, 40 + crop : 420]
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    picture = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=how)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def palsied() -> np.ndarray:
    """The portrait with its left mouth corner pulled down and in, which is past the limit."""
    picture = portrait(zoom=1.5)
    height, width = picture.shape[:2]
    face = facialis.assess(Frame.from_array(picture)).face
    corner = np.array(face.landmarks)[291, :2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    near = np.exp(-((x - corner[0]) ** 2 + (y - corner[1]) ** 2) / (2 * 18**2)).astype(np.float32)
    return cv2.remap(picture, x + 10 * near, y - 16 * near, cv2.INTER_LINEAR)


@lru_cache(maxsize=1)
def plain() -> Assessment:
    return facialis.assess(Frame.from_array(portrait()), movement="smile", age=35)


def mirrored(assessment: Assessment, width: int) -> dict:
    """Swap the sides in everything that an assessment says."""
    a = json.loads(assessment.to_json())
    for item in a["measures"]["items"]:
        for unit in ("interocular", "mm", "degrees"):
            if item[unit]:
                value = item[unit]
                value["right"], value["left"] = value["left"], value["right"]
                value["right_sd"], value["left_sd"] = value["left_sd"], value["right_sd"]
        if item["not_measured"]:
            item["not_measured"] = None
    a["norms"]["z"] = {name: -z for name, z in a["norms"]["z"].items()}
    points = np.array(a["face"]["landmarks"])[MIRROR]
    points[:, 0] = width - points[:, 0]
    a["face"]["landmarks"] = points.tolist()
    x0, y0, x1, y1 = a["face"]["box"]
    a["face"]["box"] = [width - x1, y0, width - x0, y1]
    scores = list(a["face"]["expressions"].values())
    a["face"]["expressions"] = dict(
        zip(a["face"]["expressions"], [scores[i] for i in MIRRORED_EXPRESSIONS], strict=True)
    )
    for angle in ("yaw", "roll"):
        a["face"]["pose"][angle] *= -1
    verdict = a["verdict"]
    for key in ("side", "side_computed"):
        verdict[key] = OTHER.get(verdict[key], verdict[key])
    for finding in verdict["regions"].values():
        finding["weaker_side"] = OTHER.get(finding["weaker_side"], finding["weaker_side"])
    return a


FUSION = "/methods/multimodal_fusion-light"
READ_PIXELS = {
    "/methods/cascaded_encoder-light": 3.0,
    "/methods/fp_vggface-light": 3.0,
    FUSION: 5.0,
}
"""Thousandths by which methods may differ."""


def differences(a: object, b: object, size: float, path: str = "") -> list[str]:
    """Return where two documents differ by more than 0.1 % of the value or of what is usual.

    Methods that look at pixels may differ by 0.3 % or, by moved landmarks, 0.5 %: a tilted picture
    is turned anew when it is mirrored.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        assert a.keys() == b.keys(), path
        return [d for k in a for d in differences(a[k], b[k], size, f"{path}/{k}")]
    if isinstance(a, list) and isinstance(b, list):
        assert len(a) == len(b), path
        pairs = enumerate(zip(a, b, strict=True))
        return [d for i, (x, y) in pairs for d in differences(x, y, size, f"{path}/{i}")]
    if isinstance(a, float) and isinstance(b, float):
        scale = size if path.startswith(("/face/landmarks", "/face/box")) else 1.0
        read = READ_PIXELS.get("/".join(path.split("/")[:3]))
        close = math.isclose(a, b, rel_tol=1e-3 * (read or 1.0), abs_tol=1e-3 * (read or scale))
        return [] if close else [f"{path}: {a} {b}"]
    return [] if a == b else [f"{path}: {a} {b}"]


@pytest.mark.parametrize(
    "picture",
    [
        portrait(),
        portrait(zoom=2.0, light=0.8),
        portrait(zoom=0.7, crop=11),
        portrait(zoom=5.3),
        portrait(degrees=25),
        portrait(degrees=180),
        palsied(),
    ],
    ids=["plain", "double", "small", "large", "tilted", "upside-down", "palsied"],
)
def test_mirroring_a_photograph_swaps_the_sides_and_changes_nothing_else(
    picture: np.ndarray,
) -> None:
    flipped = np.ascontiguousarray(picture[:, ::-1])
    one, other = (
        facialis.assess(Frame.from_array(p, name="x"), movement="smile") for p in (picture, flipped)
    )
    expected, found = mirrored(one, picture.shape[1]), json.loads(other.to_json())
    for item in found["measures"]["items"]:
        item["not_measured"] = None
    for document in (expected, found):
        del document["input"], document["provenance"]
        document["quality"].pop("reasons")
    assert differences(expected, found, one.quality.interocular_px) == []


def test_a_palsied_mouth_is_called_on_its_side() -> None:
    verdict = facialis.assess(Frame.from_array(palsied())).verdict
    assert verdict is not None
    assert verdict.palsy_probability > 0.8
    assert verdict.side is AffectedSide.LEFT
    assert verdict.regions.mouth.weaker_side == "left"
    assert verdict.severity.low <= verdict.severity.value <= verdict.severity.high


def test_a_healthy_smile_is_not_called() -> None:
    verdict = plain().verdict
    assert verdict is not None
    assert verdict.palsy_probability < 0.5
    assert verdict.side is AffectedSide.NONE


def test_an_assessment_follows_the_published_schema_and_survives_json() -> None:
    document = json.loads(plain().to_json())
    Draft202012Validator(json_schema()).validate(document)
    assert Assessment.from_json(plain().to_json()).to_json() == plain().to_json()
    assert set(document) >= {"quality", "face", "measures", "norms", "verdict", "provenance"}
    weights = {w["name"] for w in document["provenance"]["weights"]}
    assert {"mediapipe_landmarks", "expressions"} <= weights
    assert all(len(w["sha256"]) == 64 for w in document["provenance"]["weights"])


def test_a_mirrored_selfie_is_the_photograph_once_it_is_said() -> None:
    selfie = Frame.from_array(portrait()[:, ::-1], mirrored=True)
    verdict = facialis.assess(selfie, movement="smile", age=35)
    assert verdict.face == plain().face
    assert verdict.measures == plain().measures
    assert verdict.input.mirrored


def test_a_reduced_frame_gives_landmarks_in_full_resolution() -> None:
    pixels = portrait()
    full = Frame.from_array(pixels)
    reduced = Frame(full.pixels, "x", "0" * 64, pixels.shape[1] * 3, pixels.shape[0] * 3, 1 / 3)
    one, three = facialis.assess(full), facialis.assess(reduced)
    np.testing.assert_allclose(three.face.landmarks, 3 * np.array(one.face.landmarks))
    assert three.quality.interocular_px == pytest.approx(3 * one.quality.interocular_px)
    assert three.measures.scale.mm_per_px == pytest.approx(one.measures.scale.mm_per_px / 3)
    for a, b in zip(one.measures.items, three.measures.items, strict=True):
        assert (a.mm is None) == (b.mm is None)
        if a.mm is not None and b.mm is not None:
            assert b.mm.difference == pytest.approx(a.mm.difference)


def test_what_the_clinician_knows_is_used_and_shown() -> None:
    a = facialis.assess(
        Frame.from_array(portrait()), affected_side="left", age=80, mm_per_px=1.5, movement="frown"
    )
    assert a.stated.affected_side is AffectedSide.LEFT
    assert a.verdict is not None
    assert a.verdict.side is AffectedSide.LEFT
    assert a.verdict.side_computed is AffectedSide.NONE
    assert a.measures.scale.source == "given"
    assert a.measures.scale.mm_per_px == 1.5
    assert a.norms.age_in_range is False
    assert a.norms.condition is None
    assert a.norms.z == {}
    assert any("no norm for this movement" in r for r in a.verdict.remarks)


def test_a_closed_eye_is_measured_as_lagophthalmos_when_closure_was_asked_for() -> None:
    tight, whole = Movement.EYE_CLOSE_TIGHT, Frame.from_array(portrait())
    sitter = Sitter(Portrait.of(whole.pixels, find_faces(whole)[0].points).cropped(300))
    lesion = standard_lesion(6, Side.LEFT)
    closed = performed(sitter, Performance(movement=tight, lesion=lesion)).pixels
    gap = facialis.assess(Frame.from_array(closed), movement=tight).measures["lagophthalmos"].mm
    assert gap is not None
    assert gap.left > 2 * gap.right
    assert plain().measures["lagophthalmos"].not_measured is not None


def test_eyes_that_stay_open_in_a_stated_closure_are_doubted_and_not_measured() -> None:
    a = facialis.assess(Frame.from_array(portrait()), movement=Movement.EYE_CLOSE_TIGHT)
    assert a.measures["lagophthalmos"].not_measured == "neither eye closes"
    assert "eyes_open" in {each.code for each in a.quality.reasons}


def test_a_stated_scale_that_cannot_be_is_refused() -> None:
    for given, apart in ((15.0, "867 mm"), (0.1, "6 mm")):
        with pytest.raises(InputError, match=apart):
            facialis.assess(Frame.from_array(portrait()), mm_per_px=given)


def test_a_covered_mouth_is_left_out_of_everything() -> None:
    picture = portrait(zoom=2)
    points = np.array(facialis.assess(Frame.from_array(picture)).face.landmarks)[:, :2]
    mask = cv2.convexHull(points[[132, 172, 152, 397, 361, 197, 50, 280]].astype(np.int32))
    cv2.fillConvexPoly(picture, mask, (70, 140, 210))
    a = facialis.assess(Frame.from_array(picture), movement="smile")
    if not a.quality.usable:
        assert a.verdict is None
        assert all(m.not_measured for m in a.measures.items)
        return
    assert "mouth" in a.quality.excluded_regions
    assert a.measures["commissure_position"].not_measured == "the mouth cannot be judged"
    assert "commissure_position" not in a.norms.z
    assert a.verdict is not None
    assert a.verdict.regions.mouth.intensity is None


def test_a_photograph_too_small_to_judge_carries_no_numbers() -> None:
    a = facialis.assess(Frame.from_array(portrait(zoom=0.46)))
    assert not a.quality.usable
    assert a.quality.reasons[0].code == "face_too_small"
    assert a.verdict is None
    assert a.norms.z == {}
    assert all(m.not_measured for m in a.measures.items)


def test_the_frame_of_emotrics_is_an_option_and_leaves_the_verdict() -> None:
    a = facialis.assess(Frame.from_array(portrait()), movement="smile", age=35, frame="emotrics")
    assert a.measures.frame == "emotrics"
    assert a.measures != plain().measures
    assert a.verdict == plain().verdict


def test_every_face_is_assessed_the_largest_first() -> None:
    small = cv2.resize(portrait(), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    picture = np.full((420, 700, 3), 128, np.uint8)
    picture[:400, :380] = portrait()[:400, :380]
    picture[100 : 100 + small.shape[0], 420 : 420 + small.shape[1]] = small
    both = facialis.assess_all(Frame.from_array(picture))
    assert [a.face.index for a in both] == [0, 1]
    assert both[0].quality.interocular_px > 1.4 * both[1].quality.interocular_px
    second = facialis.assess(Frame.from_array(picture), face=1)
    assert second.face == both[1].face
    with pytest.raises(InputError, match=r"face 2 was asked for, and there are 2.*from 0 to 1"):
        facialis.assess(Frame.from_array(picture), face=2)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"movement": "grin"}, r"movement 'grin'.*choose one of rest, brow_raise"),
        ({"affected_side": "uncertain"}, r"affected side 'uncertain'.*left, right, both, none"),
        ({"age": 131}, r"age 131.*0 to 130"),
        ({"age": -1}, r"age -1"),
        ({"mm_per_px": math.nan}, r"mm_per_px nan.*positive"),
        ({"mm_per_px": 0.0}, r"mm_per_px 0\.0"),
        ({"mm_per_px": math.inf}, r"mm_per_px inf"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(wrong: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        facialis.assess(Frame.from_array(portrait()), **wrong)


def test_a_picture_without_a_face_says_so() -> None:
    with pytest.raises(NoFaceError, match=r"moon: no face was found; use a photograph.*24 pixels"):
        facialis.assess(Frame.from_array(np.stack([skimage.data.moon()] * 3, -1), name="moon"))


@pytest.mark.parametrize("name", ["coffee", "chelsea", "colorwheel"])
def test_what_only_resembles_a_face_is_not_taken_for_one(name: str) -> None:
    picture = np.ascontiguousarray(getattr(skimage.data, name)()[..., :3])
    with pytest.raises(NoFaceError):
        facialis.assess(Frame.from_array(picture))


def test_two_threads_may_assess_at_once() -> None:
    pictures = [portrait(), portrait(zoom=1.4)] * 3
    alone = [facialis.assess(Frame.from_array(p)).face for p in pictures]
    with ThreadPoolExecutor(2) as pool:
        together = pool.map(lambda p: facialis.assess(Frame.from_array(p)).face, pictures)
    assert list(together) == alone


def test_pixels_and_frames_are_read_alike() -> None:
    pixels = portrait()
    as_pixels = facialis.assess(pixels, movement="smile", age=35)
    assert as_pixels.face == plain().face
    assert as_pixels.verdict == plain().verdict
    with pytest.raises(InputError, match="not an array of uint8"):
        facialis.assess(pixels / 255)


def test_a_movement_that_is_stated_reaches_the_fusion_and_its_rule() -> None:
    without, told = (
        facialis.assess(Frame.from_array(portrait(), name="x"), movement=movement)
        for movement in (None, "smile")
    )
    assert "movement not known" in without.combined.rule
    assert "movement known" in told.combined.rule
    name = "multimodal_fusion-light"
    assert without.methods[name].palsy_probability != told.methods[name].palsy_probability
