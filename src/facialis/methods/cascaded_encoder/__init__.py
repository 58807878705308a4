"""Paper 001: segment the face, then grade the picture together with the segmentation's map."""

from __future__ import annotations

from typing import Final

from facialis.methods.card import Array, Card

_INPUT = Array("image", ("B", 3, "S", "S"), "framed face, RGB; S is 224 in the paper's form")
_PARTS = Array(
    "labels",
    ("B", "S", "S"),
    "number of the class, as in facialis.regions.classes.Attribute; sides are the patient's",
)
_GRADE = Array("grade_probability", ("B", 6), "probability of House-Brackmann I to VI, sums to 1")
_ATTENTION = Array(
    "attention", ("B", "S/8", "S/8"), "how much the segmentation looks at a place, sums to 1"
)

CARDS: Final[tuple[Card, ...]] = (
    Card(
        name="cascaded_encoder",
        title="cascaded encoder for segmentation-aware grading",
        paper="001",
        citation=(
            "Wang, Zhang, Liu, Wu, Dong: Automatic Facial Paralysis Evaluation Augmented by a "
            "Cascaded Encoder Network Structure. IEEE Access 7, 2019"
        ),
        task="Eleven classes of the pixels of one picture, and its House-Brackmann grade.",
        inputs=(_INPUT,),
        outputs=(_PARTS, _GRADE, _ATTENTION),
        parameters={
            "e1": 51_938_368,
            "e1, C = 256": 47_219_264,
            "spatial attention 3": 7_080_961,
            "spatial attention 5": 19_663_873,
            "spatial attention 7": 38_538_241,
            "channel attention": 1,
            "fusion": 7_078_912,
            "pixel classifier": 5_643,
            "head": 72_367_631,
            "condition": 16_416,
            "e2 convolutions": 14_733_120,
            "grade classifier": 119_570_438,
            "e2": 134_319_974,
            "e1 and e2": 186_258_342,
            "total": 258_625_973,
        },
        deviations=(
            "D1-1: six grades.",
            "D1-2: the pixels' eleven classes are ours; the paper names only some.",
            "D1-4: E1 keeps an output stride of 8, not 1.",
            "D1-5: z has 512 channels.",
            "D1-7: fusion is Conv-BN-ReLU; its shift starts at 0.1, so that λ, 0 at first, learns.",
            "D1-8: grading keeps E1, trains E2; the paper says both of E2.",
            "D1-9: z enters E2 as 32 channels beside the picture's three.",
            "D1-10: the classifier of grades is VGG16's.",
            "D1-11 to D1-14: epochs of grading, batches, power, augmentation, order of training.",
            "Pictures are rotated and mirrored in every stage; the paper says so of the second.",
        ),
    ),
    Card(
        name="cascaded_encoder-light",
        title="light form: one mobile encoder segments and grades",
        paper="",
        citation="Facialis; after paper 001's future work",
        task="Eleven classes of the pixels of one picture, and its House-Brackmann grade.",
        inputs=(_INPUT,),
        outputs=(_PARTS, _GRADE, _ATTENTION),
        parameters={
            "e1": 857_128,
            "head": 1_132_495,
            "e2": 727_054,
            "total": 2_716_677,
            "e2 that reads faces": 2_808_382,
            "total that reads faces": 4_798_005,
        },
        deviations=(
            "E1 is MobileNetV3-Large up to its thirteenth layer, with an output stride of 8.",
            "z has 64 channels.",
            "E2 shares E1: z and a deeper map of E1 are joined and graded, together with their "
            "difference from their mirror image.",
            "Grading goes on training E1 and the segmentation.",
            "The form that is shipped reads faces while it grades (`reads_faces`): asymmetry "
            "measures, expression scores and landmarks, from the picture and its mirror image, cut "
            "closely; S is 96. Reading the landmarks (2,203,580 parameters) is not exported.",
        ),
    ),
)
