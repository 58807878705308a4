"""Outlines for a person who has no hand-placed points: the mean of those who have.

The mean is kept on the mean face (`facialis.face.mesh.TEMPLATE`) and attached to its mesh, so that
it follows any landmarks. Build the table with
``python -m facialis.simulation.usual_outlines FACES TEMPLATE --out FILE``.
"""

from __future__ import annotations

import argparse
import csv
import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import TEMPLATE
from facialis.regions.hand_points import HandPoints, attached, read_hand_points

if TYPE_CHECKING:
    from collections.abc import Sequence

Points = NDArray[np.float64]

HEADER: Final = """\
# Mean of the hand-placed points of {n} healthy faces at rest, on the mean face: Face Research Lab
# London Set, DeBruine and Jones (2017), doi:10.6084/m9.figshare.5047666, CC BY 4.0. Carried over by
# the landmark mesh, averaged and made symmetric.
# Unit: interocular distance (outer canthi). x right, y down.
index,x,y
"""


@lru_cache(maxsize=1)
def usual_outlines() -> HandPoints:
    """Return the mean hand-placed points, attached to the mesh of the mean face."""
    text = files("facialis.simulation").joinpath("data/mean_hand_points.csv").read_text("utf-8")
    rows = [r for r in csv.reader(text.splitlines()) if not r[0].startswith(("#", "index"))]
    return attached(np.array(rows, dtype=np.float64)[:, 1:], TEMPLATE)


def mean_hand_points(people: Sequence[HandPoints], mirror: Sequence[int]) -> Points:
    """Return the symmetric mean (189, 2) of people's hand points on the mean face.

    Args:
        people: Hand points, each attached to the person's own photograph.
        mirror: For each of the 189 points its counterpart on the other side.
    """
    mean = np.mean([person.at(TEMPLATE) for person in people], axis=0)
    return np.asarray((mean + mean[list(mirror)] * [-1, 1]) / 2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Landmark the photographs of a folder that have hand-placed points, and write their mean."""
    # MediaPipe starts slowly, and only this command needs it.
    from facialis.face.search import find_faces  # noqa: PLC0415
    from facialis.media.photo import read_photo  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("faces", type=Path, help="folder with pairs of .tem and .jpg")
    parser.add_argument("template", type=Path, help="frl189_template.json, which pairs the points")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    mirror = json.loads(given.template.read_text("utf-8"))["sym"]
    people = [
        attached(read_hand_points(file), find_faces(read_photo(file.with_suffix(".jpg")))[0].points)
        for file in sorted(given.faces.glob("*.tem"))
    ]
    mean = mean_hand_points(people, mirror)
    rows = (f"{i},{x:.5f},{y:.5f}\n" for i, (x, y) in enumerate(mean))
    given.out.write_text(HEADER.format(n=len(people)) + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
