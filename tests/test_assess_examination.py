"""An examination from its files to the scales, on simulated palsy of the astronaut."""

from __future__ import annotations

import itertools
import json
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

import facialis
from facialis import gather_examination
from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.errors import InputError
from facialis.face.likeness import SkinPattern
from facialis.face.search import find_faces
from facialis.measures.dynamic import Segment
from facialis.media.examination import ExaminationFiles
from facialis.media.photo import Frame, read_photo
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.report.examination import Examination
from facialis.report.examination_content import examination_content
from facialis.simulation.compose import Sitter
from facialis.simulation.lesion import Lesion, standard_lesion
from facialis.simulation.performance import Performance, performed
from facialis.simulation.portrait import Portrait
from facialis.simulation.recording import Script, recorded, write_video

EXAMINED = (
    Movement.REST,
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.EYE_CLOSE_TIGHT,
    Movement.SMILE,
    Movement.SNARL,
    Movement.PUCKER,
)


@pytest.fixture(scope="module")
def sitter(portrait):
    frame = read_photo(portrait)
    whole = Portrait.of(frame.pixels, find_faces(frame)[0].points)
    return Sitter(whole.cropped(400))


def pictures(sitter: Sitter, lesion: Lesion | None, movements=EXAMINED):
    return {
        str(m): performed(sitter, Performance(movement=m, lesion=lesion)).pixels for m in movements
    }


@pytest.fixture(scope="module")
def palsied(sitter):
    return pictures(sitter, standard_lesion(5, Side.LEFT))


@pytest.fixture(scope="module")
def examined(palsied) -> Examination:
    return facialis.assess_examination(palsied)


def test_a_severe_palsy_is_graded_on_its_side(examined):
    assert examined.verdict is not None
    assert examined.verdict.side is AffectedSide.LEFT
    assert examined.verdict.palsy_probability > 0.9
    record = examined.examination
    assert record.house_brackmann.grade in (4, 5, 6)
    low, high = record.house_brackmann.interval
    assert low <= record.house_brackmann.grade <= high
    assert record.sunnybrook.composite < 60
    assert {m.movement for m in record.movements} == set(EXAMINED)
    brow = [e for e in record.excursions if e.movement is Movement.BROW_RAISE and e.site == "brow"]
    assert brow[0].left < 0.7 * brow[0].right


def test_the_record_has_what_the_contract_names(examined):
    record = json.loads(examined.to_json())["examination"]
    named = "movements excursions synkinesis dynamics house_brackmann sunnybrook eface"
    assert set(named.split()) <= set(record)
    assert {"grade", "interval", "gross", "measured", "missing"} <= set(record["house_brackmann"])
    scores = {"composite", "resting", "voluntary", "synkinesis", "missing"}
    assert scores <= set(record["sunnybrook"])
    assert Examination.from_json(examined.to_json()).to_json() == examined.to_json()


def test_every_movement_is_measured_in_the_millimetres_of_the_face_at_rest(examined):
    assessed = {m.movement: m.assessment for m in examined.examination.movements}
    rest = assessed.pop(Movement.REST).measures.scale
    assert rest.source == "iris"
    assert {a.measures.scale.source for a in assessed.values()} == {"rest"}
    assert {a.measures.scale.interocular_mm for a in assessed.values()} == {rest.interocular_mm}
    for each in assessed.values():
        fissure = each.measures["fissure_height"]
        assert fissure.mm.left == pytest.approx(fissure.interocular.left * rest.interocular_mm)


def test_a_scale_that_was_given_is_kept(palsied):
    given = facialis.assess_examination(palsied, mm_per_px=0.5, methods=())
    scales = {m.assessment.measures.scale for m in given.examination.movements}
    assert {(s.source, s.mm_per_px) for s in scales} == {("given", 0.5)}


def test_a_scale_of_the_photographs_is_not_that_of_a_videos_frames(monkeypatch, tmp_path):
    given = []

    def refused(_picture, **options):
        given.append(options["mm_per_px"])
        raise InputError("frame", "is not looked at here", "")

    class Clip:
        path = tmp_path / "clip.mp4"

        def frame_at(self, seconds):
            return seconds

    monkeypatch.setattr(gather_examination, "assess", refused)
    for photographs, expected in (({Movement.SMILE: tmp_path / "smile.jpg"}, None), ({}, 0.5)):
        files = ExaminationFiles(name="visit", photographs=photographs, mm_per_px=0.5)
        found = gather_examination.Gathered(files, None, ())
        gather_examination._take_rest(found, Clip(), (1.0,))
        gather_examination._steadiest(found, Clip(), Segment(Movement.SMILE, 1.0, 1.0, 1.0))
        assert given == [expected, expected]
        given.clear()


def test_mirrored_pictures_swap_the_sides_and_change_nothing_else(palsied, examined):
    flipped = {m: np.ascontiguousarray(p[:, ::-1]) for m, p in palsied.items()}
    other = facialis.assess_examination(flipped)
    assert other.verdict.side is AffectedSide.RIGHT
    ours, theirs = examined.examination, other.examination
    assert theirs.house_brackmann.grade == ours.house_brackmann.grade
    assert theirs.sunnybrook.composite == ours.sunnybrook.composite
    for a, b in zip(ours.excursions, theirs.excursions, strict=True):
        assert (a.movement, a.site) == (b.movement, b.site)
        if a.left is not None:
            assert b.right == pytest.approx(a.left, abs=1e-3)


def test_selfies_are_turned_back(palsied, examined):
    flipped = {m: np.ascontiguousarray(p[:, ::-1]) for m, p in palsied.items()}
    again = facialis.assess_examination(flipped, mirrored=True)
    assert again.verdict == examined.verdict


def test_a_healthy_person_is_called_none(sitter):
    found = facialis.assess_examination(pictures(sitter, None))
    assert found.verdict.side is AffectedSide.NONE
    assert found.examination.house_brackmann.grade in (1, 2)
    assert found.examination.sunnybrook.composite >= 80


def test_what_is_stated_comes_first_and_the_computed_side_is_still_shown(palsied):
    found = facialis.assess_examination(palsied, affected_side="right", age=60)
    assert found.verdict.side is AffectedSide.RIGHT
    assert found.verdict.side_computed is AffectedSide.LEFT
    assert found.stated.age == 60


def test_without_rest_little_is_measured_and_it_is_said(palsied):
    some = {m: p for m, p in palsied.items() if m in ("smile", "brow_raise")}
    found = facialis.assess_examination(some)
    assert found.verdict.side is AffectedSide.LEFT
    assert found.examination.sunnybrook.composite is None
    assert Movement.REST in found.examination.house_brackmann.missing
    assert found.examination.house_brackmann.grade is None


def test_rest_alone_is_not_judged(palsied):
    found = facialis.assess_examination({"rest": palsied["rest"]})
    assert found.verdict is None
    assert found.examination.observations == ()


def test_an_examination_that_shows_nothing_to_measure_gets_no_verdict(sitter):
    """Two pictures of one face at rest: nothing speaks for a palsy, for nothing speaks at all."""
    (still,) = pictures(sitter, None, (Movement.REST,)).values()
    found = facialis.assess_examination({"rest": still, "smile": still.copy()})
    assert found.verdict is None
    assert found.examination.house_brackmann.grade is None
    assert found.examination.observations == ()
    told = examination_content(found)
    assert told.overall is None or "No verdict" in told.overall.side


def test_a_closed_smile_stands_in_for_an_open_one(sitter):
    movements = (Movement.REST, Movement.SMILE_CLOSED)
    found = facialis.assess_examination(pictures(sitter, standard_lesion(5, Side.LEFT), movements))
    assert any("stands in" in note for note in found.notes)
    assert Movement.SMILE not in found.examination.house_brackmann.missing


def test_a_photograph_that_cannot_be_used_is_told_and_the_others_are_measured(palsied):
    wall = np.full((300, 300, 3), 120, np.uint8)
    found = facialis.assess_examination({**palsied, "snarl": wall})
    (snarl,) = [m for m in found.examination.movements if m.movement is Movement.SNARL]
    assert snarl.assessment is None
    assert "no face" in snarl.problem
    assert found.examination.house_brackmann.grade is not None


def test_a_bystander_is_told_of(palsied):
    both = np.concatenate((palsied["smile"], palsied["rest"]), axis=1)
    found = facialis.assess_examination({**palsied, "smile": both})
    (note,) = [each for each in found.notes if "more than one face" in each]
    assert "open-mouth smile" in note
    assert "rest" not in note


def mirror_images(palsied, *movements):
    flipped = {m: np.ascontiguousarray(palsied[m][:, ::-1]) for m in movements}
    return {**palsied, **flipped}


def test_a_mirrored_picture_among_others_is_left_out_and_told_of_first(palsied):
    found = facialis.assess_examination(mirror_images(palsied, "smile"), methods=())
    assert "exchanged between some pictures and the others" in found.notes[0]
    assert "skin says: open-mouth smile. What is named is left out" in found.notes[0]
    assert "before you trust a side" in examination_content(found).overall.doubt
    smile = next(m for m in found.examination.movements if m.movement is Movement.SMILE)
    assert smile.assessment is None
    assert "mirror image" in smile.problem
    assert found.verdict.side is AffectedSide.LEFT
    assert not [e for e in found.examination.excursions if e.movement is Movement.SMILE]
    assert found.examination.excursions
    assert "rest" not in found.examination.house_brackmann.missing


def test_a_mirrored_face_at_rest_is_not_what_the_others_are_measured_from(palsied):
    found = facialis.assess_examination(mirror_images(palsied, "rest"), methods=())
    assert found.examination.house_brackmann.grade is None
    assert "rest" in found.examination.house_brackmann.missing
    assert "skin says: rest. What is named is left out" in found.notes[0]


def test_as_many_mirrored_pictures_as_others_are_refused(palsied):
    half = ("rest", "smile")
    pictures = {m: palsied[m] for m in (*half, "snarl", "pucker")}
    with pytest.raises(InputError, match=r"mirror images of others .*mirrored=True"):
        facialis.assess_examination(mirror_images(pictures, *half), methods=())


def test_a_photograph_that_is_stated_to_be_mirrored_is_turned_back(tmp_path, palsied):
    shown = {m: palsied[m] for m in ("rest", "smile", "snarl")}
    lines = ["[movements]"]
    for movement, pixels in mirror_images(shown, "smile").items():
        Image.fromarray(pixels).save(tmp_path / f"{movement}.png")
        stated = ", mirrored = true" if movement == "smile" else ""
        lines.append(f'{movement} = {{ file = "{movement}.png"{stated} }}')
    (tmp_path / "examination.toml").write_text("\n".join(lines), encoding="utf-8")
    listed = facialis.assess_examination(tmp_path, methods=())
    straight = facialis.assess_examination(shown, methods=())
    assert not [note for note in listed.notes if "exchanged" in note]
    assert listed.examination.excursions == straight.examination.excursions


def mirrored_files(folder, palsied, movements):
    for movement in movements:
        pixels = np.ascontiguousarray(palsied[movement][:, ::-1])
        Image.fromarray(pixels).save(folder / f"{movement}.png")


@pytest.mark.parametrize("movements", [("rest", "pucker"), EXAMINED])
def test_photographs_that_are_mirrored_beside_a_video_are_refused(
    tmp_path, palsied, clip, movements
):
    """Also where the video shows no movement that has no photograph."""
    mirrored_files(tmp_path, palsied, movements)
    (tmp_path / "clip.mp4").symlink_to(clip)
    with pytest.raises(InputError, match=r"mirror images of others .*clip.mp4"):
        facialis.assess_examination(tmp_path, methods=())
    lines = [f'{m} = {{ file = "{m}.png", mirrored = true }}' for m in movements]
    (tmp_path / "examination.toml").write_text(
        "\n".join(['videos = ["clip.mp4"]', "[movements]", *lines]), encoding="utf-8"
    )
    found = facialis.assess_examination(tmp_path, methods=())
    assert found.verdict.side is AffectedSide.LEFT


def test_an_entry_of_its_own_is_before_what_is_said_of_all(tmp_path, palsied):
    mirrored_files(tmp_path, palsied, ("rest", "snarl"))
    Image.fromarray(palsied["smile"]).save(tmp_path / "smile.png")
    (tmp_path / "examination.toml").write_text(
        'mirrored = true\n[movements]\nrest = "rest.png"\nsnarl = "snarl.png"\n'
        'smile = { file = "smile.png", mirrored = false }\n',
        encoding="utf-8",
    )
    found = facialis.assess_examination(tmp_path, methods=())
    assert not [note for note in found.notes if "exchanged" in note]
    assert found.verdict.side is AffectedSide.LEFT
    assert "2 of 3 stated as selfie-mirrored" in str(examination_content(found).facts)


def test_a_picture_that_cannot_be_judged_does_not_break_a_tie(palsied):
    dark = (palsied["pucker"] * 0.05).astype(np.uint8)
    pictures = {m: palsied[m] for m in ("rest", "smile", "snarl", "brow_raise")} | {"pucker": dark}
    with pytest.raises(InputError, match="mirror images of others"):
        facialis.assess_examination(mirror_images(pictures, "rest", "smile"), methods=())


def test_copies_of_one_photograph_have_one_vote(palsied):
    smile = np.ascontiguousarray(palsied["smile"][:, ::-1])
    pictures = {"rest": palsied["rest"], "brow_raise": palsied["brow_raise"]}
    pictures |= dict.fromkeys(("smile", "snarl", "smile_closed"), smile)
    found = facialis.assess_examination(pictures, methods=())
    assert found.verdict.side is AffectedSide.LEFT
    left_out = {m.movement for m in found.examination.movements if m.is_mirrored}
    assert left_out == {Movement.SMILE, Movement.SNARL, Movement.SMILE_CLOSED}


def test_one_photograph_for_two_movements_is_told_of(palsied):
    found = facialis.assess_examination(
        {"rest": palsied["rest"], "smile": palsied["smile"], "snarl": palsied["smile"]}, methods=()
    )
    assert [n for n in found.notes if n.startswith("One photograph is given for several movements")]


def test_another_persons_picture_is_told_of(palsied, monkeypatch):
    real, read = gather_examination.skin_pattern, itertools.count()
    drawn = np.random.default_rng(3).normal(size=(3, 5833))

    def skin(patch):
        pattern = real(patch)
        if next(read) != EXAMINED.index(Movement.SNARL):
            return pattern
        parts = drawn[:, : pattern.odd.size]
        return SkinPattern(*(each / np.linalg.norm(each) for each in parts))

    monkeypatch.setattr(gather_examination, "skin_pattern", skin)
    found = facialis.assess_examination(palsied, methods=())
    (told,) = [note for note in found.notes if "skin" in note]
    assert told.startswith("The skin is not like that of the other pictures in: snarl. See")


def test_real_photographs_tell_two_people_and_a_mirrored_picture(shared_data):
    london = shared_data / "faces" / "london"
    rest, smile = london / "001_neutral.jpg", london / "001_smile.jpg"
    alone = facialis.assess_examination({"rest": rest, "smile": smile}, methods=())
    assert not [note for note in alone.notes if "skin" in note]
    other = facialis.assess_examination(
        {"rest": rest, "smile": london / "004_smile.jpg"}, methods=()
    )
    assert [note for note in other.notes if "The skin differs from picture to picture" in note]
    flipped = np.ascontiguousarray(read_photo(smile).pixels[:, ::-1])
    with pytest.raises(InputError, match="mirror images"):
        facialis.assess_examination({"rest": rest, "smile": flipped}, methods=())


def patched(whole):
    """Cover the left eye of a picture."""
    frame = Frame(whole, "p", "0" * 64, whole.shape[1], whole.shape[0], 1.0)
    points = find_faces(frame)[0].points
    width = np.linalg.norm(points[263] - points[33])
    y, x = np.mgrid[: whole.shape[0], : whole.shape[1]]
    middle = points[[362, 263], :2].mean(axis=0)
    inside = np.hypot((x - middle[0]) / 0.32, (y - middle[1]) / 0.26) < width
    return np.where(inside[..., None], np.uint8(14), whole)


def test_a_patch_on_an_eye_leaves_eyes_and_brows_out_and_says_so(palsied):
    found = facialis.assess_examination({name: patched(each) for name, each in palsied.items()})
    record = found.examination
    assert (record.house_brackmann.grade, record.sunnybrook.composite) == (None, None)
    assert record.lagophthalmos_mm is None
    assert not any("eye" in each or "forehead" in each for each in record.observations)
    assert any(
        note.startswith("Something covers the eye on at least one side in: rest")
        for note in found.notes
    )
    values = {item.name: item.value for item in record.house_brackmann.items}
    assert values["mouth"] is not None
    assert (values["forehead"], values["eye"], values["rest"]) == (None, None, None)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({}, "is empty"),
        ({"wink": "a.jpg"}, "brow_raise"),
        ({"rest": np.zeros((80, 80, 3), np.uint8)}, "nothing of the examination"),
        ("there/is/no/folder", "no folder"),
        ("there/is/no/clip.mp4", "clip.mp4"),
    ],
)
def test_an_examination_that_cannot_be_used_is_refused(source, told):
    with pytest.raises(InputError) as refused:
        facialis.assess_examination(source)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"affected_side": "west"}, "affected side 'west'"),
        ({"affected_side": "uncertain"}, "choose one of left, right, both, none"),
        ({"age": -5}, "age -5"),
        ({"mm_per_px": 0.0}, "mm_per_px 0.0"),
    ],
)
def test_what_cannot_be_stated_is_refused_by_name(palsied, stated, told):
    with pytest.raises(InputError) as refused:
        facialis.assess_examination(palsied, **stated)
    assert told in str(refused.value)
    assert "photographs" not in str(refused.value)


def test_an_age_that_the_norms_do_not_cover_widens_the_intervals(palsied):
    usual, old = (facialis.assess_examination(palsied, age=age, methods=()) for age in (40, 90))
    assert any(note.startswith("The stated age is outside") for note in old.notes)
    assert not any(note.startswith("The stated age is outside") for note in usual.notes)
    narrow, wide = (each.examination.sunnybrook for each in (usual, old))
    assert wide.composite == narrow.composite
    assert wide.interval[0] <= narrow.interval[0] <= narrow.interval[1] <= wide.interval[1]
    assert wide.interval != narrow.interval


def test_a_folder_is_read_by_the_names_of_its_files(tmp_path, palsied, examined):
    for movement, pixels in palsied.items():
        Image.fromarray(pixels).save(tmp_path / f"{movement}_1.png")
    Image.fromarray(palsied["smile"]).save(tmp_path / "grin.png")
    steps = []
    found = facialis.assess_examination(
        tmp_path, progress=lambda done, of: steps.append((done, of))
    )
    assert found.verdict == examined.verdict
    assert steps[-1] == (7, 7)
    assert any("grin.png" in note for note in found.notes)
    assert {s.kind for s in found.sources} == {"photograph"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory, sitter):
    path = tmp_path_factory.mktemp("clip") / "exam.mp4"
    script = Script(
        (Movement.BROW_RAISE, Movement.EYE_CLOSE_GENTLE), 2.5, 12, standard_lesion(5, Side.LEFT), 5
    )
    write_video(path, (recorded(sitter, s).pixels for s in script.scenes("a")), script.rate)
    return path


def test_the_movements_of_a_video_are_found_and_timed(clip):
    found = facialis.assess_examination(clip)
    assert found.verdict.side is AffectedSide.LEFT
    shown = {m.movement: m for m in found.examination.movements}
    assert {Movement.REST, Movement.BROW_RAISE} <= set(shown)
    assert shown[Movement.BROW_RAISE].segment.start < 1.5
    (source,) = found.sources
    assert (source.kind, round(source.rate)) == ("video", 12)
    (brow,) = [d for d in found.examination.dynamics if d.segment.movement is Movement.BROW_RAISE]
    assert brow.right.excursion > 2 * brow.left.excursion


def test_sequences_of_a_video_are_graded_over_time_and_by_movement(clip):
    found = facialis.assess_examination(clip, methods=["phcnn_lstm-light"])
    (answer,) = found.methods.values()
    assert answer.movements >= 1
    (course,) = answer.over_time
    assert course.source == str(clip)
    assert len(course.seconds) >= 5
    assert all(b > a for a, b in pairwise(course.seconds))
    assert "phcnn_lstm-light" in {each.name for each in found.provenance.weights}
    assert not any(m.assessment.methods for m in found.examination.movements)


def test_a_method_of_sequences_does_not_answer_for_photographs(palsied):
    found = facialis.assess_examination(palsied)
    assert "phcnn_lstm-light" not in found.methods
    with pytest.raises(InputError, match="answers for videos only"):
        facialis.assess(palsied["smile"], methods=["phcnn_lstm-light"])


def test_all_movements_together_are_graded(palsied, examined):
    answer = examined.methods[TOGETHER]
    judged = [
        m
        for m in examined.examination.movements
        if m.assessment.quality.shows_the_whole_face and m.movement is not Movement.REST
    ]
    assert answer.movements == len(judged) >= 5
    assert (answer.conclusion, answer.coverage) == ("palsy", 0.9)
    assert "I" not in answer.grades
    assert sum(answer.grade_probability.values()) == pytest.approx(1, abs=1e-6)
    assert TOGETHER in {each.name for each in examined.provenance.weights}
    fusion = examined.methods["multimodal_fusion-light"]
    assert (fusion.conclusion, fusion.grades) == (None, ())


def test_all_movements_together_are_graded_by_that_method_alone(palsied, examined):
    found = facialis.assess_examination(palsied, methods=[TOGETHER])
    assert found.methods == {TOGETHER: examined.methods[TOGETHER]}
    made_with = [each.name for each in found.provenance.weights]
    assert {"landmark_refinement", TOGETHER} <= set(made_with)
    assert len(made_with) == len(set(made_with))
    with pytest.raises(InputError, match="answers for examinations only"):
        facialis.assess(palsied["smile"], methods=[TOGETHER])


def test_landmarks_are_refined_before_all_movements_are_graded_together(
    palsied, examined, monkeypatch
):
    seen = []

    def as_found(picture, points):
        seen.append((picture.shape, points.shape))
        return points

    monkeypatch.setattr(gather_examination, "refined_both_ways", as_found)
    found = facialis.assess_examination(palsied, methods=[TOGETHER])
    qualities = [m.assessment.quality for m in found.examination.movements]
    assert len(seen) == sum(each.shows_the_whole_face for each in qualities)
    assert {shape for _, shape in seen} == {(478, 3)}
    without, refined = (each.methods[TOGETHER].palsy_probability for each in (found, examined))
    assert without != refined


def test_a_movement_of_which_a_region_is_hidden_is_not_graded_with_the_others(palsied):
    hidden = palsied | {"smile": patched(palsied["smile"])}
    found = facialis.assess_examination(hidden, methods=[TOGETHER])
    without = {name: each for name, each in palsied.items() if name != "smile"}
    wanted = facialis.assess_examination(without, methods=[TOGETHER])
    assert found.methods[TOGETHER] == wanted.methods[TOGETHER]
    assert not next(
        m for m in found.examination.movements if m.movement is Movement.SMILE
    ).assessment.quality.shows_the_whole_face


def test_a_manifest_says_where_a_movement_lies(tmp_path, clip):
    (tmp_path / "exam.mp4").write_bytes(clip.read_bytes())
    (tmp_path / "examination.toml").write_text(
        'affected_side = "left"\n[movements]\n'
        'rest = { file = "exam.mp4", from = 0, to = 0.3 }\n'
        'eye_close_tight = { file = "exam.mp4", from = 2.5, to = 5 }\n'
    )
    found = facialis.assess_examination(tmp_path)
    shown = {m.movement for m in found.examination.movements}
    assert shown == {Movement.REST, Movement.EYE_CLOSE_TIGHT}
    assert found.stated.affected_side is AffectedSide.LEFT


def test_a_broken_video_beside_photographs_is_told(tmp_path, palsied):
    for movement in ("rest", "smile"):
        Image.fromarray(palsied[movement]).save(tmp_path / f"{movement}.png")
    (tmp_path / "brow_raise.mp4").write_bytes(b"this is no video")
    found = facialis.assess_examination(tmp_path)
    assert any("brow_raise.mp4" in note for note in found.notes)
    assert found.verdict is not None


def test_age_and_treatment_that_change_no_number_are_said(tmp_path, palsied):
    folder = tmp_path / "visit"
    folder.mkdir()
    for movement in ("rest", "smile"):
        Image.fromarray(palsied[movement]).save(folder / f"{movement}.png")
    (folder / "examination.toml").write_text(
        'earlier_surgery = "gold weight, left upper lid"\nage = 90\n'
        '[movements]\nrest = "rest.png"\nsmile = "smile.png"\n'
    )
    notes = facialis.assess_examination(folder, methods=()).notes
    assert any("age is outside" in note for note in notes)
    assert any(note.startswith("No number takes account of the earlier surgery:") for note in notes)
    assert not any("botulinum" in note for note in notes)


def test_a_searched_video_shows_more_than_what_is_said_to_lie_in_it(tmp_path, clip):
    (tmp_path / "clip.mp4").symlink_to(clip)
    for lines, more in (
        ('videos = ["clip.mp4"]\n[movements]\neye_close_tight = "clip.mp4"', True),
        ('[movements]\neye_close_tight = "clip.mp4"', False),
    ):
        (tmp_path / "examination.toml").write_text(lines, encoding="utf-8")
        found = facialis.assess_examination(tmp_path, methods=())
        shown = {each.movement for each in found.examination.movements}
        assert Movement.EYE_CLOSE_TIGHT in shown
        assert bool(shown - {Movement.EYE_CLOSE_TIGHT, Movement.REST}) is more
