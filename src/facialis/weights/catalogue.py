"""What weights and reference tables exist: where they come from, and how to know them again."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from facialis.errors import WeightsError, printable


class Origin(StrEnum):
    """How a file reaches this machine."""

    PACKAGED = "packaged with facialis"
    BUNDLED = "bundled with mediapipe"
    REMOTE = "downloaded on request"


@dataclass(frozen=True, slots=True)
class Weights:
    """One entry of the catalogue.

    Attributes:
        name: What the commands call it.
        file: File name; for installed packages the path inside the package, with forward slashes.
        version: Version of the file, not of Facialis.
        sha256: Digest of the file, lower-case hexadecimal.
        size: Bytes.
        licence: SPDX identifier.
        source: Who made it, from what.
        purpose: What Facialis does with it.
        origin: How it reaches this machine.
        package: Top-level package that installs it; None for a download.
        url: Where it is downloaded from; None for an installed file.
    """

    name: str
    file: str
    version: str
    sha256: str
    size: int
    licence: str
    source: str
    purpose: str
    origin: Origin
    package: str | None = None
    url: str | None = None

    @property
    def file_name(self) -> str:
        """The last part of `file`."""
        return self.file.rsplit("/", 1)[-1]

    def installed_path(self) -> Path | None:
        """Return where the package put the file, without importing the package.

        Returns:
            The path, whether or not the file is there; None for a download, or if the package is
            not installed.
        """
        if self.package is None:
            return None
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            return None
        return Path(spec.submodule_search_locations[0], *self.file.split("/"))


CATALOGUE: tuple[Weights, ...] = (
    Weights(
        name="expressions",
        file="weights/files/expressions.onnx",
        version="1.0.0",
        sha256="6c919bd3c075efdafc62797c18dfd2c42d0718ec02a069397e118ef7401a2882",
        size=883995,
        licence="Apache-2.0",
        source="trained by `facialis train expressions`; see expressions.md beside the file",
        purpose="52 expression scores from 146 landmarks",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="landmark_refinement",
        file="weights/files/landmark_refinement.onnx",
        version="3.0.0",
        sha256="935266dc293fc4defeeaa5fe33ec54475a74378e5b573dd40f967cebc7551e63",
        size=7790187,
        licence="Apache-2.0",
        source=(
            "trained by `facialis train landmarks` on simulated palsy; see landmark_refinement.md "
            "beside the file"
        ),
        purpose="refined landmarks, for the light form and the form for examinations of "
        "multimodal_fusion and for phcnn_lstm-light",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="multimodal_fusion-light",
        file="weights/files/multimodal_fusion-light.onnx",
        version="4.0.0",
        sha256="2917eb0b9e39947ef10fb968d6656b5576e59aac6cfd7a8e0b6291052dccc36a",
        size=471945,
        licence="Apache-2.0",
        source=(
            "trained by `facialis evaluate multimodal_fusion-light` on simulated palsy; see "
            "multimodal_fusion-light.md beside the file"
        ),
        purpose="palsy and its grade from refined landmarks and the movement, if it is known",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="multimodal_fusion-examination",
        file="weights/files/multimodal_fusion-examination.onnx",
        version="2.1.0",
        sha256="72feb3977a3cfb4280a924b6a48261e8a65571fba434337f680ed354a698de29",
        size=675601,
        licence="Apache-2.0",
        source=(
            "trained by `facialis evaluate multimodal_fusion-examination` on simulated palsy; see "
            "multimodal_fusion-examination.md beside the file"
        ),
        purpose="House-Brackmann grade from refined landmarks of all movements of an examination",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="cascaded_encoder-light",
        file="weights/files/cascaded_encoder-light.onnx",
        version="1.2.0",
        sha256="45a66eabd02fdeaf41374f2658db6a90129de24a46ee5175eca1885f92b49b42",
        size=10414396,
        licence="Apache-2.0",
        source=(
            "trained by `facialis evaluate cascaded_encoder-light` on simulated palsy; see "
            "cascaded_encoder-light.md beside the file"
        ),
        purpose="parts of the face and House-Brackmann grade from a picture",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="fp_vggface-light",
        file="weights/files/fp_vggface-light.onnx",
        version="2.0.0",
        sha256="7d264b0442ea7391b43506eae6b54e1b0633dab300c6be09ab92e0beb856027a",
        size=4739882,
        licence="Apache-2.0",
        source=(
            "trained by `facialis evaluate fp_vggface-light` on simulated palsy; see "
            "fp_vggface-light.md beside the file"
        ),
        purpose="House-Brackmann grade from the picture of a face",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="phcnn_lstm-light",
        file="weights/files/phcnn_lstm-light.onnx",
        version="2.0.0",
        sha256="3cb3ae831c4f09231da8807676d0f1075e3f2796ad7154928ad40b91b48df5cd",
        size=1262807,
        licence="Apache-2.0",
        source=(
            "trained by `facialis evaluate phcnn_lstm-light` on simulated palsy; see "
            "phcnn_lstm-light.md beside the file"
        ),
        purpose="level of palsy from four consecutive frames of a video",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="asymmetric_parsing",
        file="weights/files/asymmetric_parsing.onnx",
        version="1.6.0",
        sha256="522cea9682fdaabbde079616882e67986a59aa33f5849b01ee5beac45d3cb2ba",
        size=7420164,
        licence="Apache-2.0",
        source=(
            "trained by `facialis evaluate asymmetric_parsing` on simulated palsy; see "
            "asymmetric_parsing.md beside the file"
        ),
        purpose="parts of the face from a picture",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="norms_london",
        file="measures/data/norms-london-mediapipe-0.10.21.json",
        version="1.0.0",
        sha256="c9fc6c72da01133ce731055d35fe02784259632986f82fffe80ac6c5a30ccb58",
        size=117494,
        licence="CC-BY-4.0",
        source=(
            "built by `facialis norms build` from 71 people of the Face Research Lab London Set, "
            "DeBruine and Jones (2017), doi:10.6084/m9.figshare.5047666; see docs/method.md"
        ),
        purpose="asymmetry of healthy faces, and what grading is calibrated with",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="lesions_by_movement",
        file="measures/data/lesions-by-movement.json",
        version="2.0.0",
        sha256="4faa21dbbda78388183dbe845f2659369d1eb3192628f259cd2eb79d0b3677fc",
        size=138759,
        licence="CC-BY-4.0",
        source=(
            "fitted by `facialis calibrate-sides` on palsy simulated on 71 people of the Face "
            "Research Lab London Set; see lesions-by-movement.md beside the file"
        ),
        purpose="the side of a lesion, by the movement that is stated or seems to be shown",
        origin=Origin.PACKAGED,
        package="facialis",
    ),
    Weights(
        name="mediapipe_landmarks",
        file="modules/face_landmark/face_landmark_with_attention.tflite",
        version="0.10.21",
        sha256="e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
        size=2495106,
        licence="Apache-2.0",
        source="MediaPipe 0.10.21 wheel, The MediaPipe Authors",
        purpose="478 landmarks of a face",
        origin=Origin.BUNDLED,
        package="mediapipe",
    ),
    Weights(
        name="mediapipe_detector",
        file="modules/face_detection/face_detection_short_range.tflite",
        version="0.10.21",
        sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        size=229714,
        licence="Apache-2.0",
        source="MediaPipe 0.10.21 wheel, The MediaPipe Authors",
        purpose="finding faces in a picture",
        origin=Origin.BUNDLED,
        package="mediapipe",
    ),
    Weights(
        name="face_landmarker",
        file="face_landmarker.task",
        version="1",
        sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        size=3758596,
        licence="Apache-2.0",
        source="MediaPipe Face Landmarker bundle (float16, version 1), The MediaPipe Authors",
        purpose="teacher of the expression scores (training only)",
        origin=Origin.REMOTE,
        url=(
            "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/"
            "float16/1/face_landmarker.task"
        ),
    ),
    Weights(
        name="imagenet_resnet101",
        file="resnet101-63fe2227.pth",
        version="IMAGENET1K_V1",
        sha256="63fe2227b86e8f1f2063f43a75c84d195911b6a0eace650907dd3dc62dd49a0a",
        size=178793939,
        licence="BSD-3-Clause",
        source="ResNet-101 trained on ImageNet-1k, torchvision",
        purpose="start of training (training only)",
        origin=Origin.REMOTE,
        url="https://download.pytorch.org/models/resnet101-63fe2227.pth",
    ),
    Weights(
        name="imagenet_resnet50",
        file="resnet50-0676ba61.pth",
        version="IMAGENET1K_V1",
        sha256="0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
        size=102530333,
        licence="BSD-3-Clause",
        source="ResNet-50 trained on ImageNet-1k, torchvision",
        purpose="start of training (training only)",
        origin=Origin.REMOTE,
        url="https://download.pytorch.org/models/resnet50-0676ba61.pth",
    ),
    Weights(
        name="imagenet_vgg16",
        file="vgg16-397923af.pth",
        version="IMAGENET1K_V1",
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        size=553433881,
        licence="BSD-3-Clause",
        source="VGG16 trained on ImageNet-1k, torchvision",
        purpose="start of training (training only)",
        origin=Origin.REMOTE,
        url="https://download.pytorch.org/models/vgg16-397923af.pth",
    ),
    Weights(
        name="imagenet_mobilenet_v3_large",
        file="mobilenet_v3_large-8738ca79.pth",
        version="IMAGENET1K_V1",
        sha256="8738ca797c879b547d18bbd15da5736ff2557b2036a9af72225393ca61759a04",
        size=22139423,
        licence="BSD-3-Clause",
        source="MobileNetV3-Large trained on ImageNet-1k, torchvision",
        purpose="start of training (training only)",
        origin=Origin.REMOTE,
        url="https://download.pytorch.org/models/mobilenet_v3_large-8738ca79.pth",
    ),
    Weights(
        name="imagenet_mobilenet_v3_small",
        file="mobilenet_v3_small-047dcff4.pth",
        version="IMAGENET1K_V1",
        sha256="047dcff4addef86ea5bc2eff13c9614dc11f47ab1160d0a71a25e7db994f4e1f",
        size=10306551,
        licence="BSD-3-Clause",
        source="MobileNetV3-Small trained on ImageNet-1k, torchvision",
        purpose="start of training (training only)",
        origin=Origin.REMOTE,
        url="https://download.pytorch.org/models/mobilenet_v3_small-047dcff4.pth",
    ),
)
"""Every entry. Package data of any layer is registered here by its path inside ``facialis``."""


def names() -> tuple[str, ...]:
    """Return the names of all entries, in catalogue order."""
    return tuple(entry.name for entry in CATALOGUE)


def find(name: str) -> Weights:
    """Return the entry called `name`.

    Raises:
        WeightsError: There is none; the message lists those that exist.
    """
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    known = ", ".join(names())
    raise WeightsError(f"{printable(name)}: no weights of that name; choose one of {known}.")
