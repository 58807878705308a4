"""Build the mean face that head pose is measured against.

Run it as ``python -m facialis.face.template FACES --out FILE``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Points = NDArray[np.float64]

HEADER = """\
# Mean of {n} healthy faces at rest: Face Research Lab London Set, DeBruine and Jones (2017),
# doi:10.6084/m9.figshare.5047666, CC BY 4.0. Landmarked by MediaPipe 0.10.21 in both orientations,
# aligned, averaged and made symmetric.
# Unit: interocular distance (outer canthi). x right, y down, z away from the camera.
index,mirror,x,y,z
"""


def similarity(source: Points, target: Points) -> tuple[float, Points, Points]:
    """Return scale, rotation (3, 3) and translation (3,) that carry `source` (N, 3) to `target`.

    Least squares after Umeyama (1991): ``target ≈ scale * source @ rotation.T + translation``.
    """
    a, b = source.mean(axis=0), target.mean(axis=0)
    u, d, vt = np.linalg.svd((target - b).T @ (source - a))
    sign = np.ones(3)
    sign[2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign) @ vt
    scale = float((d * sign).sum() / ((source - a) ** 2).sum())
    return scale, rotation, b - scale * rotation @ a


def mean_face(faces: Sequence[Points], mirror: NDArray[np.intp], *, rounds: int = 5) -> Points:
    """Return the symmetric mean (478, 3) of faces (478, 3) by generalised Procrustes analysis."""
    mean = faces[0]
    for _ in range(rounds):
        aligned = []
        for face in faces:
            scale, rotation, shift = similarity(face, mean)
            aligned.append(scale * face @ rotation.T + shift)
        mean = np.mean(aligned, axis=0)
        mean = _upright(mean, faces)
        flipped = mean[mirror] * [-1, 1, 1]
        mean = (mean + flipped) / 2
    return mean


def _upright(mean: Points, faces: Sequence[Points]) -> Points:
    """Turn the mean to the average attitude of the faces, and set origin and unit."""
    rotations = [similarity(mean, face)[1] for face in faces]
    u, _, vt = np.linalg.svd(np.mean(rotations, axis=0))
    turned = mean @ (u @ vt).T
    outer = turned[[33, 263]]
    return np.asarray((turned - outer.mean(axis=0)) / np.linalg.norm(outer[1] - outer[0]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Landmark the neutral photographs of a folder and write their symmetric mean."""
    # The modules that find faces read the very file that is written here.
    from facialis.face.mesh import MIRROR  # noqa: PLC0415
    from facialis.face.search import find_faces  # noqa: PLC0415
    from facialis.media.photo import read_photo  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("faces", type=Path, help="folder with NNN_neutral.jpg")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    photographs = sorted(given.faces.glob("*_neutral.jpg"))
    points = [find_faces(read_photo(path))[0].points for path in photographs]
    mean = mean_face(points, MIRROR)
    rows = (f"{i},{MIRROR[i]},{x:.5f},{y:.5f},{z:.5f}\n" for i, (x, y, z) in enumerate(mean))
    given.out.write_text(HEADER.format(n=len(points)) + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
