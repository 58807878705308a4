"""Pictures of several movements of one person that belong together, as in an examination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facialis.clinical.anatomy import Movement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facialis.datasets.manifest import Row


def whole_cases(rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Return for each person's cases or recordings the first row of every movement.

    Rows that name no movement are in no case. Rows of a person that name no case or recording are
    one.

    Returns:
        Cases in the order of collection, person and case; their rows in that of `Movement`.
    """
    cases: dict[tuple[str, str, str], dict[Movement, Row]] = {}
    for row in rows:
        if row.movement is not None:
            case = cases.setdefault((row.source, row.subject, row.video), {})
            case.setdefault(row.movement, row)
    return [
        tuple(cases[key][each] for each in Movement if each in cases[key]) for key in sorted(cases)
    ]
