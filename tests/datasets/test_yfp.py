"""YFP in its authors' layout, whole and damaged, and the re-distributed derivative."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from facialis.clinical.anatomy import Intensity, Side
from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.sample import Label
from facialis.datasets.yfp import Yfp, recognises
from facialis.datasets.yfp_labels import read_annotation, side_of_pose
from facialis.datasets.yfp_regions import YfpRegions, original_stem
from facialis.errors import InputError

OBJECT = (
    "<object><name>{name}</name><pose>{pose}</pose><bndbox><xmin>1</xmin><ymin>2</ymin>"
    "<xmax>159</xmax><ymax>92</ymax></bndbox></object>\n"
)
FILE = (
    "<annotation><filename>{stem}.bmp</filename><size><width/><height/><depth/></size>\n"
    "{objects}</annotation>"
)


def xml(
    eyes="SlightPalsy_Eyes", mouth="StrongPalsy_Mouth", *, pose="Left", mouth_pose=None, stem=1
):
    objects = [
        OBJECT.format(name=name, pose=said)
        for name, said in ((eyes, pose), (mouth, mouth_pose or pose))
        if name
    ]
    return FILE.format(stem=stem, objects="".join(objects))


@pytest.fixture
def yfp(tmp_path, picture, text):
    """Two folders of frames; of the first, frames 1 and 6 are labelled."""
    for number in (1, 6, 11):
        picture(tmp_path / "Image" / "1" / f"{number}.bmp", number)
    picture(tmp_path / "Image2" / "9" / "4.bmp", 4)
    labels = tmp_path / "Image_large_XML"
    text(labels / "1" / "1.xml", xml())
    text(labels / "1" / "6.xml", xml("Normal_Eyes", "Normal_Mouth", pose="Right"))
    text(labels / "eyes" / "1.xml", xml("StrongPalsy_Eyes"))
    text(labels / "mouth" / "1.xml", xml("StrongPalsy_Eyes"))
    return tmp_path


def test_a_frame_has_the_intensities_that_its_file_says(yfp, read):
    first = read(Yfp(yfp)).sample("Image/1/1.bmp")
    assert first.labels == (
        Label(Scale.INTENSITY, "slight", zone="eyes"),
        Label(Scale.INTENSITY, "strong", zone="mouth"),
    )
    assert (first.subject, first.source, first.video) == ("yfp/1", "yfp", "1")
    assert (first.frame, first.rate) == (1, 6.0)
    assert first.written["box_eyes"] == "1 2 159 92"


def test_frames_come_in_the_order_of_their_numbers(yfp, read):
    frames = [each.frame for each in read(Yfp(yfp)).samples if each.video == "1"]
    assert frames == [1, 6, 11]


def test_the_sibling_folders_eyes_and_mouth_are_skipped(yfp, read):
    reading = read(Yfp(yfp))
    assert reading.sample("1/1.bmp").label(Scale.INTENSITY, "eyes").value == Intensity.SLIGHT
    assert Trouble.LABELS_WITHOUT_IMAGES not in reading.findings


def test_a_frame_without_a_file_has_no_label_and_is_counted(yfp, read):
    reading = read(Yfp(yfp))
    assert reading.sample("1/11.bmp").labels == ()
    assert reading.findings[Trouble.IMAGES_WITHOUT_LABELS].count == 2


def test_one_folder_counts_as_one_person_with_a_warning(yfp, read):
    reading = read(Yfp(yfp))
    assert {each.subject for each in reading.samples} == {"yfp/1", "yfp/9"}
    assert reading.findings[Trouble.ASSUMED_SUBJECTS].count == 2


def test_a_table_of_subjects_ties_folders_together_and_silences_the_warning(yfp, text, read):
    table = text(yfp.parent / "who.csv", "folder,subject\n1,anna\n9,anna\n")
    reading = read(Yfp(yfp, subjects=table))
    assert {each.subject for each in reading.samples} == {"yfp/anna"}
    assert {each.video for each in reading.samples} == {"1", "9"}
    assert Trouble.ASSUMED_SUBJECTS not in reading.findings


def test_a_folder_that_the_table_lacks_has_an_unknown_person(yfp, text, read):
    reading = read(Yfp(yfp, subjects=text(yfp.parent / "who.csv", "folder,subject\n1,anna\n")))
    assert reading.sample("9/4.bmp").subject == ""
    assert reading.examples(Trouble.UNKNOWN_SUBJECT) == ("Image2/9",)


def test_grades_are_added_and_the_table_is_compared_with_the_disk(yfp, text, read):
    table = text(yfp.parent / "grades.csv", "Subject,Grade,Rater\n1,IV,Dr A\n7,2,\n")
    reading = read(Yfp(yfp, grades=table))
    given = Label(Scale.HOUSE_BRACKMANN, 4, rater="Dr A")
    assert reading.sample("1/11.bmp").label(Scale.HOUSE_BRACKMANN) == given
    assert reading.sample("9/4.bmp").label(Scale.HOUSE_BRACKMANN) is None
    assert reading.examples(Trouble.SUBJECT_WITHOUT_GRADE) == ("yfp/9",)
    assert reading.examples(Trouble.GRADE_WITHOUT_SUBJECT) == ("7",)


def test_no_grade_is_made_from_intensities(yfp, read):
    assert all(each.label(Scale.HOUSE_BRACKMANN) is None for each in read(Yfp(yfp)).samples)


@pytest.mark.parametrize(
    ("names", "side"), [(None, None), ("subject", Side.LEFT), ("image", Side.RIGHT)]
)
def test_a_pose_becomes_a_side_only_when_somebody_says_whose(yfp, read, names, side):
    first = read(Yfp(yfp, pose_names=names)).sample("1/1.bmp")
    assert first.written["pose"] == "Left"
    assert first.side is side


def test_poses_that_differ_are_kept_apart_and_give_no_side(yfp, text, read):
    text(yfp / "Image_large_XML" / "1" / "1.xml", xml(pose="Left", mouth_pose="Right"))
    first = read(Yfp(yfp, pose_names="subject")).sample("1/1.bmp")
    assert (first.written["pose_eyes"], first.written["pose_mouth"]) == ("Left", "Right")
    assert "pose" not in first.written
    assert first.side is None


def test_a_pose_that_names_no_side_gives_none():
    assert side_of_pose("Frontal", "image") is None


def test_doubled_folders_are_looked_through(tmp_path, picture, text, read):
    picture(tmp_path / "Image" / "Image" / "1" / "1.bmp")
    text(tmp_path / "Image_large_XML" / "Image_large_XML" / "1" / "1.xml", xml())
    reading = read(Yfp(tmp_path))
    assert len(reading.samples[0].labels) == 2
    assert Trouble.UNKNOWN_FILES not in reading.findings


def test_folders_called_strong_are_strong_palsy_of_no_zone_in_particular(yfp, picture, read):
    picture(yfp / "Image5" / "33" / "a" / "strong" / "x7.bmp", 7)
    extra = read(Yfp(yfp)).sample("strong/x7.bmp")
    assert extra.labels == (Label(Scale.INTENSITY, "strong"),)
    assert (extra.subject, extra.video, extra.frame) == ("yfp/33", "33/a/strong", None)


@pytest.mark.parametrize(
    ("whole", "damaged"),
    [
        ("</name><pose>Left</pose>", "<name><pose>Left</pose>"),
        ("</pose>", "</psoe>"),
        ("</object>", ""),
        ("<object>", "<objct>"),
        ("</annotation>", ""),
        ("</bndbox></object>\n</annotation>", ""),
    ],
)
def test_a_damaged_file_is_read_and_counted(yfp, text, read, whole, damaged):
    assert whole in xml()
    text(yfp / "Image_large_XML" / "1" / "1.xml", xml().replace(whole, damaged))
    reading = read(Yfp(yfp))
    values = [each.value for each in reading.sample("1/1.bmp").labels]
    assert values == ["slight", "strong"]
    assert reading.examples(Trouble.RECOVERED) == ("Image_large_XML/1/1.xml",)


def test_a_file_that_tells_nothing_is_counted_and_gives_no_label(yfp, text, read):
    text(yfp / "Image_large_XML" / "1" / "1.xml", xml()[:60])
    reading = read(Yfp(yfp))
    assert reading.sample("1/1.bmp").labels == ()
    assert reading.examples(Trouble.UNREADABLE_LABELS) == ("Image_large_XML/1/1.xml",)


def test_a_cut_number_or_word_is_not_read_as_a_whole_one(tmp_path, text):
    cut = xml().partition("<xmax>15")
    annotation = read_annotation(text(tmp_path / "1.xml", cut[0] + cut[1]))
    assert [each.intensity for each in annotation.regions] == [Intensity.SLIGHT]
    assert annotation.regions[0].box == ()
    with pytest.raises(InputError, match="no region"):
        read_annotation(text(tmp_path / "2.xml", xml().partition("SlightPalsy_Eyes")[0] + "Slight"))


def test_a_whole_file_reads_as_an_xml_library_reads_it(tmp_path, text):
    path = text(tmp_path / "1.xml", xml("StrongPalsy_Eyes", "Normal_Mouth", pose="Right"))
    tree = ElementTree.parse(path)  # noqa: S314
    annotation = read_annotation(path)
    names = [f"{each.intensity}/{each.zone}" for each in annotation.regions]
    words = {"Normal": "none", "SlightPalsy": "slight", "StrongPalsy": "strong"}
    expected = [each.findtext("name", "").split("_") for each in tree.iter("object")]
    assert names == [f"{words[word]}/{zone.lower()}" for word, zone in expected]
    assert [each.pose for each in annotation.regions] == [e.text for e in tree.iter("pose")]
    assert annotation.is_whole


def test_a_word_that_nobody_knows_is_reported_and_left_out(yfp, text, read):
    text(yfp / "Image_large_XML" / "1" / "1.xml", xml("WeakPalsy_Eyes"))
    reading = read(Yfp(yfp))
    assert [each.zone for each in reading.sample("1/1.bmp").labels] == ["mouth"]
    assert "WeakPalsy_Eyes" in reading.examples(Trouble.UNKNOWN_LABELS)[0]


def test_two_intensities_of_one_zone_cancel_out(yfp, text, read):
    text(yfp / "Image_large_XML" / "1" / "1.xml", xml("Normal_Eyes", "StrongPalsy_Eyes"))
    reading = read(Yfp(yfp))
    assert reading.sample("1/1.bmp").labels == ()
    assert reading.findings[Trouble.CONTRADICTIONS].count == 1


def test_labels_without_frames_and_strange_files_are_named(yfp, text, read):
    text(yfp / "Image_large_XML" / "1" / "2.xml", xml())
    text(yfp / "Image_large_XML" / "8" / "1.xml", xml())
    text(yfp / "Image_large_XML" / "1" / "notes.txt", "")
    text(yfp / "Image" / "readme.txt", "")
    text(yfp / "Image" / "1" / "list.txt", "")
    text(yfp / "code" / "main.m", "")
    reading = read(Yfp(yfp))
    assert set(reading.examples(Trouble.LABELS_WITHOUT_IMAGES)) == {
        "Image_large_XML/1/2.xml",
        "Image_large_XML/8/1.xml",
    }
    assert set(reading.examples(Trouble.UNKNOWN_FILES)) == {
        "Image_large_XML/1/notes.txt",
        "Image/readme.txt",
        "Image/1/list.txt",
        "code/main.m",
    }


def test_a_person_in_two_folders_is_reported_and_an_ambiguous_label_given_to_neither(
    yfp, picture, read
):
    picture(yfp / "Image2" / "1" / "1.bmp", 50)
    reading = read(Yfp(yfp))
    assert reading.examples(Trouble.SUBJECT_IN_TWO_FOLDERS) == ("Image2/1",)
    both = [each for each in reading.samples if each.path.name == "1.bmp"]
    assert [each.labels for each in both] == [(), ()]
    assert reading.findings[Trouble.CONTRADICTIONS].count == 2


def test_reading_twice_counts_findings_once(yfp, read):
    collection = Yfp(yfp)
    assert read(collection).findings == read(collection).findings


def test_a_folder_without_frames_is_refused(tmp_path):
    with pytest.raises(InputError, match="no frames"):
        Yfp(tmp_path)


def test_the_layout_is_recognised_with_or_without_labels(yfp, tmp_path, picture):
    assert recognises(yfp)
    other = tmp_path / "other"
    picture(other / "Image" / "1" / "1.bmp")
    assert recognises(other)
    picture(tmp_path / "mine" / "images" / "a_1.jpg")
    assert not recognises(tmp_path / "mine")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("folder;subject\n1;2\n", "no column folder, subject"),
        ("folder,subject\n1,a\n1,b\n", "belongs to a and to b"),
        ("folder,subject\n1,\n", "empty cell"),
        ("folder,subject\n1,a,b\n", "line 2 has 3 cells"),
    ],
)
def test_a_wrong_table_of_subjects_is_refused_in_one_sentence(yfp, text, content, problem):
    table = text(yfp.parent / "who.csv", content)
    with pytest.raises(InputError, match=problem):
        Yfp(yfp, subjects=table)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("subject,grade\n1,7\n", "has the grade '7'"),
        ("subject,grade\n1,mild\n", "has the grade 'mild'"),
        ("subject,grade\n1,2\n1,3\n", "has two grades"),
        ("subject,grade\n,2\n", "without a name"),
    ],
)
def test_a_wrong_table_of_grades_is_refused_in_one_sentence(yfp, text, content, problem):
    with pytest.raises(InputError, match=problem):
        Yfp(yfp, grades=text(yfp.parent / "grades.csv", content))


def test_a_table_that_is_missing_or_no_text_is_refused(yfp):
    with pytest.raises(InputError, match="cannot be read"):
        Yfp(yfp, grades=yfp / "gone.csv")
    with pytest.raises(InputError, match="no CSV table"):
        Yfp(yfp, grades=yfp / "Image" / "1" / "1.bmp")


@pytest.fixture
def regions(tmp_path, picture):
    """A crop of subject 10 with two altered copies, a copy without its original, and a stray."""
    place = tmp_path / "Eye" / "Mild eye"
    picture(place / "10_M_eye59.jpg", 1)
    picture(place / "rotated_10_M_eye59.jpg", 2)
    picture(place / "rotated_minus10_M_eye59.jpg", 3)
    picture(place / "noisy_11_M_eye3.bmp", 4)
    picture(tmp_path / "Mouth" / "Moderate severe mouth" / "nobody.bmp", 5)
    return tmp_path


def test_a_crop_has_its_word_its_zone_and_the_person_of_yfp(regions, read):
    crop = read(YfpRegions(regions)).sample("/10_M_eye59.jpg")
    assert crop.labels == (Label(Scale.WORD, "mild", zone="eyes"),)
    assert (crop.subject, crop.parent) == ("yfp/10", "")


def test_altered_copies_name_their_original_and_share_its_person(regions, read):
    reading = read(YfpRegions(regions))
    for name in ("rotated_10_M_eye59.jpg", "rotated_minus10_M_eye59.jpg"):
        copy = reading.sample("/" + name)
        assert (copy.parent, copy.subject) == ("Eye/Mild eye/10_M_eye59.jpg", "yfp/10")


def test_a_copy_without_its_original_is_still_a_copy(regions, read):
    reading = read(YfpRegions(regions))
    assert reading.sample("noisy_11_M_eye3.bmp").parent == "Eye/Mild eye/11_M_eye3.bmp"
    assert reading.examples(Trouble.ORPHANED_COPIES) == ("Eye/Mild eye/noisy_11_M_eye3.bmp",)


def test_words_of_two_parts_empty_classes_and_unknown_people_are_told(regions, text, read):
    text(regions / "readme.txt", "")
    text(regions / "Eye" / "other" / "x.txt", "")
    reading = read(YfpRegions(regions))
    nobody = reading.sample("nobody.bmp")
    assert nobody.labels == (Label(Scale.WORD, "moderate severe", zone="mouth"),)
    assert reading.examples(Trouble.UNKNOWN_SUBJECT) == ("Mouth/Moderate severe mouth/nobody.bmp",)
    assert "Eye: severe" in reading.examples(Trouble.EMPTY_CLASSES)
    assert reading.findings[Trouble.EMPTY_CLASSES].count == 6
    assert set(reading.examples(Trouble.UNKNOWN_FILES)) == {"readme.txt", "Eye/other"}


@pytest.mark.parametrize(
    ("stem", "original"),
    [
        ("10_M_eye59", ""),
        ("rotated_10_M_eye59", "10_M_eye59"),
        ("noisy_rotated_10_M_eye59", "10_M_eye59"),
        ("rotated_15_10_M_eye59", "10_M_eye59"),
        ("translated_minus_10_M_eye59", "10_M_eye59"),
        ("translated_minus9_S_eye1", "9_S_eye1"),
    ],
)
def test_the_original_of_a_copy_is_told_by_its_name(stem, original):
    assert original_stem(stem, {"10_M_eye59", "0_M_eye59", "rotated_10_M_eye59"}) == original
