"""A cohort on disk: the same bytes whoever makes it, resumable, verified, and never by accident."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from facialis.clinical.anatomy import Intensity, Movement, Region, Side
from facialis.clinical.scales import Scale
from facialis.datasets.collections import kind_of, open_collection
from facialis.datasets.framed_source import FINE_DEPTH_UNIT
from facialis.datasets.manifest_files import read_manifest, verify
from facialis.datasets.truth import read_truth
from facialis.errors import InputError, NoFaceError, OutputError
from facialis.simulation import cohort as building
from facialis.simulation.cohort import Cohort, build_cohort
from facialis.simulation.cohort_files import KINDS, labels_of
from facialis.simulation.masks import Part
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.people import find_people, sighted, studio_of
from facialis.simulation.plan import Plan

SIDE = 64


@pytest.fixture(autouse=True)
def in_process(request, monkeypatch, no_processes):
    if "spawned" not in request.node.name:
        monkeypatch.setattr(building, "workers", no_processes)


@pytest.fixture(scope="module")
def faces(tmp_path_factory, portrait) -> Path:
    """Three 'people': the same face, mirrored, and in other light; one smiles."""
    folder = tmp_path_factory.mktemp("data") / "faces"
    folder.mkdir()
    with Image.open(portrait) as picture:
        face = picture.crop((90, 0, 360, 270))
    face.save(folder / "a_neutral.png")
    ImageOps.mirror(face).save(folder / "b_neutral.png")
    ImageOps.mirror(face).save(folder / "b_smile.png")
    ImageEnhance.Brightness(face).enhance(0.8).save(folder / "c_neutral.png")
    (folder / "subjects.csv").write_text(
        "subject,age,sex,ethnic_group\na,30,female,white\nb,41,male,\n", encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(per_subject=13, seed=7)


@pytest.fixture(scope="module")
def made(faces, plan, tmp_path_factory, no_processes):
    out = tmp_path_factory.mktemp("cohort") / "new" / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "workers", no_processes)
        manifest = build_cohort(Cohort(faces, plan, SIDE), out)
    return out, manifest


@pytest.fixture
def one_face(tmp_path, faces) -> Path:
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(faces / "a_neutral.png", folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_picture_has_all_its_files_and_nothing_else_is_there(made):
    out, manifest = made
    assert len(manifest.rows) == 3 * 13
    names = {path.name for path in out.iterdir()}
    others = {"plan.json", "manifest.csv", "manifest.json", "contact-sheet.jpg", "CARD.md"}
    assert names == {*KINDS, "people", *others}
    for kind in KINDS:
        stems = {path.stem for path in (out / kind).rglob("*") if path.is_file()}
        assert stems == {row.name for row in manifest.rows}


def test_the_manifest_lists_what_is_on_disk(made):
    out, manifest = made
    read = read_manifest(out)
    assert read.rows == manifest.rows
    assert read.made["simulated"] is True
    faults = verify(read)
    assert faults.missing == faults.changed == ()
    assert {row.subject for row in read.rows} == {"faces/a", "faces/b", "faces/c"}
    assert read.made["without_smile"] == ["a", "c"]
    assert read.made["side"] == SIDE


def test_a_changed_picture_is_noticed(made, tmp_path):
    out, _ = made
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    row = read_manifest(copy).rows[0]
    (copy / row.path).write_bytes(b"other")
    (copy / row.annotations["truth"]).unlink()
    faults = verify(read_manifest(copy))
    assert faults.changed == (row.path,)
    assert faults.missing == (row.annotations["truth"],)


def test_pictures_are_what_the_studio_renders(made, faces, plan):
    out, manifest = made
    people = find_people(faces)
    seen = [sighted(person) for person in people]
    asymmetry = NaturalAsymmetry.of([s.face for s in seen])
    studio = studio_of(people[1], seen[1], SIDE, asymmetry)
    rows = {row.name: row for row in manifest.rows}
    for scene in list(plan.scenes("b"))[:4]:
        row, picture = rows[scene.name], studio.rendered(scene)
        with Image.open(out / row.path) as image:
            np.testing.assert_array_equal(np.asarray(image), picture.pixels)
        flag = cv2.IMREAD_UNCHANGED
        mask, attributes, depth = (
            cv2.imread(str(out / row.annotations[k]), flag) for k in ("mask", "attributes", "depth")
        )
        np.testing.assert_array_equal(mask, picture.parts)
        np.testing.assert_array_equal(attributes, picture.attributes)
        assert depth.dtype == np.uint16
        assert depth.max() > 5000
        np.testing.assert_allclose(
            depth * FINE_DEPTH_UNIT, picture.depth, atol=FINE_DEPTH_UNIT / 2 + 1e-6
        )
        points = np.load(out / row.annotations["landmarks"])
        np.testing.assert_allclose(points, picture.points, rtol=1e-6, atol=1e-4)
        assert read_truth(out / row.annotations["truth"]) == picture.truth


def test_rows_say_what_the_truth_says(made):
    out, manifest = made
    for row in manifest.rows:
        truth = read_truth(out / row.annotations["truth"])
        assert row.movement is truth.movement
        assert row.side is (None if truth.lesion is None else truth.lesion.side)
        assert row.video == f"case{truth.case}"
        assert row.frame is row.rate is None
        assert row.labels == labels_of(truth)
        fpp = cv2.imread(str(out / row.annotations["mask"]), cv2.IMREAD_UNCHANGED) == Part.FPP
        if truth.lesion is None or max(truth.lesion.weakness.values()) < 0.25:
            assert not fpp.any()


def test_labels_are_the_grade_the_composite_and_the_regions(made):
    out, manifest = made
    healthy = next(r for r in manifest.rows if r.side is None)
    labels = {(e.scale, e.zone): e.value for e in healthy.labels}
    assert labels[Scale.HOUSE_BRACKMANN, ""] == 1
    assert labels[Scale.SUNNYBROOK, ""] == 100
    assert {labels[Scale.INTENSITY, z] for z in ("eyes", "mouth", "brow")} == {Intensity.NONE}
    weak = next(r for r in manifest.rows if r.side is not None)
    truth = read_truth(out / weak.annotations["truth"])
    labels = {(e.scale, e.zone): e.value for e in weak.labels}
    assert labels[Scale.HOUSE_BRACKMANN, ""] == truth.grade > 1
    assert labels[Scale.SUNNYBROOK, ""] == truth.sunnybrook.composite < 100
    assert labels[Scale.INTENSITY, "eyes"] == truth.intensities[Region.EYE]


def test_the_collection_is_recognised_and_gives_the_same_labels(made):
    out, manifest = made
    assert kind_of(out) == "simulated"
    samples = list(open_collection(out).samples())
    assert len(samples) == len(manifest.rows)
    for sample, row in zip(samples, manifest.rows, strict=True):
        assert sample.path == out / row.path
        assert sample.labels == row.labels
        assert (sample.subject, sample.side, sample.movement) == (
            row.subject,
            row.side,
            row.movement,
        )
        assert set(sample.annotations) == {"mask", "attributes", "depth", "landmarks", "truth"}
        assert all(path.is_file() for path in sample.annotations.values())


def test_people_known_to_be_women_grow_no_beard(made):
    out, manifest = made
    for row in manifest.rows:
        if row.subject == "faces/a":
            assert "beard" not in read_truth(out / row.annotations["truth"]).appearance


def test_the_card_counts_what_is_there_and_says_that_it_is_simulated(made):
    out, manifest = made
    card = (out / "CARD.md").read_text("utf-8")
    assert card.startswith("# Simulated palsy")
    assert "No patient was photographed" in card
    assert manifest.digest in card
    assert "39 pictures of 3 people" in card
    sides = Counter(str(row.side or "healthy") for row in manifest.rows)
    assert all(f"| {side} | {count} |" in card for side, count in sides.items())
    assert "| female | 1 |" in card
    assert "| unknown | 1 |" in card
    assert "Age: 30 to 41 years, known of 2 people." in card


def test_the_contact_sheet_has_a_row_a_person_and_says_that_it_is_simulated(
    made, faces, plan, monkeypatch
):
    out, _ = made
    with Image.open(out / "contact-sheet.jpg") as sheet:
        assert sheet.size == (12 * 160, 3 * 180 + 24)
        pixels = np.asarray(sheet)
    for person in range(3):
        tile = pixels[24 + 180 * person : 24 + 180 * person + 160, :160]
        assert tile.std() > 20
    written: list[str] = []
    draw = ImageDraw.ImageDraw.text
    monkeypatch.setattr(
        ImageDraw.ImageDraw,
        "text",
        lambda self, at, text, *rest: (written.append(text), draw(self, at, text, *rest))[1],
    )
    build_cohort(Cohort(faces, plan, SIDE), out)
    assert written[0] == "Simulated palsy, no patients. 39 pictures of 3 people."
    assert len(written) == 1 + 3 * 12
    assert {text.split(" · ")[0] for text in written[1:]} == set(Movement)
    assert any(text.endswith(tuple(Side)) for text in written)


def test_building_again_changes_nothing(made, faces, plan):
    out, manifest = made
    before = contents(out)
    stamps = {p: p.stat().st_mtime_ns for p in (out / "images").rglob("*.png")}
    reports = []
    again = build_cohort(
        Cohort(faces, plan, SIDE), out, progress=lambda *done: reports.append(done)
    )
    assert again.rows == manifest.rows
    assert contents(out) == before
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps
    assert reports == [(3, 3)]


def test_a_run_that_was_stopped_goes_on_where_it_was(made, faces, plan, tmp_path):
    whole, _ = made
    out = tmp_path / "out"

    def stop(done, of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_cohort(Cohort(faces, plan, SIDE), out, progress=stop)
    assert not (out / "manifest.json").exists()
    # A person half done: pictures, a file being written, and no rows.
    left = next((out / "people").iterdir())
    left.unlink()
    picture = next((out / "images" / left.stem).iterdir())
    picture.with_name(f"{picture.name}.partial").write_bytes(b"half")
    picture.unlink()
    reports = []
    build_cohort(Cohort(faces, plan, SIDE), out, progress=lambda *done: reports.append(done))
    assert contents(out) == contents(whole)
    assert reports[-1] == (3, 3)
    assert reports[0][0] > 0


def test_spawned_processes_make_the_same_bytes_however_many(faces, tmp_path, no_processes):
    folder = tmp_path / "faces"
    folder.mkdir()
    for name in ("a_neutral.png", "b_neutral.png", "b_smile.png"):
        shutil.copy(faces / name, folder)
    asked = Cohort(folder, Plan(per_subject=3, seed=1), SIDE)
    for jobs in (1, 2):
        build_cohort(asked, tmp_path / str(jobs), jobs=jobs)
    one, two = contents(tmp_path / "1"), contents(tmp_path / "2")
    assert len(one) > 6 * 2 * 3
    assert one == two
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "workers", no_processes)
        build_cohort(asked, tmp_path / "0")
    assert contents(tmp_path / "0") == one


def test_runs_of_frames_have_sequences_numbers_and_a_rate(one_face, tmp_path):
    plan = Plan(per_subject=3, seed=2, frames=3, rate=6.0)
    manifest = build_cohort(Cohort(one_face, plan, SIDE), tmp_path / "out")
    assert len(manifest.rows) == 9
    for start in range(0, 9, 3):
        run = manifest.rows[start : start + 3]
        assert len({row.sequence for row in run}) == 1
        assert [row.frame for row in run] == [0, 1, 2]
        assert all(row.rate == 6.0 and row.video == row.sequence for row in run)
        times = [read_truth(tmp_path / "out" / row.annotations["truth"]).seconds for row in run]
        np.testing.assert_allclose(np.diff(times), 1 / 6, atol=2e-4)
    samples = list(open_collection(tmp_path / "out").samples())
    assert [s.written["sequence"] for s in samples] == [r.sequence for r in manifest.rows]


def test_the_folder_is_named_alike_however_it_is_given(one_face, tmp_path, monkeypatch):
    plan = Plan(per_subject=1)
    monkeypatch.chdir(one_face)
    here = build_cohort(Cohort(Path(), plan, SIDE), tmp_path / "here")
    there = build_cohort(Cohort(one_face, plan, SIDE), tmp_path / "there")
    assert here.rows == there.rows
    assert here.rows[0].subject == "one/a"


@pytest.mark.parametrize("change", ["seed", "number", "side", "photograph"])
def test_a_folder_with_another_cohort_is_refused_and_left_alone(one_face, tmp_path, change):
    out = tmp_path / "out"
    build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), out)
    before = contents(out)
    plan, side = Plan(per_subject=1), SIDE
    if change == "seed":
        plan = Plan(per_subject=1, seed=1)
    elif change == "number":
        plan = Plan(per_subject=2)
    elif change == "side":
        side = SIDE + 1
    else:
        with Image.open(one_face / "a_neutral.png") as picture:
            ImageOps.mirror(picture).save(one_face / "a_neutral.png")
    with pytest.raises(InputError, match="holds another cohort"):
        build_cohort(Cohort(one_face, plan, side), out)
    assert contents(out) == before


def test_a_folder_with_something_else_is_refused_and_left_alone(one_face, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="is not empty and holds no cohort"):
        build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), out)
    assert contents(out) == {"thesis.txt": b"years of work"}


def test_an_empty_folder_is_as_good_as_a_new_one(one_face, tmp_path):
    (tmp_path / "out").mkdir()
    manifest = build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), tmp_path / "out")
    assert len(manifest.rows) == 1


def test_a_folder_without_photographs_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no photograph"):
        build_cohort(Cohort(tmp_path / "empty", Plan(per_subject=1), SIDE), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["text", "folder", "no face"])
def test_a_bad_photograph_is_named_and_mending_it_is_enough(one_face, tmp_path, kind):
    bad, out = one_face / "b_neutral.png", tmp_path / "out"
    asked = Cohort(one_face, Plan(per_subject=1), SIDE)
    if kind == "text":
        bad.write_text("no photograph", encoding="utf-8")
    elif kind == "folder":
        bad.mkdir()
    else:
        Image.new("RGB", (200, 200), (90, 120, 90)).save(bad)
    with pytest.raises(NoFaceError if kind == "no face" else InputError, match="b_neutral"):
        build_cohort(asked, out)
    assert not out.exists() or contents(out) == {}
    if kind == "folder":
        bad.rmdir()
    shutil.copy(one_face / "a_neutral.png", bad)
    assert len(build_cohort(asked, out).rows) == 2


def test_a_refusal_of_a_spawned_process_is_told_as_it_was_meant(one_face, tmp_path):
    (one_face / "b_neutral.png").write_text("no photograph", encoding="utf-8")
    with pytest.raises(InputError, match=r"b_neutral\.png: is a text file; pass a photograph"):
        build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), tmp_path / "out", jobs=1)


def test_hand_points_that_go_bad_are_named(one_face, tmp_path):
    (one_face / "a_neutral.tem").write_text("nothing", encoding="ascii")
    with pytest.raises(InputError, match=r"a_neutral\.tem"):
        build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), tmp_path / "out")


def test_a_folder_that_cannot_be_made_is_told(one_face, tmp_path):
    (tmp_path / "file").write_text("here", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="cannot be written"):
            build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), out)
    assert (tmp_path / "file").read_text("utf-8") == "here"


def test_a_disk_that_fills_up_is_told(one_face, tmp_path, monkeypatch, no_processes):
    write = Path.write_bytes

    def full(self, data):
        if "depth" in self.parts:
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"\.png: cannot be written \(No space left on device\)"):
        build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), tmp_path / "out")
    monkeypatch.undo()
    monkeypatch.setattr(building, "workers", no_processes)
    build_cohort(Cohort(one_face, Plan(per_subject=1), SIDE), tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.partial"))


@pytest.mark.parametrize(
    ("plan", "side", "what"),
    [
        (Plan(per_subject=0), 64, "pictures per subject: is 0; give a number from 1 to 10000"),
        (Plan(per_subject=1), 63, "the side: is 63; give a number from 64 to 1024"),
        (Plan(per_subject=1), 1025, "the side: is 1025"),
        (Plan(per_subject=1, frames=0), 64, "frames: is 0"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path, plan, side, what):
    with pytest.raises(InputError, match=what):
        Cohort(tmp_path, plan, side)


def test_the_plan_on_disk_names_the_photographs_by_their_digests(made, faces):
    out, _ = made
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    assert set(plan["photographs"]) == {p.name for p in faces.glob("*.png")}
    assert plan["plan"] == {"per_subject": 13, "seed": 7, "frames": 1, "rate": 6.0}


@pytest.mark.slow
def test_real_people_make_a_cohort(shared_data, tmp_path):
    folder = tmp_path / "london"
    folder.mkdir()
    for path in sorted((shared_data / "faces" / "london").glob("00[12]_*")):
        shutil.copy(path, folder)
    out = tmp_path / "out"
    manifest = build_cohort(Cohort(folder, Plan(per_subject=6), 128), out)
    assert len(manifest.rows) == 12
    assert manifest.made["without_smile"] == manifest.made["without_hand_points"] == []
    assert verify(read_manifest(out)).missing == ()


def test_a_cohort_of_invented_people_names_both_and_says_so(faces, tmp_path):
    folder = tmp_path / "faces"
    shutil.copytree(faces, folder)
    (folder / "subjects.csv").unlink()
    asked = Cohort(folder, Plan(per_subject=2, seed=1), SIDE, crosses=1)
    manifest = build_cohort(asked, tmp_path / "out")
    assert manifest.title == "Simulated palsy of invented people"
    assert len(manifest.rows) == 3 * 2
    assert manifest.made["invented"] == 3
    for row in manifest.rows:
        skin, shape = row.people
        assert skin != shape
        assert {skin, shape} <= {"faces/a", "faces/b", "faces/c"}
        names = f"{skin[-1]}+{shape[-1]}"
        assert row.path.startswith(f"images/{names}/")
        truth = read_truth(tmp_path / "out" / row.annotations["truth"])
        assert truth.subject == names
        assert all(name.startswith(skin[-1]) for name in truth.made_from)
    card = (tmp_path / "out" / "CARD.md").read_text("utf-8")
    assert "6 pictures of 3 invented people" in card
    assert "the shape of another of 3 people" in card
    with pytest.raises(InputError, match="holds another cohort"):
        build_cohort(Cohort(folder, asked.plan, SIDE), tmp_path / "out")
    with pytest.raises(InputError, match=r"crosses.*is -1"):
        Cohort(folder, asked.plan, SIDE, crosses=-1)
