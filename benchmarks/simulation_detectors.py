"""Small classifiers that try to tell pictures of the simulator from untouched photographs."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Callable

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

FOLDS: Final = 5
DRAWS: Final = 2000
BLOCK: Final = 32
RINGS: Final = 8
EPOCHS: Final = 10
BATCH: Final = 32


def held_out_scores(seen: NDArray[Any], labels: Labels, people: Labels, fit: Any) -> Floats:
    """Return a score (N,) of each picture by a classifier that never saw its person.

    Args:
        seen: What the classifier sees of each picture, first axis N.
        labels: (N,) 0 untouched, 1 simulated.
        people: (N,) who.
        fit: Fits to what is seen and labels, and returns a function that scores what is seen.
    """
    scores = np.zeros(len(labels))
    folds = GroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(labels, labels, people):
        own = fit(seen[train], labels[train])(seen[test])
        # Folds are classifiers of their own: their scores are compared by rank.
        scores[test] = np.argsort(np.argsort(own)) / max(1, len(own) - 1)
    return scores


def area_under_curve(scores: Floats, labels: Labels) -> float:
    """Return how often a simulated picture scores higher than an untouched one."""
    ranks, simulated = rankdata(scores), labels == 1
    many, few = int(simulated.sum()), int((~simulated).sum())
    return float((ranks[simulated].sum() - many * (many + 1) / 2) / (many * few))


def auc_with_interval(scores: Floats, labels: Labels, people: Labels) -> dict[str, float]:
    """Return the area under the ROC curve and its 95 % interval by bootstrap of people."""
    rng = np.random.default_rng(0)
    names = np.unique(people)
    own = {name: np.flatnonzero(people == name) for name in names}
    draws = []
    for _ in range(DRAWS):
        rows = np.concatenate([own[n] for n in rng.choice(names, len(names))])
        draws.append(area_under_curve(scores[rows], labels[rows]))
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "auc": round(area_under_curve(scores, labels), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def fit_statistics(statistics: Floats, labels: Labels) -> Callable[[Floats], Floats]:
    """Fit a logistic regression to statistics (N, F); see `noise_statistics`."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    model.fit(statistics, labels)
    return lambda seen: np.asarray(model.decision_function(seen))


def noise_statistics(picture: Pixels) -> Floats:
    """Return numbers that editing, resampling and blending are known to change.

    Of brightness and of colour: the energy by spatial frequency of the blocks of the face and of
    the surroundings (median and upper quartile, log), and size and tails of what two high-pass
    filters leave.
    """
    planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    found: list[float] = []
    for k in range(3):
        plane = planes[..., k]
        spectra = _block_spectra(plane)
        middle = _in_the_middle(picture.shape[0] // BLOCK)
        for part in (spectra[middle], spectra[~middle]):
            found += np.log(np.quantile(part, (0.25, 0.5, 0.75), axis=0) + 1e-3).ravel().tolist()
        for kernel in (_LAPLACE, _THIRD):
            left = cv2.filter2D(plane, -1, kernel)[4:-4, 4:-4]
            size = float(np.abs(left).mean())
            tails = float((left**4).mean() / ((left**2).mean() ** 2 + 1e-6))
            found += [np.log(size + 1e-3), np.log(tails + 1), float((np.abs(left) < 1).mean())]
    return np.array(found)


_LAPLACE: Final = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], np.float32) / 4
_THIRD: Final = np.array([[1, -3, 3, -1]], np.float32) / 3


def _block_spectra(plane: NDArray[np.float32]) -> Floats:
    """Return the energy (B, 8) of each block of 32 × 32 pixels in rings of spatial frequency."""
    count = plane.shape[0] // BLOCK
    blocks = plane[: count * BLOCK, : count * BLOCK].reshape(count, BLOCK, count, BLOCK)
    blocks = blocks.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)
    window = np.outer(np.hanning(BLOCK), np.hanning(BLOCK))
    power = np.abs(np.fft.fft2((blocks - blocks.mean(axis=(1, 2), keepdims=True)) * window)) ** 2
    frequency = np.fft.fftfreq(BLOCK)
    ring = np.hypot(frequency[:, None], frequency[None, :]) * 2 * RINGS / np.sqrt(2)
    ring = np.minimum(ring.astype(int), RINGS - 1)
    return np.stack([power[:, ring == r].mean(axis=1) for r in range(RINGS)], axis=1)


def _in_the_middle(count: int) -> NDArray[np.bool_]:
    across = np.abs(np.arange(count) - (count - 1) / 2) < count / 4
    return np.outer(across, across).ravel()


def fit_network(pictures: Pixels, labels: Labels) -> Callable[[Pixels], Floats]:
    """Train a network of four convolutions on pictures and what a high-pass leaves of them.

    It learns from random squares of half the side, mirrored at random, and is shown whole pictures.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for before, after in pairwise((6, 24, 32, 48, 64)):
        layers += [
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.AvgPool2d(2),
        ]
    network = nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 1)
    )
    batches = len(labels) // BATCH + 1
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=EPOCHS * batches)
    rng = np.random.default_rng(0)
    wanted = torch.from_numpy(labels.astype(np.float32))
    seen = _tensor(pictures)
    half = pictures.shape[1] // 2
    network.train()
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(len(labels)), batches):
            y, x = rng.integers(0, half + 1, 2)
            shown = _with_residual(seen[rows, :, y : y + half, x : x + half])
            if rng.random() < 0.5:
                shown = shown.flip(-1)
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(shown)[:, 0], wanted[rows]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()

    def scores(shown: Pixels) -> Floats:
        with torch.no_grad():
            parts = [
                network(_with_residual(_tensor(shown[k : k + 32])))[:, 0]
                for k in range(0, len(shown), 32)
            ]
        return np.asarray(torch.cat(parts).double())

    return scores


def _tensor(pictures: Pixels) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


def _with_residual(pictures: Any) -> Any:
    """Return levels about 0 (N, 6, H, W): the picture, and what three pixels' mean leaves of it."""
    import torch

    levels = pictures.float() - 127.5
    mean = torch.nn.functional.avg_pool2d(levels, 3, stride=1, padding=1, count_include_pad=False)
    return torch.cat((levels / 127.5, (levels - mean) / 8), dim=1)
