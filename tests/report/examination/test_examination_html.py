from __future__ import annotations

import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from facialis.report.examination_content import examination_content
from facialis.report.examination_html import render_examination_html
from facialis.report.examination_pictures import movement_pictures

VOID = {"meta", "img", "rect", "line", "circle", "polyline", "br", "link", "input", "hr"}


class Document(HTMLParser):
    """The elements of a page, their text, and whether they nest properly."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.unbalanced: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return " ".join(self.words.split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if self._open and self._open[-1] not in ("style", "title"):
            self.words += f" {data}"

    def all(self, *tags):
        return [(tag, attrs) for tag, attrs in self.elements if tag in tags]


def page(examination) -> str:
    """Return the HTML of an examination."""
    return render_examination_html(examination_content(examination), movement_pictures(examination))


@pytest.fixture(scope="module")
def html(filmed) -> str:
    return page(filmed)


@pytest.mark.parametrize("name", ["filmed", "healthy", "sparse", "hindered", "unjudged"])
def test_every_page_is_well_formed_and_its_headings_skip_no_level(name, request):
    document = Document(page(request.getfixturevalue(name)))
    assert document.unbalanced == []
    assert document.all("html")[0][1]["lang"] == "en-GB"
    levels = [int(tag[1]) for tag, _ in document.all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_identifiers_are_unique_and_what_refers_to_them_finds_them(html):
    attributes = [attrs for _, attrs in Document(html).elements]
    ids = Counter(attrs["id"] for attrs in attributes if "id" in attrs)
    assert set(ids.values()) == {1}
    for name in ("aria-labelledby", "aria-describedby"):
        assert {attrs[name] for attrs in attributes if name in attrs} <= set(ids)


def test_the_page_fetches_nothing_and_runs_nothing(html):
    document = Document(html)
    assert document.all("script", "link", "iframe", "object") == []
    sources = [attrs["src"] for _, attrs in document.all("img")]
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+|http-equiv", "", html)


def test_each_movement_has_a_small_and_a_large_picture_with_its_name(html, filmed):
    alts = [attrs["alt"] for _, attrs in Document(html).all("img")]
    assert len(alts) == 2 * len(filmed.examination.movements)
    assert sum("Lip pucker" in alt for alt in alts) == 2
    assert sum("the left side is marked as weaker" in alt for alt in alts) == len(alts) / 2


def test_charts_have_texts_and_cells_have_headers(html, filmed):
    document = Document(html)
    charts = [a["aria-label"] for _, a in document.all("svg") if a.get("role") == "img"]
    assert sum("over time" in text for text in charts) == len(filmed.examination.dynamics)
    assert all(attrs.get("scope") for _, attrs in document.all("th"))
    drawn = [a for _, a in document.all("svg") if a.get("role") != "img"]
    assert all(a.get("aria-hidden") == "true" for a in drawn)


def test_the_page_says_all_that_the_content_holds(html, filmed):
    text, told = Document(html).text, examination_content(filmed)
    for expected in (
        told.headline,
        told.overall.side.line,
        *(f"{s.value} {s.word}" for s in told.scores),
        *told.observations,
        *told.notes,
        *told.disclaimers,
        *told.house_brackmann.sentences,
        told.house_brackmann.points_text,
        told.sunnybrook.composite_text,
        *(group.summary for group in told.eface),
        *(row.inputs for group in told.items for run in group.runs for row in run.rows),
        *(remark for section in told.movements for remark in section.remarks),
        *(definition for _, definition in told.provenance),
    ):
        assert " ".join(expected.split()) in text, expected


def test_one_box_of_each_item_is_ticked(html):
    ticks = [a for _, a in Document(html).all("svg") if a.get("aria-label") == "ticked"]
    assert len(ticks) == 13


def test_right_stands_before_left(html):
    text = Document(html).text
    assert "Right Left (affected)" in text
    assert re.search(r"Commissure, mm 36 % of the healthy side right 11\.7 left 4\.2", text)


def test_a_page_without_verdict_has_no_scales(unjudged):
    document = Document(page(unjudged))
    assert "This examination cannot be judged" in document.text
    assert "Not measured: smile.png: shows no face" in document.text
    for hidden in ("Probability of palsy", "Points", "composite", "ticked"):
        assert hidden not in document.text
    assert document.all("img") == []


def test_file_names_with_markup_stay_text(hindered):
    document = Document(page(hindered))
    assert "brow_raise <b>1</b>.png" in document.text
    assert "<b>1</b>" not in page(hindered)


def test_what_the_clinician_writes_stays_text(filmed):
    hostile = "<script>alert(1)</script>\"'>"
    stated = filmed.stated.model_copy(update={"earlier_surgery": hostile})
    document = Document(page(filmed.model_copy(update={"stated": stated})))
    assert document.all("script") == []
    assert hostile in document.text


def test_the_page_fits_a_phone_a_tablet_and_a_laptop(filmed, hindered, tmp_path):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium to lay the page out")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, examination in (("filmed", filmed), ("hindered", hindered)):
            path = tmp_path / f"{name}.html"
            path.write_text(page(examination), "utf-8")
            for width in (360, 768, 1280):
                tab = browser.new_page(viewport={"width": width, "height": 800})
                refused = []
                tab.on("console", lambda message, refused=refused: refused.append(message.text))
                tab.goto(path.as_uri())
                assert tab.evaluate("document.documentElement.scrollWidth") <= width
                assert refused == []
                tab.close()
        browser.close()
