"""The pictures of a report, drawn once and encoded for every format that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from facialis.clinical.anatomy import Region
from facialis.report.canvas import Pixels
from facialis.report.overlay import draw_landmarks, draw_region_map

if TYPE_CHECKING:
    from facialis.grading.photograph import RegionFindings
    from facialis.report.model import Assessment

_JPEG_QUALITY = 88
_PNG_COMPRESSION = 3


@dataclass(frozen=True, slots=True)
class Encoded:
    """One picture.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        jpeg: The same as JPEG.
        alt: What it shows, for those who cannot see it.
    """

    pixels: Pixels
    jpeg: bytes
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of one report; no map without a verdict, and no view without methods."""

    overlay: Encoded
    map: Encoded | None
    views: tuple[Encoded, ...] = ()


def draw_pictures(assessment: Assessment) -> Pictures:
    """Draw the pictures of one report."""
    verdict = assessment.verdict if assessment.quality.usable else None
    overlay = draw_landmarks(assessment)
    what = "with contours, midline and measure lines" if verdict else "with its contours"
    landmarks = encoded(overlay, f"The face {what}; R and L mark the patient’s sides.")
    if verdict is None:
        return Pictures(landmarks, None)
    tinted = draw_region_map(assessment)
    views = tuple(encoded(each.pixels, each.title) for each in assessment.views)
    return Pictures(landmarks, encoded(tinted, _map_alt(verdict.regions)), views)


def encoded(pixels: Pixels, alt: str) -> Encoded:
    """Return a picture with its JPEG and its text."""
    return Encoded(pixels, _jpeg(pixels), alt)


def png(pixels: Pixels) -> bytes:
    """Return RGB pixels as PNG."""
    parameters = [cv2.IMWRITE_PNG_COMPRESSION, _PNG_COMPRESSION]
    return bytes(cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), parameters)[1])


def _jpeg(pixels: Pixels) -> bytes:
    parameters = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), parameters)[1])


def _map_alt(regions: RegionFindings) -> str:
    parts = []
    for region in Region:
        finding = getattr(regions, region.value)
        if finding.deviation is None:
            parts.append(f"{region} left out")
        else:
            parts.append(f"{region} {finding.deviation:.1f} SD, weaker side {finding.weaker_side}")
    return f"The face with its regions tinted by deviation: {'; '.join(parts)}."
