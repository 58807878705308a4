"""What any parser of the seven parts is asked, and two rivals of [000] asked the same.

The rivals are DeepLabv3+ and Mask R-CNN as libraries keep them, from random weights, trained with
the recipe of the paper's own network (METHODS 1.3.1, 1.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.clinical.scales import Scale
from facialis.methods.asymmetric_parsing.losses import pixel_loss
from facialis.methods.asymmetric_parsing.network import scaled
from facialis.methods.asymmetric_parsing.prepare import (
    FACE,
    resized_depth,
    resized_labels,
    resized_picture,
)
from facialis.methods.tasks import UNKNOWN_CLASS, Classification, Segmentation
from facialis.networks.augmentation import (
    UNLABELLED,
    affine,
    drawn,
    moved_images,
    moved_labels,
)
from facialis.networks.learner import Learner, Stage
from facialis.regions.classes import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.asymmetric_parsing.recipe import Settings
    from facialis.methods.source import Source
    from facialis.networks.learner import Batch

PARTS: Final = Segmentation(
    name="parts",
    classes=tuple("FPP" if part is Part.FPP else part.name.lower() for part in Part),
    weak=("hair",),
)
PALSY: Final = Classification(
    name="palsy",
    scale=Scale.PALSY,
    classes=("absent", "present"),
    truth="palsy",
    predicted="palsy_probability",
)
DEPTH_SHRINKING: Final = 4
"""Depth is kept at a quarter of the pictures' size."""
STRIDE: Final = 16
"""DeepLabv3+ reads sizes that this divides."""
UNSETTLED: Final = 0.01
"""Threshold of the FPP fraction before training people have set it."""
TRACE: Final = 1e-6
"""Least threshold: a face without FPP is never positive."""
CROWD: Final = 24
"""Most instances of a face that Mask R-CNN answers with; the parts are ten at most."""


class Parsing(Learner):
    """Prepares, alters, answers and decides for a parser of seven parts.

    `predict` gives ``labels`` (B, H, W) uint8, ``plain_labels`` likewise, the likeliest parts that
    are not FPP, ``palsy_probability`` (B, 2) and ``fpp_fraction`` (B,) float32, and what `seen`
    adds.

    Args:
        settings: Of the recipe.
    """

    threshold: Tensor
    also_shown = ("plain_labels",)

    def __init__(self, settings: Settings) -> None:
        """Lay out the one course of training."""
        super().__init__()
        self.tasks = (PARTS, PALSY)
        self.size, self.degrees, self.scales = settings.size, settings.degrees, settings.scales
        self.stages = (
            Stage(
                name="parsing",
                epochs=settings.epochs,
                batch=settings.batch,
                optimiser="sgd",
                rate=settings.rate,
                momentum=settings.momentum,
                weight_decay=settings.weight_decay,
                power=settings.power,
                keep="last",
            ),
        )
        self.register_buffer("threshold", torch.tensor(UNSETTLED))

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``image``, ``mask``, ``depth`` (a quarter of the size, 0 unknown), ``palsy``."""
        source = sources[0]
        palsy = source.label(Scale.PALSY)
        return {
            "image": resized_picture(source.picture(), self.size),
            "mask": resized_labels(source.parts(), self.size),
            "depth": resized_depth(source.depth(), -(-self.size // DEPTH_SHRINKING)),
            "palsy": np.asarray(UNKNOWN_CLASS if palsy is None else palsy, np.int64),
        }

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples have a mask."""
        del stage
        return np.asarray((np.asarray(arrays["mask"]) != UNLABELLED).any(axis=(1, 2)))

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Return a batch turned and scaled by chance, cut or padded to its size (D0-12)."""
        count = len(batch["image"])
        maps = affine(
            degrees=drawn(-self.degrees, self.degrees, count, random),
            scale=drawn(*self.scales, count, random),
        ).to(batch["image"].device)
        return {
            **batch,
            "image": moved_images(batch["image"], maps),
            "mask": moved_labels(batch["mask"], maps),
            "depth": _moved_depth(batch["depth"], maps),
        }

    def seen(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return scores of the parts (B, 7, H, W) and pictures to keep, of images (B, 3, H, W)."""
        raise NotImplementedError

    def predict(self, batch: Batch) -> Batch:
        """Return the parts, and palsy as the FPP fraction against the threshold (D0-3)."""
        scores, pictures = self.seen(batch["image"])
        labels = scores.argmax(dim=1).to(torch.uint8)
        plain = scores[:, : Part.FPP].argmax(dim=1).to(torch.uint8)
        fraction = fpp_fractions(labels)
        present = fraction / (fraction + self.threshold)
        return {
            "labels": labels,
            "plain_labels": plain,
            "palsy_probability": torch.stack((1 - present, present), dim=-1),
            "fpp_fraction": fraction,
            **pictures,
        }

    def settle(self, batches: Iterable[Batch]) -> None:
        """Set the threshold of the FPP fraction to that of best balanced accuracy (D0-3)."""
        self.eval()
        fractions, classes = [], []
        for batch in batches:
            fractions.append(self.predict(batch)["fpp_fraction"])
            classes.append(batch["palsy"])
        if fractions:
            found = best_threshold(
                torch.cat(fractions).cpu().numpy(), torch.cat(classes).cpu().numpy()
            )
            self.threshold.fill_(UNSETTLED if found is None else max(found, TRACE))


class Baseline(Parsing):
    """A library's network under the paper's recipe.

    Args:
        settings: Of the recipe.
        network: `DeepLab` or `MaskRcnn`.
    """

    def __init__(self, settings: Settings, network: DeepLab | MaskRcnn) -> None:
        """Keep the network."""
        super().__init__(settings)
        self.network = network

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return ``total`` and what the network minimises."""
        parts = self.network.losses(batch["image"], batch["mask"])
        return {"total": torch.stack(list(parts.values())).sum(), **parts}

    def seen(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return scores of the parts (B, 7, H, W); there are no further pictures."""
        return self.network(images), {}


class DeepLab(nn.Module):
    """DeepLabv3+ on a ResNet-34 from random weights."""

    def __init__(self) -> None:
        """Build the library's network."""
        super().__init__()
        from segmentation_models_pytorch import DeepLabV3Plus  # noqa: PLC0415 - slow to import

        self.inner = DeepLabV3Plus("resnet34", encoder_weights=None, classes=len(Part))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, 7, H, W) float32 of images (B, 3, H, W) uint8."""
        height, width = images.shape[2:]
        given = functional.pad(scaled(images), (0, -width % STRIDE, 0, -height % STRIDE))
        is_alone = self.training and len(given) == 1  # batch norm of a single pooled map fails
        found = self.inner(given.expand(2, -1, -1, -1) if is_alone else given)
        return found[: len(images), :, :height, :width].float()

    def losses(self, images: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Return cross-entropy plus Dice, as of the paper's own network (D0-16)."""
        return {"pixels": pixel_loss(self(images), labels)}


class MaskRcnn(nn.Module):
    """Mask R-CNN on a ResNet-50 pyramid from random weights; parts are its instances.

    Args:
        size: Width and height of pictures, which it doesn't enlarge.
    """

    def __init__(self, size: int) -> None:
        """Build the library's network."""
        super().__init__()
        from torchvision.models.detection import maskrcnn_resnet50_fpn  # noqa: PLC0415 - slow

        self.inner = maskrcnn_resnet50_fpn(
            weights=None,
            weights_backbone=None,
            num_classes=len(Part),
            min_size=size,
            max_size=size,
            box_detections_per_img=CROWD,
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return scores (B, 7, H, W) of images (B, 3, H, W) uint8.

        A part's score is the greatest product of an instance's and its mask's; the background wins
        where no product reaches a quarter, as of an even chance of both.
        """
        with torch.autocast(images.device.type, enabled=False):
            found = self.inner(list(images.float() / 255))
        return torch.stack([_scores(each, images.shape[2:]) for each in found])

    def losses(self, images: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Return the library's five losses on the pictures that have labels."""
        targets = [instances(each) for each in labels.cpu().numpy()]
        shown = [i for i, each in enumerate(targets) if len(each["boxes"])]
        if not shown:
            return {"nothing": sum(p.sum() for p in self.parameters()) * 0.0}
        given = [images[i].float() / 255 for i in shown]
        wanted = [{k: v.to(images.device) for k, v in targets[i].items()} for i in shown]
        heads = (self.inner, self.inner.rpn, self.inner.roi_heads)
        before = [head.training for head in heads]
        for head in heads:
            head.training = True  # not train(): batch norm stays as it is in validation
        try:
            with torch.autocast(images.device.type, enabled=False):
                found: dict[str, Tensor] = self.inner(given, wanted)
        finally:
            for head, was in zip(heads, before, strict=True):
                head.training = was
        return found


def instances(labels: NDArray[np.uint8]) -> dict[str, Tensor]:
    """Return the connected pieces of each part as Mask R-CNN's targets.

    Args:
        labels: (H, W) of `Part`; 255 is none.

    Returns:
        ``boxes`` (n, 4) float32 left, top, right, bottom; ``labels`` (n,) int64, 1 to 6; ``masks``
        (n, H, W) uint8.
    """
    boxes, classes, masks = [], [], []
    for part in Part:
        if part == Part.BACKGROUND:
            continue
        count, pieces, found, _middles = cv2.connectedComponentsWithStats(
            (labels == part).astype(np.uint8)
        )
        for number in range(1, count):
            left, top, width, height, _area = found[number]
            boxes.append((left, top, left + width, top + height))
            classes.append(int(part))
            masks.append(pieces == number)
    shape = (0, *labels.shape)
    return {
        "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        "labels": torch.tensor(classes, dtype=torch.int64),
        "masks": torch.from_numpy(
            np.array(masks, np.uint8) if masks else np.zeros(shape, np.uint8)
        ),
    }


def fpp_fractions(labels: Tensor) -> Tensor:
    """Return |FPP| / |face| (B,) float32 of label maps (B, H, W), 0 where there is no face."""
    face = torch.stack([labels == part for part in FACE]).any(dim=0).sum(dim=(1, 2))
    return (labels == Part.FPP).sum(dim=(1, 2)) / face.clamp(min=1)


def best_threshold(
    fractions: NDArray[np.floating[Any]], classes: NDArray[np.int64]
) -> float | None:
    """Return the threshold above which a fraction means palsy, of best balanced accuracy.

    Args:
        fractions: (n,).
        classes: (n,) 0 absent, 1 present, -1 unknown.

    Returns:
        The middle one of equally good thresholds, each halfway between two fractions that occur;
        None unless both classes do.
    """
    ill, well = fractions[classes == 1], fractions[classes == 0]
    if not (len(ill) and len(well)):
        return None
    steps = np.unique(np.concatenate((ill, well)))
    middles = np.append((steps[:-1] + steps[1:]) / 2, steps[-1])
    found = 1 - np.searchsorted(np.sort(ill), middles, side="right") / len(ill)
    spared = np.searchsorted(np.sort(well), middles, side="right") / len(well)
    best = np.flatnonzero(np.isclose(found + spared, (found + spared).max()))
    return float(middles[best[len(best) // 2]])


def _moved_depth(depth: Tensor, maps: Tensor) -> Tensor:
    """Return depth (B, h, w) seen through maps (B, 2, 3), 0 beyond."""
    shape = [len(depth), 1, *depth.shape[1:]]
    grid = functional.affine_grid(maps, shape, align_corners=False)
    seen = functional.grid_sample(depth[:, None].float(), grid, mode="nearest", align_corners=False)
    return seen[:, 0].to(depth.dtype)


def _scores(found: dict[str, Tensor], size: tuple[int, int]) -> Tensor:
    """Return scores (7, H, W) of one picture's instances."""
    products = found["scores"][:, None, None] * found["masks"][:, 0]
    scores = products.new_zeros(len(Part), *size)
    scores[Part.BACKGROUND] = 0.25
    where = found["labels"][:, None, None].expand_as(products)
    return scores.scatter_reduce(0, where, products, reduce="amax")
