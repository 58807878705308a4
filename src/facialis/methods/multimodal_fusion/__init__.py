"""Paper 004: tell palsy from landmarks, expression scores, a line drawing and the picture."""

from __future__ import annotations

from typing import Final

from facialis.methods.card import Array, Card

CARDS: Final[tuple[Card, ...]] = (
    Card(
        name="multimodal_fusion",
        title="fusion of expression scores, landmarks, line drawing and picture",
        paper="004",
        citation="paper 004: multimodal fusion of structured and unstructured data, frame by frame",
        task="Whether one picture shows palsy.",
        inputs=(
            Array("coordinates", ("B", 250), "x and y of 125 landmarks, 0 to 1 of the picture"),
            Array("expressions", ("B", 52), "expression scores, 0 to 1; sides are the patient's"),
            Array("lines", ("B", 3, "S", "S"), "white contours on black; S is 224"),
            Array("rgb", ("B", 3, "S", "S"), "framed face, RGB; S is 224"),
        ),
        outputs=(Array("palsy_probability", ("B", 2), "of no palsy and of palsy, sums to 1"),),
        parameters={
            "coordinates": 42_658,
            "expressions": 5_888,
            "rgb": 24_559_170,
            "lines": 24_559_170,
            "head": 1_051_138,
            "lines_rgb": 49_115_778,
            "fusion": 158_178,
            "late_fusion": 0,
            "attention": 52_290,
            "total": 24_723_236,
        },
        deviations=(
            "D4-1: the 125 landmarks are ours; the paper has no list.",
            "D4-3: the scores come from Facialis' own expression network.",
            "D4-4: the drawing has lips; without them, as printed, is a setting.",
            "D4-5: the picture is 224 pixels wide, with a margin of 20 % of the face.",
            "D4-6: a picture without landmarks is left out by every model.",
            "D4-7 to D4-9: dropout, wiring of two streams, layers that are fused and their sizes.",
            "D4-10: two sigmoid units; their ratio makes two probabilities that sum to 1.",
            "D4-11 and D4-12: momentum 0.9, batches of 32, no decay, fusion rate 0.01.",
            "Attention fusion and the small backbone are ours, not the paper's.",
        ),
    ),
    Card(
        name="multimodal_fusion-light",
        title="light form: asymmetry measures and expression scores",
        paper="",
        citation="Facialis; after paper 004's task",
        task="Whether one picture shows palsy, and its grade, from refined landmarks alone and, "
        "if it is known, the movement.",
        inputs=(
            Array("asymmetry", ("B", 29), "left less right, frontal frame, interocular distances"),
            Array("expressions", ("B", 52), "expression scores, 0 to 1; sides are the patient's"),
            Array("movement", ("B", 12), "1 at the one that is shown; all 0 if it is not known"),
        ),
        outputs=(
            Array("palsy_probability", ("B", 2), "of no palsy and of palsy, sums to 1"),
            Array("level_probability", ("B", 3), "of levels I, II and III, sums of grades"),
            Array("grade_probability", ("B", 6), "of House-Brackmann I to VI, sums to 1"),
        ),
        parameters={"stated": 59_152, "unstated": 56_080, "total": 115_232},
        deviations=(
            "The mean of a net of sizes and of one that reads a face and its mirror image and goes "
            "on with the larger of each number, so that both get the same answer.",
            "One such pair reads the movement as well, and answers where it is known.",
        ),
    ),
    Card(
        name="multimodal_fusion-examination",
        title="all movements of an examination together",
        paper="",
        citation="Facialis; after paper 004's task",
        task="The grade of a palsy, from any number of movements of one examination.",
        inputs=(
            Array("asymmetry", ("B", 12, 29), "of each movement, as the light form reads it"),
            Array("expressions", ("B", 12, 52), "of each movement, 0 to 1; patient's sides"),
            Array("shown", ("B", 12), "1 where there is a picture of the movement, else 0"),
        ),
        outputs=(Array("grade_probability", ("B", 6), "of House-Brackmann I to VI, sums to 1"),),
        parameters={"sizes": 81_478, "signs": 81_478, "total": 162_956},
        deviations=(
            "One answer to all movements instead of one to each frame.",
            "The mean of a net of sizes and of one of signs, as in the light form; what is read of "
            "each picture, its change from rest and its movement is joined by mean and greatest "
            "value.",
        ),
    ),
)
