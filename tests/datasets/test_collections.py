"""Collections opened by what they look like, read by manifest, and inspected file by file."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets.collections import KINDS, kind_of, open_collection
from facialis.datasets.findings import EXAMPLES, FindingLog, Trouble
from facialis.datasets.folder import LabelledFolders
from facialis.datasets.inspection import inspect
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import write_manifest
from facialis.datasets.sample import Label
from facialis.errors import InputError


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def cohort(tmp_path, picture, text):
    """Two simulated pictures; the second one's truth is missing."""
    root = tmp_path / "cohort"
    rows = []
    for number, name in enumerate(("p1_smile", "p1_rest")):
        path = picture(root / "images" / f"{name}.png", number)
        mask = picture(root / "masks" / f"{name}.png", number)
        rows.append(
            Row(
                name=name,
                path=path.relative_to(root).as_posix(),
                sha256=digest(path),
                subject="simulated/p1",
                source="simulated",
                labels=(
                    Label(Scale.HOUSE_BRACKMANN, 4),
                    Label(Scale.INTENSITY, "strong", zone="mouth"),
                    Label(Scale.SUNNYBROOK, 41),
                ),
                movement=Movement.SMILE,
                side=Side.LEFT,
                parent="p1_smile" if number else "",
                part="train",
                sequence="p1" if number else "",
                annotations={
                    "mask": mask.relative_to(root).as_posix(),
                    "truth": f"truth/{name}.json",
                },
            )
        )
    text(root / "truth" / "p1_smile.json", "{}")
    write_manifest(Manifest("cohort", tuple(rows), root=root), root)
    return root


def test_a_cohort_has_the_labels_and_annotations_of_its_manifest(cohort, read):
    reading = read(open_collection(cohort, "simulated"))
    first = reading.samples[0]
    assert first.label(Scale.HOUSE_BRACKMANN).value == 4
    assert first.label(Scale.INTENSITY, "mouth").value == "strong"
    assert first.label(Scale.SUNNYBROOK).value == 41
    assert (first.side, first.movement, first.source) == (Side.LEFT, Movement.SMILE, "simulated")
    assert first.annotations["truth"] == cohort / "truth" / "p1_smile.json"
    assert first.written == {"part": "train"}


def test_the_parent_in_a_cohort_is_the_path_of_the_row(cohort, read):
    second = read(open_collection(cohort)).samples[1]
    assert second.parent == "images/p1_smile.png"
    assert second.written["sequence"] == "p1"


def test_what_a_manifest_lists_and_the_disk_lacks_is_named(cohort, read):
    (cohort / "images" / "p1_smile.png").unlink()
    reading = read(open_collection(cohort))
    assert len(reading.samples) == 1
    assert set(reading.examples(Trouble.MISSING_IMAGES)) == {
        "images/p1_smile.png",
        "truth/p1_rest.json",
    }


def test_rows_without_labels_are_counted(tmp_path, picture, read):
    path = picture(tmp_path / "a.png")
    row = Row(name="a", path="a.png", sha256=digest(path), subject="x/1", source="x")
    write_manifest(Manifest("bare", (row,), root=tmp_path), tmp_path)
    assert read(open_collection(tmp_path)).examples(Trouble.IMAGES_WITHOUT_LABELS) == ("a.png",)


LAYOUTS = {
    "yfp": ["Image/1/1.bmp"],
    "yfp_regions": ["Eye/Mild eye/10_M_eye59.jpg"],
    "meei": ["MEEI_Standard_Set/Flaccid/MildFlaccid/MildFlaccid1/MildFlaccid1_1.jpg"],
    "ckplus": ["cohn-kanade-images/S005/001/S005_001_00000001.png"],
    "ckplus48": ["CK+48/happy/S005_001_00000011.png"],
    "celebamask_hq": [
        "CelebA-HQ-img/0.jpg",
        "CelebAMask-HQ-mask-anno/0/00000_skin.png",
    ],
    "lapa": ["train/images/a.jpg", "train/labels/a.png"],
    "helen": ["images/1_1.jpg", "labels/1_1/1_1_lbl00.png"],
    "lfw": ["Ann/Ann_0001.jpg"],
    "folder": ["mild/anna_1.jpg"],
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_each_layout_is_recognised_and_opens(kind, tmp_path, picture, read):
    for number, name in enumerate(LAYOUTS[kind]):
        picture(tmp_path / name, number)
    assert kind_of(tmp_path) == kind
    collection = open_collection(str(tmp_path))
    assert collection.name == (tmp_path.name if kind == "folder" else kind)
    samples = read(collection).samples
    assert [each.path for each in samples] == [tmp_path / LAYOUTS[kind][0]]


def test_a_table_is_opened_by_its_folder_or_its_name(tmp_path, picture, text):
    picture(tmp_path / "a.jpg")
    table = text(tmp_path / "list.csv", "path,subject,label\na.jpg,anna,x\n")
    assert (kind_of(tmp_path), kind_of(table)) == ("csv", "csv")
    for given in (tmp_path, table):
        assert len(list(open_collection(given, name="mine").samples())) == 1


def test_nothing_recognised_lists_the_kinds(tmp_path):
    with pytest.raises(InputError, match="looks like no collection") as caught:
        open_collection(tmp_path)
    assert all(kind in str(caught.value) for kind in KINDS)


@pytest.mark.parametrize("kind", [None, "folder"])
def test_a_folder_that_is_not_there_is_named(tmp_path, kind):
    with pytest.raises(InputError, match="gone: no such file or folder"):
        open_collection(tmp_path / "gone", kind)


def test_an_unknown_kind_lists_those_that_there_are(tmp_path):
    with pytest.raises(InputError, match="use one of simulated, yfp, "):
        open_collection(tmp_path, "imagenet")


def test_an_option_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"takes no grades.*\(yfp\)"):
        open_collection(tmp_path, "meei", grades=tmp_path / "g.csv")


def test_a_finding_keeps_the_first_names_and_the_whole_count():
    log = FindingLog()
    for number in range(EXAMPLES + 2):
        log.note(Trouble.UNKNOWN_FILES, f"a\n{number}")
    (finding,) = log.all()
    assert finding.count == EXAMPLES + 2
    assert finding.examples[0] == r"a\n0"
    assert finding.sentence.endswith(r"a\n4, ...).")


@pytest.fixture
def doubled(tmp_path, picture):
    """Exact copies within and across people, a near-duplicate across, a damaged picture."""
    root = tmp_path / "clinic"
    first = picture(root / "mild" / "anna_1.png", 1)
    shutil.copy(first, root / "mild" / "anna_2.png")
    (root / "severe").mkdir()
    shutil.copy(first, root / "severe" / "ben_1.png")
    picture(root / "severe" / "carl_1.png", 5)
    picture(root / "severe" / "dora_1.png", 5, (80, 80))
    picture(root / "severe" / "carl_2.png", 5, (72, 72))
    (root / "severe" / "emil_1.png").write_bytes(b"no picture")
    return root


def test_duplicates_are_told_by_bytes_and_by_looks_within_and_across_people(doubled):
    found = inspect(LabelledFolders(doubled))
    by_kind = {each.kind: each for each in found.findings}
    assert by_kind[Trouble.EXACT_DUPLICATES].examples == ("mild/anna_2.png = mild/anna_1.png",)
    assert by_kind[Trouble.SHARED_BY_SUBJECTS].examples == ("severe/ben_1.png = mild/anna_1.png",)
    assert by_kind[Trouble.UNREADABLE_IMAGES].examples == ("severe/emil_1.png",)
    assert (found.near_within, found.near_across) == (1, 2)
    assert by_kind[Trouble.NEAR_DUPLICATES].count == 2
    assert [each.kind for each in found.findings] == sorted(by_kind, key=list(Trouble).index)


def test_people_labels_and_files_are_counted(doubled):
    found = inspect(LabelledFolders(doubled))
    assert (found.images, found.samples, found.subjects, found.recordings) == (7, 7, 5, 0)
    assert found.labels == {"word": {"mild": 2, "severe": 5}}
    assert found.images_of_subject["clinic/anna"] == 2


def test_numbers_are_counted_in_their_order(tmp_path, picture):
    for number, label in enumerate(("100", "9", "x", "23")):
        picture(tmp_path / label / f"p{number}_1.png", number)
    assert list(inspect(LabelledFolders(tmp_path)).labels["word"]) == ["9", "23", "100", "x"]


def test_progress_is_told_file_by_file(doubled):
    steps = []
    inspect(LabelledFolders(doubled), lambda done, of: steps.append((done, of)))
    assert steps == [(number, 7) for number in range(1, 8)]


def test_recordings_movements_sides_and_annotations_are_counted(cohort, tmp_path, text):
    found = inspect(open_collection(cohort))
    assert found.movements == {"smile": 2}
    assert found.sides == {"left": 2}
    assert found.annotations == {"mask": 2, "truth": 1}
    assert found.augmented == 1
    assert found.labels["intensity [mouth]"] == {"strong": 2}
    film = tmp_path / "elsewhere" / "film.mp4"
    text(film, "recording")
    table = text(tmp_path / "t" / "l.csv", f"path,subject,label\n{film},anna,x\n")
    other = inspect(open_collection(table))
    assert (other.images, other.recordings) == (0, 1)


def test_altered_copies_are_listed(tmp_path, picture):
    place = tmp_path / "Eye" / "Mild eye"
    picture(place / "10_M_eye59.jpg", 1)
    picture(place / "noisy_10_M_eye59.jpg", 2)
    found = inspect(open_collection(tmp_path))
    assert found.augmented == 1
    assert Trouble.AUGMENTED_COPIES in {each.kind for each in found.findings}
