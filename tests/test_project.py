"""The project's own promises: versions, licence, layout, documents."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import facialis

VERSION = facialis.__version__
CATCH_ALLS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "lib", "tools"}
PHOTOGRAPHS = {".jpg", ".jpeg", ".png", ".heic", ".tif", ".tiff", ".webp", ".bmp"}


@pytest.fixture(scope="module")
def committed(root: Path) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [root / name for name in listing.stdout.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="module")
def texts(committed: list[Path]) -> dict[Path, str]:
    found = {}
    for path in committed:
        data = path.read_bytes()
        if b"\0" not in data:
            found[path] = data.decode()
    return found


def test_the_version_is_semantic():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_changelog_has_the_current_version_on_top(root):
    headings = re.findall(r"^## \[(.+?)\]", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(each for each in headings if each != "Unreleased") == VERSION


def test_the_citation_has_the_current_version(root):
    assert f"\nversion: {VERSION}\n" in (root / "CITATION.cff").read_text()


def test_the_licence_is_the_whole_apache_licence(root):
    text = (root / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_no_folder_or_module_is_a_catch_all(root):
    names = {path.stem for path in (root / "src").rglob("*")}
    assert not names & CATCH_ALLS


def test_constraints_pin_by_version_only(root):
    lines = (root / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.\-]+==[A-Za-z0-9_.\-]+", line) for line in pins)


def test_every_dependency_has_a_pin_that_satisfies_it(root):
    requirement = pytest.importorskip("packaging.requirements").Requirement
    lines = (root / "constraints.txt").read_text().splitlines()
    pinned = dict(line.lower().replace("_", "-").split("==") for line in lines if "==" in line)
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    for line in [*project["dependencies"], *(each for extra in extras for each in extra)]:
        wanted = requirement(line)
        assert wanted.specifier.contains(pinned[wanted.name.lower()]), line


def test_no_committed_text_names_a_place_on_someone_s_machine(texts, root):
    private = re.compile(r"/(?:work|home|root|Users)/\w|/opt/\w")
    own = Path(__file__).relative_to(root)
    found = {
        str(path.relative_to(root)): match.group()
        for path, text in texts.items()
        if path.relative_to(root) != own and (match := private.search(text))
    }
    assert found == {}


def test_the_only_photographs_are_those_of_the_astronaut(committed, root):
    pictures = {
        path.relative_to(root).as_posix()
        for path in committed
        if path.suffix.lower() in PHOTOGRAPHS
    }
    assert all("astronaut" in name for name in pictures)


def test_every_link_between_documents_leads_somewhere(root):
    documents = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("examples/*.md")]
    broken = []
    for document in documents:
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            if not target.startswith(("http:", "https:", "#", "mailto:")):
                place = document.parent / target.partition("#")[0]
                broken += [] if place.exists() else [f"{document.name}: {target}"]
    assert broken == []
