"""Paper 000: a face parser with a class for possible palsy, foreground attention and depth."""

from __future__ import annotations

from facialis.methods.card import Array, Card

CARDS: tuple[Card, ...] = (
    Card(
        name="asymmetric_parsing",
        title="Asymmetric face parsing",
        paper="000",
        citation="Umirzakova, Ahmad, Mardieva, Muksimova, Whangbo: Deep learning-driven "
        "diagnosis: A multi-task approach for segmenting stroke and Bell's palsy",
        task="Labels each pixel as background, skin, hair, eyebrow, eye, mouth or FPP, the "
        "parts of eye and mouth on the drooping side; the share of FPP in the face tells palsy.",
        inputs=(
            Array("image", ("B", 3, "H", "W"), "face framed as in training, RGB, 0 to 255"),
        ),
        outputs=(
            Array("logits", ("B", 7, "H", "W"), "of the seven classes; softmax gives chances"),
            Array(
                "depth", ("B", "H/2", "W/2"),
                "depth of the predicted class, 0 to 80 and somewhat beyond, without unit",
            ),
            Array("palsy_probability", ("B", 2), "palsy absent and present"),
        ),
        parameters={
            "B1": 10_208, "ESC1": 1_712,
            "B2": 55_552, "ESC2": 6_624,
            "B3": 221_696, "ESC3": 26_048,
            "B4": 885_760, "ESC4": 103_296,
            "P3": 1_033_728,
            "P2 and P1": 382_352,
            "queries": 896,
            "foreground attention 1": 248_064,
            "foreground attention 2": 248_064,
            "foreground attention 3": 248_064,
            "mask head": 33_024,
            "depth": 20_770,
            "edge head": 74_311,
            "refine head": 6_343,
            "total": 3_606_512,
            "hist auxiliary": 19_463,
        },
        deviations=(
            "D0-1: seven classes; left and right brow and eye share one.",
            "D0-2: FPP replaces eye and mouth on the affected side; one softmax over all classes.",
            "D0-3: palsy is told by the share of FPP in the face (hair left out) against a "
            "threshold chosen on the training people; the paper gives no answer for the picture.",
            "D0-4: the ESC gate follows the running text: pooling, three layers, upsampling, which "
            "is broadcasting.",
            "D0-5: inner width of the gate a quarter of the channels, at least 8; no residual.",
            "D0-6: sizes of all layers are ours, the paper gives none.",
            "D0-7: depth by eq. 3 (centred); eq. 2 by a setting.",
            "D0-8: depth range and shift pass a sigmoid; m_max 80 as printed.",
            "D0-9: depth has no target unless a setting asks for it; then L1 on depth stretched to "
            "0 to 1 in each picture, weight 0.1.",
            "D0-10: attention is scaled by 1/√d, looks everywhere where a category has no "
            "foreground, and masks carry no gradient.",
            "D0-11: learning rate 0.01, polynomial power 0.9, weight decay 5e-4 are ours.",
            "D0-12: turned and scaled pictures are cut or padded; padding is unlabelled.",
            "D0-13: HIST's two terms follow the cited method; τ 32, α 0.9, λ_s 1; a weight of both "
            "is a setting, 1 by default.",
            "D0-14: a node of HIST is a category that a picture shows.",
            "D0-15: borders are bands of 3 pixels; all classes weigh 1.",
            "D0-16: cross-entropy and Dice supervise all five mask predictions (their mean; the "
            "refined one in full size, the others at half), cross-entropy of contours weighs 0.1.",
            "D0-17: F1 and IoU are of pooled pixels; hair, whose labels are weak, is in no mean "
            "but those that say so; IoU is told with and without background.",
            "D0-18: depth and contours enter a refining head, and the boundary loss is raised by "
            "up to a half for each where depth is steep and where the foreground ends.",
            "The total is a sum; the product of eq. 8 is kept as a setting, with the terms of "
            "D0-16 added to it.",
            "Rivals are trained in one course, and not tuned afterwards at a smaller rate.",
            "The last epoch's weights are kept, for the paper names no validation pictures.",
        ),
    ),
)  # fmt: skip
