"""Turn, scale, shear, shift and mirror the pictures of a batch, and their labels with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

UNLABELLED: Final = 255
"""Label of pixels that come from beyond the picture."""


def drawn(low: float, high: float, count: int, random: torch.Generator) -> Tensor:
    """Return uniform random numbers (count,) between two bounds, on the CPU."""
    return low + (high - low) * torch.rand(count, generator=random)


def affine(
    *,
    degrees: Tensor,
    scale: Tensor | None = None,
    shear: Tensor | None = None,
    shift: Tensor | None = None,
    mirrored: Tensor | None = None,
) -> Tensor:
    """Return maps (B, 2, 3) from places in the altered picture to places in the given one.

    Places are -1 to 1 across the picture in both directions. The picture is mirrored first, then
    sheared, scaled, turned and shifted.

    Args:
        degrees: (B,) clockwise on screen.
        scale: (B,) above 1 enlarges.
        shear: (B,) tangent of the angle by which vertical lines lean.
        shift: (B, 2) to the right and down, in halves of the picture's width and height.
        mirrored: (B,) bool, whether left and right are swapped.
    """
    angle = torch.deg2rad(degrees)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    forward = torch.stack((cosine, -sine, sine, cosine), dim=-1).reshape(-1, 2, 2)
    if scale is not None:
        forward = forward * scale[:, None, None]
    if shear is not None:
        lean = torch.eye(2).repeat(len(degrees), 1, 1)
        lean[:, 0, 1] = shear
        forward = forward @ lean
    if mirrored is not None:
        flip = torch.ones(len(degrees), 2)
        flip[mirrored, 0] = -1
        forward = forward * flip[:, None, :]
    back = torch.linalg.inv(forward)
    moved = torch.zeros(len(degrees), 2) if shift is None else shift
    return torch.cat((back, -back @ moved[..., None]), dim=-1)


def moved_images(images: Tensor, maps: Tensor) -> Tensor:
    """Return images (B, C, H, W) uint8 seen through `affine` maps; black beyond the picture."""
    grid = functional.affine_grid(maps.to(images.device), list(images.shape), align_corners=False)
    seen = functional.grid_sample(images.float(), grid, mode="bilinear", align_corners=False)
    return seen.round().clamp(0, 255).to(torch.uint8)


def moved_points(points: Tensor, maps: Tensor) -> Tensor:
    """Return points (B, n, 2), -1 to 1 across the picture, where `affine` maps show them."""
    back = maps.to(points.device)
    shown: Tensor = (points - back[:, None, :, 2]) @ torch.linalg.inv(back[:, :, :2]).mT
    return shown


def lighting(most: float, count: int, random: torch.Generator) -> Tensor:
    """Return changes (B, 2) of brightness and contrast for `relit`: factors and gammas.

    Args:
        most: Largest change either way: of the factor, and of the logarithm of gamma.
        count: B.
        random: Source of chance, on the CPU.
    """
    factors = drawn(1 - most, 1 + most, count, random)
    return torch.stack((factors, torch.exp(drawn(-most, most, count, random))), dim=1)


def relit(images: Tensor, light: Tensor) -> Tensor:
    """Return images (B, C, H, W) uint8 of other brightness and contrast: `lighting` (B, 2)."""
    factor, gamma = light.to(images.device)[:, :, None, None, None].unbind(dim=1)
    seen = (images.float() / 255) ** gamma * factor
    return (255 * seen).round().clamp(0, 255).to(torch.uint8)


def moved_labels(labels: Tensor, maps: Tensor, swapped: Sequence[int] | None = None) -> Tensor:
    """Return label maps (B, H, W) uint8 seen through `affine` maps; 255 beyond the picture.

    Args:
        labels: As prepared.
        maps: (B, 2, 3).
        swapped: Class of each class in a mirrored picture, applied where a map mirrors; classes
            that are of no side may be left out at the end.
    """
    shape = [len(labels), 1, *labels.shape[1:]]
    grid = functional.affine_grid(maps.to(labels.device), shape, align_corners=False)
    shown = labels[:, None].float() - UNLABELLED  # so that what is beyond becomes 255
    seen = functional.grid_sample(shown, grid, mode="nearest", align_corners=False)[:, 0]
    found = (seen + UNLABELLED).round().to(torch.uint8)
    if swapped is None:
        return found
    table = torch.arange(UNLABELLED + 1, dtype=torch.uint8)
    table[: len(swapped)] = torch.tensor(swapped, dtype=torch.uint8)
    mirrored = (torch.linalg.det(maps[:, :, :2]) < 0).to(labels.device)
    changed = table.to(labels.device)[found.long()]
    return torch.where(mirrored[:, None, None], changed, found)
