from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from facialis.grading.combined import Combined
from facialis.grading.method_answers import MethodAnswer
from facialis.report.content import content_of
from facialis.report.html import render_html
from facialis.report.pictures import draw_pictures

VOID = {"meta", "img", "rect", "line", "br", "link", "input", "hr"}


class Document(HTMLParser):
    """The elements of a page, their text, and whether they nest properly."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.unbalanced: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

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
            self.text += data

    def all(self, *tags):
        return [(tag, attrs) for tag, attrs in self.elements if tag in tags]


def page(assessment) -> str:
    """Return the HTML of an assessment."""
    return render_html(content_of(assessment), draw_pictures(assessment))


@pytest.fixture(scope="module")
def html(assessment) -> str:
    """Return the page of a clear palsy."""
    return page(assessment)


def test_the_page_is_one_well_formed_document_in_english(html):
    document = Document(html)
    assert document.unbalanced == []
    assert document.all("html")[0][1]["lang"] == "en-GB"
    assert len(document.all("h1")) == 1


def test_the_page_fetches_nothing_and_runs_nothing(html):
    document = Document(html)
    assert document.all("script", "link", "iframe", "object") == []
    sources = [attrs["src"] for _, attrs in document.all("img")]
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert all(u.startswith("data:font/ttf;base64,") for u in re.findall(r"url\(([^)]*)\)", html))
    assert "@import" not in html
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+|http-equiv", "", html)


def test_headings_do_not_skip_a_level(html):
    levels = [int(tag[1]) for tag, _ in Document(html).all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_have_texts_and_cells_have_headers(html):
    document = Document(html)
    assert all(attrs["alt"] for _, attrs in document.all("img"))
    assert len(document.all("img")) == 2
    assert all(attrs.get("scope") for _, attrs in document.all("th"))


def test_the_verdict_the_limits_and_the_disclaimers_are_there(html, assessment):
    text = " ".join(Document(html).text.split())
    for expected in (
        "Asymmetry beyond healthy faces",
        "Affected side: LEFT (the patient’s left)",
        "Probability of palsy 0.93",
        "62 of 100 (45 to 78)",
        "No House-Brackmann grade",
        "not measured: the fold cannot be found from landmarks alone",
        *assessment.disclaimers,
        *assessment.verdict.remarks,
        assessment.input.sha256,
        assessment.norms.note,
    ):
        assert expected in text


def test_the_methods_are_set_side_by_side_where_any_was_asked(make, html):
    method = MethodAnswer("fusion", 0.8, {"I": 0.2, "II": 0.5, "III": 0.3}, ("II",))
    joined = Combined(
        0.9, "palsy", agree=True, coverage=0.9, methods=("fusion-light",), rule="The rule."
    )
    asked = page(make(methods={"fusion-light": method}, combined=joined))
    assert '<h2 id="methods">' in asked
    assert "palsy 0.80; level II (I 0.20, II 0.50, III 0.30)" in asked
    assert "The methods agree." in asked
    assert 'id="methods"' not in html


def test_a_page_on_an_unusable_photograph_has_reasons_and_no_numbers(unusable):
    text = " ".join(Document(page(unusable)).text.split())
    assert "This photograph cannot be judged" in text
    for reason in unusable.quality.reasons:
        assert reason.message in text
    for hidden in ("Probability", "Severity", "Brow height", "Affected side:", "z-score"):
        assert hidden not in text
    assert len(Document(page(unusable)).all("img")) == 1


def test_cautions_and_left_out_regions_are_shown(excluded):
    text = " ".join(Document(page(excluded)).text.split())
    assert "Left out" in text
    assert "Something covers the patient's right brow" in text
    assert "not judged" in text


def test_a_hostile_file_name_stays_text(make):
    name = 'photo"><script>alert(1)</script>\\n.jpg'
    hostile = page(make(name=name))
    assert Document(hostile).all("script") == []
    assert "<script>alert(1)" in Document(hostile).text


def test_the_page_fits_a_phone_and_a_laptop(make, tmp_path):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium to lay the page out")
    sync_api = pytest.importorskip("playwright.sync_api")
    name = "x" * 180 + " Ünïcødé 照片.jpg"
    path = tmp_path / "report.html"
    path.write_text(page(make(name=name)), "utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for width in (360, 390, 768, 1280):
            tab = browser.new_page(viewport={"width": width, "height": 800})
            refused = []
            tab.on("console", lambda message, refused=refused: refused.append(message.text))
            tab.goto(path.as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert refused == []
            tab.close()
        browser.close()
