"""Build a norm table from a folder of healthy faces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import OutputError
from facialis.face.landmarks import MediaPipeLandmarker
from facialis.measures.norms import FORMAT, Norm, NormTable, read_norms
from facialis.measures.norms_calibration import calibrate, held_out, repeatability
from facialis.measures.norms_checks import false_alarms
from facialis.measures.norms_faces import (
    LARGEST_PITCH,
    LARGEST_YAW,
    Subject,
    find_subjects,
    read_faces,
)
from facialis.measures.norms_fit import Material, fit_norm, gather
from facialis.measures.symmetry import FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Points = NDArray[np.float64]

CONDITIONS: Final = {"rest": ("rest",), "smile": ("smile",), "any": ("rest", "smile")}


def build_norms(
    faces: Path,
    out: Path,
    *,
    renders: int = 24,
    lesions: int = 10,
    jobs: int = 2,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> NormTable:
    """Build a norm table from a folder of healthy faces and write it.

    Each photograph is read as it is and `renders` times after turning its own textured mesh by up
    to 28° of yaw and 18° of pitch, every other time degraded as well; and `lesions` times with a
    simulated lesion warped into it.

    Args:
        faces: Folder of ``<subject>_neutral.jpg`` and ``<subject>_smile.jpg``, `subjects.csv`.
        out: JSON file to write; replaced only when the table is complete.
        renders: Turned renders of each photograph.
        lesions: Simulated lesions of each photograph.
        jobs: Processes; they do not change the result.
        seed: Of every random draw.
        progress: Called with people done and people in all.

    Raises:
        InputError: The folder does not hold enough people.
        OutputError: The file cannot be written.
    """
    people, photographs = find_subjects(faces)
    if not out.parent.is_dir():
        raise OutputError(f"{out}: its folder does not exist; create it first.")
    healthy, weak = read_faces(
        photographs,
        renders=renders,
        lesions=lesions,
        jobs=jobs,
        seed=seed,
        progress=progress or (lambda _done, _of: None),
    )
    table = fitted(gather(healthy, weak), people, name=out.stem)
    partial = out.with_name(out.name + ".partial")
    try:
        partial.write_text(json.dumps(table, indent=1), encoding="utf-8")
        partial.replace(out)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}).") from error
    return read_norms(out)


def fitted(
    material: Material, people: Mapping[str, Subject], *, name: str, licence: str = "CC-BY-4.0"
) -> dict[str, Any]:
    """Fit a norm table; return it as the JSON object that is written.

    Args:
        material: Readings of healthy faces and of simulated lesions.
        people: Who they are.
        name: What the table is called.
        licence: SPDX identifier of the photographs' licence.
    """
    everyone = material.people
    norms = {c: fit_norm(material, kinds, everyone) for c, kinds in CONDITIONS.items()}
    apart = {c: held_out(material, kinds) for c, kinds in CONDITIONS.items()}
    ages = [p.age for p in people.values() if p.age is not None]
    return {
        "format": FORMAT,
        "name": name,
        "version": "1.0.0",
        "licence": licence,
        "backend": MediaPipeLandmarker.name,
        "note": _note(material, people),
        "people": {
            "count": len(people),
            "youngest": min(ages, default=0),
            "oldest": max(ages, default=0),
        },
        "features": list(FEATURES),
        "conditions": {c: _as_json(norm) for c, norm in norms.items()},
        "repeatability": repeatability(material),
        "calibration": calibrate(apart, material),
        "checks": false_alarms(apart["any"], material, people),
    }


def _note(material: Material, people: Mapping[str, Subject]) -> str:
    ages = [p.age for p in people.values() if p.age is not None]
    span = f", aged {min(ages)} to {max(ages)}" if ages else ""
    photographs = sum(not r.rendered for r in material.healthy)
    renders = len(material.healthy) - photographs
    return (
        f"{len(people)} healthy people{span}, at rest and smiling ({photographs} photographs), "
        f"each photograph also turned by up to {LARGEST_YAW:.0f}° yaw and {LARGEST_PITCH:.0f}° "
        f"pitch ({renders} renders); lesions are simulated ({len(material.weak)})."
    )


def _as_json(norm: Norm) -> dict[str, Any]:
    return {
        "pose": _rounded(norm.pose),
        "covariance": _rounded(norm.covariance),
        "lesions": _rounded(norm.lesions),
        "spread": _rounded(norm.spread),
        "frontal_spread": round(norm.frontal_spread, 6),
        "measure_pose": {k: _rounded(v) for k, v in norm.measure_pose.items()},
        "measure_sd": {k: float(f"{v:.6g}") for k, v in norm.measure_sd.items()},
    }


def _rounded(values: Points) -> Any:
    return np.vectorize(lambda v: float(f"{v:.6g}"))(values).tolist()
