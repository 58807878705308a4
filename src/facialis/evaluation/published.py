"""The figures that the five papers print, as printed.

Nothing here was measured by this project, and figures on different data cannot be ranked. Means
are the printed ones, also where they do not follow from the columns beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

PaperNumber = Literal["000", "001", "002", "003", "004"]
Unit = Literal["%", "", "h", "s"]


@dataclass(frozen=True, slots=True)
class Published:
    """One printed figure.

    Attributes:
        paper: The paper that prints it.
        table: Where (``Table 1``, ``Fig. 15``, ``text``).
        method: As the paper calls it.
        data: What it was measured on; empty where the paper does not say.
        metric: As the paper calls it, with the class after it where there is one.
        value: The number.
        unit: ``%``, ``h`` (hours), ``s`` (seconds an image), or empty for a share.
        is_own: Whether the method is the paper's own proposal.
    """

    paper: PaperNumber
    table: str
    method: str
    data: str
    metric: str
    value: float
    unit: Unit
    is_own: bool


@dataclass(frozen=True, slots=True)
class _Table:
    paper: PaperNumber
    table: str
    data: str
    metrics: Sequence[str]
    units: Sequence[Unit]
    own: str
    values: Mapping[str, Sequence[float]]

    def rows(self) -> Iterator[Published]:
        for method, values in self.values.items():
            for metric, unit, value in zip(self.metrics, self.units, values, strict=True):
                own = method == self.own
                yield Published(self.paper, self.table, method, self.data, metric, value, unit, own)


PARSING_CLASSES: Final = ("skin", "hair", "eyebrow", "eye", "mouth", "FPP")
"""Columns of [000] Tables 1 and 2 before the mean."""

OWN_RIVALS: Final = "each rival's own data"
"""`Published.data` of what a paper quotes from others."""

_CASCADE_SET: Final = "the authors' patients"
_FRAMES_SET: Final = "MEEI, YFP and CK+, random frames"
_GRADING: Final = ("average accuracy", "recall", "confidence", "Dice")

_PARSING: Final = (*(f"F1 {each}" for each in PARSING_CLASSES), "mean F1")

_TABLES: Final = (
    _Table(
        "000", "Table 1", "YFP", _PARSING, ("%",) * 7, "Proposed",
        {
            "Mask R-CNN": (85.3, 88.9, 90.5, 86.1, 92.0, 63.20, 84.33),
            "DeepLabv3+": (92.3, 85.3, 96.5, 88.6, 91.6, 62.90, 86.2),
            "Zheng et al.": (94.8, 90.4, 78.0, 80.0, 89.8, 52.31, 81.38),
            "Hyungjoon et al.": (95.5, 84.3, 81.2, 83.1, 63.4, 51.99, 76.58),
            "Yiming et al.": (96.2, 94.9, 85.7, 88.5, 95.0, 61.3, 86.93),
            "Chang et al.": (93.8, 93.9, 83.2, 86.5, 63.4, 51.6, 78.73),
            "Yang et al.": (86.9, 91.3, 84.5, 82.0, 62.9, 52.9, 76.75),
            "Sabina et al.": (93.90, 95.90, 89.4, 89.0, 92.90, 63.90, 87.5),
            "Proposed": (96.0, 94.5, 98.6, 96.8, 97.5, 98.2, 96.93),
        },
    ),
    _Table(
        "000", "Table 2", "Gil Medical Center", _PARSING, ("%",) * 7, "Proposed",
        {
            "Mask R-CNN": (85.1, 87.6, 91.2, 86.6, 91.99, 62.1, 84.09),
            "DeepLabv3+": (90.0, 82.9, 94.6, 90.1, 90.8, 61.5, 84.98),
            "Zheng et al.": (93.9, 91.2, 77.0, 81.5, 89.6, 51.5, 80.78),
            "Hyungjoon et al.": (94.99, 82.8, 80.99, 84.2, 61.8, 52.1, 76.14),
            "Yiming et al.": (96.1, 95.2, 84.3, 87.8, 94.99, 60.1, 86.41),
            "Chang et al.": (94.1, 93.4, 82.9, 83.99, 65.8, 56.8, 79.49),
            "Yang et al.": (86.4, 90.1, 81.7, 82.3, 60.7, 51.4, 75.43),
            "Sabina et al.": (92.99, 95.6, 89.4, 88.7, 92.95, 62.99, 87.1),
            "Proposed": (95.99, 94.1, 97.6, 95.8, 98.7, 98.6, 96.79),
        },
    ),
    _Table(
        "000", "Table 3", "", ("mean IoU", "mean PA"), ("%", "%"), "Proposed",
        {
            "Mask R-CNN": (83.63, 80.64),
            "DeepLabv3+": (88.29, 86.92),
            "Zheng et al.": (81.43, 81.85),
            "Hyungjoon et al.": (78.18, 75.93),
            "Yiming et al.": (83.62, 83.37),
            "Chang et al.": (79.31, 77.91),
            "Yang et al.": (76.89, 75.63),
            "Sabina et al.": (87.52, 86.99),
            "Proposed": (93.8, 92.9),
        },
    ),
    _Table(
        "000", "Table 4", OWN_RIVALS, ("mean F1",), ("%",), "",
        {
            "Chaoqun et al.": (97.14,),
            "Xin et al. (paper 003)": (94.2,),
            "Pengfei et al.": (72.0,),
            "Ting et al. (paper 001)": (95.0,),
            "Gee-Sern Jison et al.": (92.0,),
            "Gemma et al.": (91.07,),
        },
    ),
    _Table("000", "Table 4", "", ("mean F1",), ("%",), "Proposed", {"Proposed": (98.2,)}),
    _Table(
        "001", "Table 2", OWN_RIVALS, ("classification error",), ("%",), "",
        {
            "Kumar et al.": (18.88,),
            "Zhang et al.": (15.00,),
            "Liu et al.": (12.70,),
            "Wang et al.": (12.00,),
            "Zhong et al.": (10.02,),
            "Kalayeh et al.": (8.84,),
        },
    ),
    _Table(
        "001", "Table 2", _CASCADE_SET, ("classification error",), ("%",), "Ours",
        {"Ours without attention": (12.32,), "Ours": (8.72,)},
    ),
    _Table(
        "001", "Table 3", OWN_RIVALS,
        _GRADING, ("%",) * 4, "",
        {
            "Insu et al.": (89.00, 88.49, 89.23, 88.00),
            "Hyun et al.": (88.90, 90.07, 87.11, 86.66),
            "Muhammad et al.": (92.60, 93.14, 92.91, 93.00),
        },
    ),
    _Table(
        "001", "Table 3", _CASCADE_SET, _GRADING, ("%",) * 4, "Cascaded",
        {
            "End-to-end": (82.90, 82.53, 83.41, 82.96),
            "Cascaded": (95.60, 95.90, 95.75, 95.82),
        },
    ),
    _Table(
        "001", "text", "Intel i7, RTX 2080", ("time an image",), ("s",), "Cascaded",
        {"Cascaded": (0.4,)},
    ),
    _Table(
        "002", "Table 4", _FRAMES_SET,
        ("accuracy", "precision", "recall", "F1"), ("",) * 4, "FP-VGGFace",
        {
            "FP-VGGFace": (0.993, 0.994, 0.993, 0.993),
            "ResNet50": (0.958, 0.961, 0.958, 0.958),
            "VGG16": (0.931, 0.934, 0.931, 0.931),
        },
    ),
    _Table(
        "002", "ROC figures", _FRAMES_SET,
        ("AUC normal", "AUC near normal", "AUC mild", "AUC moderate", "AUC severe", "AUC complete"),
        ("",) * 6, "",
        {"VGG16": (0.94, 0.98, 0.96, 0.96, 0.97, 0.94)},
    ),
    _Table(
        "002", "ROC figures", _FRAMES_SET,
        ("AUC normal", "AUC near normal"), ("", ""), "",
        {"ResNet50": (0.99, 0.99)},
    ),
    _Table(
        "002", "ROC figures", _FRAMES_SET,
        ("AUC normal", "AUC mild", "AUC moderate", "AUC complete"), ("",) * 4, "FP-VGGFace",
        {"FP-VGGFace": (1, 1, 1, 1)},
    ),
    _Table(
        "002", "curves", _FRAMES_SET,
        ("training accuracy at the start", "highest training accuracy", "validation accuracy"),
        ("",) * 3, "FP-VGGFace",
        {"FP-VGGFace": (0.71, 0.98, 0.98)},
    ),
    _Table(
        "002", "Fig. 15", OWN_RIVALS, ("accuracy",), ("%",), "",
        {
            "PHCNN-LSTM (paper 003)": (94.8,),
            "VGG16 Net": (92.6,),
            "Cascade training (paper 001)": (95.6,),
            "TPCNN": (89.0,),
            "FaceDisNet": (98.0,),
        },
    ),
    _Table(
        "002", "Fig. 15", _FRAMES_SET, ("accuracy",), ("%",), "FP-VGGFace",
        {"FP-VGGFace": (99.3,)},
    ),
    _Table(
        "002", "review", OWN_RIVALS, ("accuracy",), ("%",), "",
        {
            "landmark SVM": (76.87,),
            "five SVMs and rules": (96.8,),
            "SVM on 3D stereo": (91.1,),
            "blink similarity": (94.7,),
            "laser speckle": (97.14,),
            "regional SVM": (95.58,),
            "random forest": (88.9,),
            "CNN and GAN": (92.60,),
            "3DPalsyNet": (82,),
            "TPCNN": (69,),
            "VGGNet stress": (66.58,),
            "cascade (paper 001)": (95.60,),
            "GoogLeNet UPFP": (91.25,),
            "dual-path LSTM": (73.4,),
            "Bi-LSTM": (94.3,),
            "triple-stream LSTM": (86.37,),
            "DeepID and Inception-v3": (97.5,),
        },
    ),
    _Table(
        "002", "review", OWN_RIVALS, ("precision", "recall"), ("%", "%"), "",
        {"hierarchical detector": (93, 88)},
    ),
    _Table(
        "002", "review", OWN_RIVALS, ("accuracy of emotions",), ("%",), "", {"3DPalsyNet": (86,)}
    ),
    _Table(
        "003", "Table IV", "YFP and CK+, mean of five folds",
        ("accuracy", "precision", "recall", "F1", "training time"), ("", "", "", "", "h"),
        "PHCNN-LSTM",
        {
            "LSTM-FACE-N1": (0.9167, 0.896, 0.916, 0.902, 1.94),
            "LSTM-VGG16": (0.8086, 0.892, 0.808, 0.838, 7.86),
            "LSTM": (0.7829, 0.92, 0.782, 0.83, 1.24),
            "SENet": (0.8698, 0.94, 0.87, 0.894, 16.68),
            "PHCNN": (0.8791, 0.896, 0.88, 0.88, 2.96),
            "PHCNN-LSTM": (0.9481, 0.956, 0.948, 0.942, 3.51),
        },
    ),
    _Table(
        "003", "text", "YFP and CK+", tuple(f"accuracy, fold {i} as listed" for i in range(1, 6)),
        ("%",) * 5, "PHCNN-LSTM",
        {"PHCNN-LSTM": (91.02, 93.98, 95.13, 96.14, 97.79)},
    ),
    _Table(
        "003", "text", OWN_RIVALS, ("accuracy",), ("%",), "",
        {"active appearance and random forests": (80,)},
    ),
    _Table(
        "004", "results table", "YFP, leave one patient out",
        ("F1", "precision", "recall"), ("%",) * 3, "Features + BnW lines, early fusion",
        {
            "Coordinates, feed-forward": (72.23, 74.40, 83.28),
            "Expression features, feed-forward": (71.21, 76.22, 79.00),
            "RGB, ResNet50": (64.23, 76.14, 62.04),
            "BnW lines, ResNet50": (72.85, 75.57, 83.47),
            "BnW lines + RGB, ResNet50": (65.95, 76.95, 67.42),
            "Features + BnW lines, early fusion": (69.62, 77.05, 74.71),
            "Features + BnW lines, late fusion": (71.76, 77.00, 78.66),
        },
    ),
)  # fmt: skip

PUBLISHED: Final[tuple[Published, ...]] = tuple(row for each in _TABLES for row in each.rows())
"""Every figure, in the order of the papers."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A fold of [003] Table III: sequences of levels I, II and III.

    Attributes:
        train: To learn from.
        validation: To choose the epoch by, and to test on.
    """

    train: tuple[int, int, int]
    validation: tuple[int, int, int]


FOLDS: Final = (
    Fold((304, 1256, 2880), (28, 128, 824)),
    Fold((298, 490, 3550), (34, 894, 154)),
    Fold((266, 1316, 2934), (66, 68, 770)),
    Fold((180, 1022, 3596), (152, 362, 108)),
    Fold((280, 1384, 1856), (52, 0, 1848)),
)
"""[003] Table III."""

PEOPLE_OF_GRADES: Final = (9, 0, 2, 7, 15, 2)
"""People of House-Brackmann grades I to VI in [003] Table II."""

SEQUENCES_OF_GRADES: Final = (332, 0, 180, 1204, 3532, 172)
"""Sequences of House-Brackmann grades I to VI in [003] Table II."""


def published(
    paper: PaperNumber, table: str | None = None, method: str | None = None
) -> tuple[Published, ...]:
    """Return the figures of a paper, of one of its tables, or of a method there."""
    return tuple(
        row
        for row in PUBLISHED
        if row.paper == paper and table in (None, row.table) and method in (None, row.method)
    )
