"""Paper 003: levels of facial palsy from short sequences of frames, by regions and an LSTM."""

from __future__ import annotations

from typing import Final

from facialis.methods.card import Array, Card

_INPUTS: Final = (
    Array("face", ("B", 4, 3, 128, 128), "RGB, 0 to 255, four consecutive frames of a face"),
    Array("eyes", ("B", 4, 3, 40, 120), "the same frames' eyes and brows, both sides"),
    Array("mouth", ("B", 4, 3, 40, 120), "the same frames' mouths"),
)
_MEASURES: Final = (
    Array("asymmetry", ("B", 4, 29), "left less right of each frame, interocular distances"),
    Array("scores", ("B", 4, 52), "expression scores of each frame, 0 to 1"),
)
_OUTPUTS: Final = (
    Array(
        "level_probability",
        ("B", 3),
        "probabilities of level I (House-Brackmann I), II (II to IV) and III (V and VI)",
    ),
)
_SHARED: Final = (
    "The 49 points are taken from MediaPipe's mesh instead of IntraFace (D3-1).",
    "Each region is the bounding box of its points, enlarged by a tenth, resized without keeping "
    "its aspect (D3-2).",
    "The face is cut by the landmarks; Viola and Jones' detector, the paper's, is a setting, and "
    "where it finds no face the landmarks are used.",
    "Sequences do not overlap and cross no gap (D3-14).",
    "Class weights are n / (M n_i) of the training sequences, and the loss is a mean over the "
    "batch that does not divide by them (D3-11).",
    "Augmentation shifts by at most 6 pixels and turns by at most 10 degrees, all frames and crops "
    "of a sequence alike (D3-15).",
)

CARDS: Final[tuple[Card, ...]] = (
    Card(
        name="phcnn_lstm",
        title="Three regional networks and an LSTM",
        paper="003",
        citation=(
            "X. Liu, Y. Xia, H. Yu, J. Dong, M. Jian, T. D. Pham: Region Based Parallel Hierarchy "
            "Convolutional Neural Network for Automatic Facial Nerve Paralysis Evaluation, 2020"
        ),
        task="Says which of three levels of palsy four consecutive frames of a face show.",
        inputs=_INPUTS,
        outputs=_OUTPUTS,
        parameters={
            "N1 (face)": 16_852_816,
            "N2 (eyes and brows)": 12_134_408,
            "N3 (mouth)": 12_134_408,
            "LSTM": 1_312_768,
            "classifier": 771,
            "total": 42_435_171,
            "regions joined instead of added, total": 44_532_323,
        },
        deviations=(
            "Convolutions keep the size of their maps (D3-3).",
            "All fully connected layers have 1024 units (D3-4).",
            "Batch norm follows the linear operation (D3-5).",
            "The regions' vectors are added, as eq. 1 prints; joining them is a setting (D3-6).",
            "The LSTM has one layer with a state of 256 (D3-7).",
            "The rate falls as (1 - step / steps) to the power 0.1 (D3-12).",
            "The epoch is chosen on people of the training side, never on those of the test "
            "(D3-13).",
            *_SHARED,
        ),
    ),
    Card(
        name="phcnn_lstm-light",
        title="light form: three small regional networks, measures, and an LSTM",
        paper="",
        citation="Facialis; after paper 003's task",
        task="Says which of three levels of palsy four consecutive frames of a face show.",
        inputs=(*_INPUTS, *_MEASURES),
        outputs=_OUTPUTS,
        parameters={
            "N1 (face)": 115_040,
            "N2 (eyes and brows)": 40_896,
            "N3 (mouth)": 40_896,
            "reading": 7_102_384,
            "measures": 27_008,
            "LSTM": 82_432,
            "classifier": 195,
            "total": 7_408_851,
        },
        deviations=(
            "It starts from reading faces (asymmetry measures, expression scores, landmarks) in "
            "all three regions.",
            "The branches are depthwise separable convolutions with shortcuts; maps of a frame and "
            "of its mirror image are joined by their mean and the size of their difference.",
            "The LSTM, with a state of 64, also gets a vector of the asymmetry measures and "
            "expression scores of each frame's landmarks. Whether pictures count is drawn for each "
            "training frame, one half.",
            "Reading (7,102,384 parameters) is taught, and not exported.",
            "The last epoch counts; people of the training side are watched, and choose nothing.",
            *_SHARED,
        ),
    ),
)
