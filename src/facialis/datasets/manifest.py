"""Manifests: fixed lists of samples with the digest of every file.

A manifest is a folder's ``manifest.csv`` (one line a sample, paths relative to a root) and
``manifest.json`` (what it is, how it was made, its counts). Its digest is the SHA-256 of the
lines, so that a result can quote exactly what it was measured on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facialis.clinical.anatomy import Movement, Side
from facialis.datasets.sample import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sample of a manifest.

    Attributes:
        name: Unique in the manifest.
        path: POSIX path relative to the root of the manifest.
        sha256: Digest of the file's bytes.
        fingerprint: Perceptual fingerprint of the picture (hexadecimal), alike for near-duplicates
            and for mirror images; empty for recordings.
        subject: As in `Sample`; never empty here.
        source: As in `Sample`.
        labels: As in `Sample`.
        video: As in `Sample`.
        frame: As in `Sample`.
        rate: As in `Sample`.
        movement: As in `Sample`.
        side: As in `Sample`.
        part: ``train``, ``validation`` or ``test`` where the preparation fixes it, else empty.
        parent: Name of the row that this is an altered copy of, else empty.
        sequence: Runs of frames that belong together share a name; empty otherwise.
        annotations: Relative POSIX paths of ``mask``, ``depth``, ``landmarks``, ``truth``.
    """

    name: str
    path: str
    sha256: str
    subject: str
    source: str
    fingerprint: str = ""
    labels: tuple[Label, ...] = ()
    video: str = ""
    frame: int | None = None
    rate: float | None = None
    movement: Movement | None = None
    side: Side | None = None
    part: str = ""
    parent: str = ""
    sequence: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A fixed list of samples.

    Attributes:
        title: What it is, in a few words.
        rows: The samples, in the order of the file.
        made: How it was made (preparation, options, counts of what was left out and why), as JSON
            values; part of ``manifest.json``, not of the digest.
    """

    title: str
    rows: tuple[Row, ...]
    made: Mapping[str, object] = field(default_factory=dict)
