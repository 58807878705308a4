"""The contact sheet and the data card of large and small cohorts."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.sample import Label
from facialis.simulation.people import Person
from facialis.simulation.sheet import write_card, write_sheet


def a_cohort(folder, people: int, movements=tuple(Movement), cases: int = 1) -> Manifest:
    """Flat pictures whose red tells the person, green the movement and blue the case."""
    (folder / "images").mkdir()
    rows = []
    for person in range(people):
        for case in range(cases):
            for i, movement in enumerate(movements):
                path = f"images/{person:02d}_{case}_{movement}.png"
                colour = (10 * person + 5, 20 * i + 5, 100 * case + 5)
                Image.new("RGB", (40, 40), colour).save(folder / path)
                side = None if case == 0 else Side.LEFT
                rows.append(
                    Row(
                        name=path[7:-4],
                        path=path,
                        sha256="0" * 64,
                        subject=f"faces/{person:02d}",
                        source="simulated",
                        labels=(Label(Scale.HOUSE_BRACKMANN, 1 + 3 * case, rater="lesion"),),
                        movement=movement,
                        side=side,
                    )
                )
    return Manifest("Simulated palsy", tuple(rows), {})


def tiles(folder) -> np.ndarray:
    """Mean colour of each tile, (people, 12, 3)."""
    with Image.open(folder / "contact-sheet.jpg") as sheet:
        pixels = np.asarray(sheet).astype(float)
    rows = (pixels.shape[0] - 24) // 180
    return np.array(
        [
            [
                pixels[24 + 180 * r + 20 : 24 + 180 * r + 140, 160 * c + 20 : 160 * c + 140].mean(
                    axis=(0, 1)
                )
                for c in range(12)
            ]
            for r in range(rows)
        ]
    )


def test_a_row_is_a_person_and_a_column_a_movement(tmp_path):
    write_sheet(a_cohort(tmp_path, 3), tmp_path)
    found = tiles(tmp_path)
    assert found.shape == (3, 12, 3)
    for person in range(3):
        np.testing.assert_allclose(found[person, :, 0], 10 * person + 5, atol=4)
        np.testing.assert_allclose(found[person, :, 1], 20 * np.arange(12) + 5, atol=4)


def test_of_many_people_eight_are_shown_spread_over_the_cohort(tmp_path):
    write_sheet(a_cohort(tmp_path, 20, (Movement.REST,)), tmp_path)
    people = np.round((tiles(tmp_path)[:, 0, 0] - 5) / 10).astype(int)
    assert len(people) == 8
    assert list(people) == sorted(set(people))
    assert people[-1] > 10


def test_pictures_of_a_person_are_of_different_cases(tmp_path):
    write_sheet(a_cohort(tmp_path, 2, cases=2), tmp_path)
    blue = np.round((tiles(tmp_path)[..., 2] - 5) / 100).astype(int)
    assert set(blue.ravel()) == {0, 1}


def test_a_movement_that_is_missing_leaves_no_hole(tmp_path):
    movements = (Movement.REST, Movement.SMILE)
    write_sheet(a_cohort(tmp_path, 1, movements), tmp_path)
    found = tiles(tmp_path)[0]
    np.testing.assert_allclose(found[:2, 1], [5, 25], atol=4)
    np.testing.assert_allclose(found[2:], 255, atol=3)


@pytest.mark.parametrize("known", [True, False])
def test_the_card_gives_ages_only_where_they_are_known(tmp_path, known):
    manifest = a_cohort(tmp_path, 2, cases=2)
    people = [
        Person(name=name, neutral=tmp_path / name, age=20 + i if known else None)
        for i, name in enumerate(("00", "01"))
    ]
    write_card(manifest, people, tmp_path)
    card = (tmp_path / "CARD.md").read_text("utf-8")
    assert "# Simulated palsy" in card
    assert ("Age: 20 to 21 years, known of 2 people." in card) == known
    assert "| 1 | 24 |" in card
    assert "| 4 | 24 |" in card
    assert "| left | 24 |" in card
    assert "| healthy | 24 |" in card
    assert card.count("| unknown | 2 |") == 2


def test_a_picture_without_a_grade_is_counted_as_such(tmp_path):
    manifest = a_cohort(tmp_path, 1, (Movement.REST,))
    bare = Manifest(
        manifest.title,
        (Row(name="x", path="images/00_0_rest.png", sha256="0" * 64, subject="a", source="s"),),
        {},
    )
    write_card(bare, [], tmp_path)
    assert "| unknown | 1 |" in (tmp_path / "CARD.md").read_text("utf-8")
