"""Paper 002: a network that learned to tell people apart grades the face."""

from __future__ import annotations

from typing import Final

from facialis.methods.card import Array, Card

_INPUT = Array("image", ("B", 3, "S", "S"), "face cut closely by its landmarks, RGB; S is 224")
_GRADE = Array(
    "grade_probability",
    ("B", 6),
    "probability of normal, near normal, mild, moderate, severe, complete, sums to 1",
)
_TASK = "One of six degrees of palsy for one picture, House-Brackmann I to VI."

CARDS: Final[tuple[Card, ...]] = (
    Card(
        name="fp_vggface",
        title="VGGFace transferred to six degrees of palsy",
        paper="002",
        citation="paper 002: FP-VGGFace, transfer learning from a face recognition network",
        task=_TASK,
        inputs=(_INPUT,),
        outputs=(_GRADE,),
        parameters={
            "frozen": 9_995_072,
            "trained": 124_290_054,
            "with 2622 outputs": 145_002_878,
            "vgg16": 27_563_334,
            "vgg16, trained": 19_928_070,
            "resnet50": 23_520_326,
            "resnet50, trained": 23_365_382,
            "total": 134_285_126,
        },
        deviations=(
            "D2-1: pixels are divided by 255; 225, as printed, is a setting.",
            "D2-2: the face is found by Facialis, not by Dlib, and cut 10 % beyond the box of its "
            "landmarks on each side, squared; without landmarks the framed picture is taken.",
            "D2-3: VGGFace has 16 layers.",
            "D2-4 to D2-6: layers are counted as the entries of Keras' lists.",
            "D2-7: without a file of VGGFace weights it starts from ImageNet's; every run says so.",
            "D2-8 and D2-9: patience 5, batches of 32, momentum 0.9, no decay.",
            "D2-11 and D2-12: shear of 0.2 rad, rotation of 20 degrees.",
            "Pictures are altered anew in every epoch, besides the altered copies with which "
            "'facialis data prepare paper002' fills classes up; those are made in training only.",
        ),
    ),
    Card(
        name="fp_vggface-light",
        title="light form: MobileNetV3-Small that reads a face and its mirror image",
        paper="",
        citation="Facialis; after paper 002's task",
        task=_TASK,
        inputs=(
            Array("image", ("B", 3, "S", "S"), "face cut closely by its landmarks, RGB; S is 96"),
        ),
        outputs=(_GRADE,),
        parameters={"features": 927_008, "reading": 2_390_256, "total": 3_383_510},
        deviations=(
            "It starts from reading faces (asymmetry measures, expression scores, landmarks) and "
            "not from telling people apart.",
            "Maps of the picture and of its mirror image are graded by their mean and the size of "
            "their difference, with what is read of the face.",
            "Reading the landmarks (2,203,580 parameters) is taught, and not exported.",
        ),
    ),
)
