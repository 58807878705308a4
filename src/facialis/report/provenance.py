"""What made the numbers of an assessment: networks, tables and versions."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from facialis import __version__
from facialis.face.expressions import expression_session
from facialis.face.landmarks import default_landmarker
from facialis.grading.combined import READ_BY
from facialis.report.model import Provenance, WeightsRecord
from facialis.weights.catalogue import Weights, find
from facialis.weights.download import digest
from facialis.weights.store import own_file

if TYPE_CHECKING:
    from facialis.measures.norms import NormTable


def provenance(norms: NormTable, methods: tuple[str, ...]) -> Provenance:
    """Return what an assessment is made with.

    Args:
        norms: The table of healthy faces.
        methods: Names of the methods that are asked.
    """
    session = expression_session()
    table = WeightsRecord(
        name=norms.name, sha256=norms.sha256, version=norms.version, licence=norms.licence
    )
    return Provenance(
        backend=default_landmarker().name,
        provider=session.provider,
        precision=session.precision,
        weights=(*_weights(methods), table),
        versions=_versions(),
        created=datetime.now(UTC),
    )


def with_networks(made: Provenance, names: tuple[str, ...]) -> Provenance:
    """Return what an assessment is made with, and other networks of the catalogue as well."""
    others = tuple(_weights_record(find(name)) for name in _with_refinement(names))
    new = tuple(each for each in others if each not in made.weights)
    return made.model_copy(update={"weights": (*made.weights, *new)})


@lru_cache(maxsize=4)
def _weights(methods: tuple[str, ...]) -> tuple[WeightsRecord, ...]:
    read = ("mediapipe_detector", "mediapipe_landmarks", "expressions")
    used = (*read, *_with_refinement(methods), "lesions_by_movement")
    return tuple(_weights_record(find(name)) for name in used)


def _with_refinement(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Return methods, before them the network whose landmarks some of them read."""
    read = {name for method in methods for name in READ_BY.get(method, ())}
    return (*sorted(read), *methods)


def _weights_record(weights: Weights) -> WeightsRecord:
    own = own_file(weights.name)
    if own is not None:
        return WeightsRecord(
            name=weights.name, sha256=digest(own), version="your own", licence="not stated"
        )
    return WeightsRecord(
        name=weights.name,
        sha256=weights.sha256,
        version=weights.version,
        licence=weights.licence,
    )


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    others = {name: version(name) for name in ("mediapipe", "numpy", "onnxruntime")}
    return {"facialis": __version__, **others}
