"""The contact sheet and the data card of a cohort."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

import facialis
from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from facialis.datasets.manifest import Manifest, Row
    from facialis.simulation.crossing import Cross
    from facialis.simulation.people import Person

SHEET_NAME, CARD_NAME = "contact-sheet.jpg", "CARD.md"

_COLUMNS, _ROWS = 12, 8
_TILE, _CAPTION = 160, 20
_PAPER: Final = (255, 255, 255)
_INK: Final = (40, 44, 52)


def write_sheet(manifest: Manifest, out: Path, *, of: str = "people") -> None:
    """Write a sheet of pictures: a row a person, a column a movement, spread over the cohort."""
    by_person: dict[str, list[Row]] = {}
    for row in manifest.rows:
        by_person.setdefault(row.subject, []).append(row)
    names = sorted(by_person)
    chosen = names[:: max(1, len(names) // _ROWS)][:_ROWS]
    sheet = Image.new(
        "RGB", (_COLUMNS * _TILE, len(chosen) * (_TILE + _CAPTION) + _CAPTION + 4), _PAPER
    )
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    title = f"{manifest.title}, no patients. {len(manifest.rows)} pictures of {len(names)} {of}."
    draw.text((6, 4), title, _INK, font)
    for i, name in enumerate(chosen):
        top = _CAPTION + 4 + i * (_TILE + _CAPTION)
        for j, row in enumerate(_across(by_person[name], i)):
            with Image.open(out / row.path) as picture:
                sheet.paste(picture.convert("RGB").resize((_TILE, _TILE)), (j * _TILE, top))
            draw.text((j * _TILE + 4, top + _TILE + 2), _caption(row), _INK, font)
    sheet.save(out / SHEET_NAME, quality=88)


def _across(rows: Sequence[Row], shift: int) -> list[Row]:
    """Return one picture of each movement, of differing cases."""
    found: list[Row] = []
    for j, movement in enumerate(Movement):
        own = [r for r in rows if r.movement is movement]
        found += [own[(shift + j) % len(own)]] if own else []
    return found[:_COLUMNS]


def _caption(row: Row) -> str:
    return f"{row.movement} · {_grade(row)}" + (f" {row.side}" if row.side else "")


def _grade(row: Row) -> str:
    found = (str(e.value) for e in row.labels if e.scale is Scale.HOUSE_BRACKMANN)
    return next(found, "unknown")


def write_card(
    manifest: Manifest,
    people: Iterable[Person | Cross],
    out: Path,
    *,
    invented_from: int | None = None,
) -> None:
    """Write what the cohort is, of whom, how it was made, and what it must not be taken for.

    Args:
        manifest: The cohort.
        people: Who is shown.
        out: Its folder.
        invented_from: How many people's photographs they were invented from; None if they are real.
    """
    people = list(people)
    grades = Counter(_grade(row) for row in manifest.rows)
    sides = Counter(str(row.side or "healthy") for row in manifest.rows)
    ages = [p.age for p in people if p.age is not None]
    lines = [
        "# Simulated palsy",
        "",
        "No patient was photographed. Photographs of healthy people were changed by a program so",
        "that one half of the face moves less; side, branches, severity and everything else in",
        "`truth/` are exact because the program chose them. Grades follow from the lesion by rules",
        "written from the scales' text. Do not report results on these pictures as results on",
        "patients, and do not judge a person by them.",
        "",
        f"- Made by Facialis {facialis.__version__}; the plan is in `plan.json`, the digest of the",
        f"  manifest is `{manifest.digest}`.",
        *_whose(manifest, len(people), invented_from),
        "- The licence and the attribution of the photographs apply to every picture made of them.",
        "- Movements without a photograph of their own (all but rest and smile) are made by model",
        "  muscles from the neutral photograph. Hair labels are weak (cut out by colour).",
        "",
        _table("House-Brackmann grade", grades),
        _table("Affected side", sides),
        _table("Movement", Counter(str(row.movement) for row in manifest.rows)),
        _table("Sex of the people", Counter(p.sex or "unknown" for p in people)),
        _table("Ethnic group of the people", Counter(p.ethnic_group or "unknown" for p in people)),
    ]
    if ages:
        lines.append(f"Age: {min(ages)} to {max(ages)} years, known of {len(ages)} people.\n")
    (out / CARD_NAME).write_text("\n".join(lines), encoding="utf-8")


def write_heads_card(manifest: Manifest, out: Path) -> None:
    """Write what a cohort of rendered heads is, how it was made, and what it is not."""
    heads = len({row.subject for row in manifest.rows})
    lines = [
        "# Simulated palsy of rendered heads",
        "",
        "Nobody was photographed, patient or not. Heads were drawn from the ICT-FaceKit model",
        "(light, MIT licence) and rendered by a program so that one half of the face moves less.",
        "Masks, depth and landmarks follow from geometry. Do not report results on these pictures",
        "as results on patients.",
        "",
        f"- Made by Facialis {facialis.__version__}; the plan is in `plan.json`, the digest of the",
        f"  manifest is `{manifest.digest}`.",
        f"- {len(manifest.rows)} pictures of {heads} heads, whose skin is plain.",
        "",
        _table("House-Brackmann grade", Counter(_grade(row) for row in manifest.rows)),
        _table("Affected side", Counter(str(r.side or "healthy") for r in manifest.rows)),
        _table("Movement", Counter(str(row.movement) for row in manifest.rows)),
    ]
    (out / CARD_NAME).write_text("\n".join(lines), encoding="utf-8")


def _whose(manifest: Manifest, people: int, invented_from: int | None) -> list[str]:
    if invented_from is None:
        return [f"- {len(manifest.rows)} pictures of {people} people."]
    return [
        f"- {len(manifest.rows)} pictures of {people} invented people, each with the skin of",
        f"  one and the shape of another of {invented_from} people. They are only to learn from,",
        "  beside a cohort of the people themselves, and only where both are learned from. Sex,",
        "  age and ethnic group are those of the skin.",
    ]


def _table(title: str, counted: Counter[str]) -> str:
    rows = "".join(f"| {name} | {count} |\n" for name, count in sorted(counted.items()))
    return f"| {title} | Count |\n|---|---|\n{rows}"
