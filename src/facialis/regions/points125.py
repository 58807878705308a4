"""The 125 landmarks of eyes, brows, nose and mouth that paper 004 may have meant (D4-1).

The paper gives only their number. These are the 124 points that MediaPipe's own sets of lips, eyes,
brows, irises and nose name, and point 8, on the midline at the top of the bridge of the nose.
Left and right are the patient's.
"""

from __future__ import annotations

from typing import Final

LIPS: Final = (
    0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181, 185, 191, 267,
    269, 270, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415,
)  # fmt: skip
"""Outer and inner edge, 40."""
LEFT_EYE: Final = (
    249, 263, 362, 373, 374, 380, 381, 382, 384, 385, 386, 387, 388, 390, 398, 466,
)  # fmt: skip
"""Edges of the lids, 16."""
RIGHT_EYE: Final = (
    7, 33, 133, 144, 145, 153, 154, 155, 157, 158, 159, 160, 161, 163, 173, 246,
)  # fmt: skip
"""Edges of the lids, 16."""
LEFT_BROW: Final = (276, 282, 283, 285, 293, 295, 296, 300, 334, 336)
"""Upper and lower edge, 10."""
RIGHT_BROW: Final = (46, 52, 53, 55, 63, 65, 66, 70, 105, 107)
"""Upper and lower edge, 10."""
LEFT_IRIS: Final = (474, 475, 476, 477)
"""Rim, 4."""
RIGHT_IRIS: Final = (469, 470, 471, 472)
"""Rim, 4."""
NOSE: Final = (
    1, 2, 4, 5, 6, 19, 45, 48, 64, 94, 97, 98, 115, 168, 195, 197, 220, 275, 278, 294, 326, 327,
    344, 440,
)  # fmt: skip
"""Bridge, tip, base and wings, 24."""
NASION: Final = 8
"""The 125th, an arbitrary choice."""

POINTS_125: Final = (
    *LIPS, *LEFT_EYE, *RIGHT_EYE, *LEFT_BROW, *RIGHT_BROW, *LEFT_IRIS, *RIGHT_IRIS, *NOSE, NASION,
)  # fmt: skip
"""All, in the order in which networks read them."""
