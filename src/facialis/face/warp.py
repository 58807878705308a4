"""Turn a photographed head: its own texture on its own mesh, seen from another angle."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import FACE_OVAL, opening_triangles, triangles
from facialis.face.pose import head_pose, rotation_from

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_RING_REACH: Final = 1.45
_RING_SET_BACK: Final = 0.5
_CENTRE_SET_BACK: Final = 0.6
_MESH_POINTS: Final = 468
_SUBPIXEL_BITS: Final = 4
_FLAT: Final = 1e-6


def warp(
    pixels: Pixels,
    source: Points,
    target: Points,
    depth: Points,
    faces: NDArray[np.intp],
) -> Pixels:
    """Carry the texture under a triangle mesh to new places, nearer triangles over farther ones.

    Args:
        pixels: (H, W, 3) picture.
        source: (N, 2) vertices in the picture, pixels (edges counted, as landmarks are).
        target: (N, 2) where they go, same size of picture.
        depth: (N,) distance from the viewer after the move; larger is farther.
        faces: (T, 3) triangles.

    Returns:
        (H, W, 3) picture; what no triangle covers is taken from `pixels` unmoved.
    """
    height, width = pixels.shape[:2]
    owner = owners(target, depth, faces, width, height)
    at_x, at_y = origins(owner, source, target, faces)
    moved = cv2.remap(pixels, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)


def owners(
    target: Points, depth: Points, faces: NDArray[np.intp], width: int, height: int
) -> NDArray[np.int32]:
    """Return which triangle (H, W) each pixel belongs to, the nearest; ``len(faces)`` for none.

    Args:
        target: (N, 2) vertices in the picture, pixels.
        depth: (N,) distance from the viewer; larger is farther.
        faces: (T, 3) triangles.
        width: Of the picture.
        height: Of the picture.
    """
    order = np.argsort(-depth[faces].mean(axis=1), kind="stable")
    corners = np.round((target[faces] - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    owner = np.full((height, width), len(faces), np.int32)
    for t in order.tolist():
        cv2.fillConvexPoly(owner, corners[t], t, cv2.LINE_8, _SUBPIXEL_BITS)
    return owner


def origins(
    owner: NDArray[np.int32], source: Points, target: Points, faces: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return where each pixel of a warped picture comes from, as `cv2.remap` counts pixels.

    Args:
        owner: (H, W) triangles as `owners` finds them; what belongs to none stays in its place.
        source: (N, 2) vertices in the picture that is warped.
        target: (N, 2) vertices in the warped picture.
        faces: (T, 3) triangles.

    Returns:
        x and y, (H, W) each.
    """
    height, width = owner.shape
    affine = _back_maps(source[faces], target[faces])[owner]
    y, x = np.mgrid[0:height, 0:width] + 0.5
    at_x = affine[..., 0, 0] * x + affine[..., 0, 1] * y + affine[..., 0, 2] - 0.5
    at_y = affine[..., 1, 0] * x + affine[..., 1, 1] * y + affine[..., 1, 2] - 0.5
    return at_x.astype(np.float32), at_y.astype(np.float32)


def _back_maps(source: Points, target: Points) -> Points:
    """Affine maps (T + 1, 2, 3) from target to source triangles; the last is the identity."""
    homogeneous = np.concatenate((target, np.ones((*target.shape[:2], 1))), axis=2)
    flat = np.abs(np.linalg.det(homogeneous)) < _FLAT
    homogeneous[flat] = np.eye(3)
    maps = np.linalg.solve(homogeneous, source).transpose(0, 2, 1)
    return np.concatenate((maps, np.eye(2, 3)[None]))


def turned(
    pixels: Pixels,
    points: Points,
    *,
    yaw: float,
    pitch: float,
    camera_distance: float = np.inf,
    reshaped: Points | None = None,
) -> Pixels:
    """Render a photographed head after a further turn, and with another shape if given.

    The surroundings of the face are carried along on a ring that is set back from its outline, and
    fade into the unmoved edge of the picture.

    Args:
        pixels: (H, W, 3) photograph.
        points: (478, 3) its landmarks, pixels.
        yaw: Turn towards the patient's left, degrees.
        pitch: Chin up, degrees.
        camera_distance: From the rotation centre, in interocular distances; infinite for none of
            the perspective that comes with nearness.
        reshaped: (478, 3) where the landmarks lie before the turn, if not where they are.
    """
    pose = head_pose(points)
    vertices, fixed = with_surroundings(points, pixels.shape[1], pixels.shape[0], pose.scale)
    centre = pose.to_picture(np.array([[0.0, 0.3, _CENTRE_SET_BACK]]) * pose.scale)[0]
    turn = _turn_in_place(pose.rotation, yaw, pitch)
    shape = vertices.copy()
    if reshaped is not None:
        shape[:_MESH_POINTS] = reshaped[:_MESH_POINTS]
    moved = (shape - centre) @ turn.T
    away = camera_distance * pose.scale
    if np.isfinite(away):
        now, then = moved[:, 2], (shape - centre)[:, 2]
        moved[:, :2] *= ((away + then) / (away + now))[:, None]
    moved += centre
    moved[fixed] = vertices[fixed]
    faces = np.concatenate((triangles(), opening_triangles(), ring_triangles()))
    return warp(pixels, vertices[:, :2], moved[:, :2], moved[:, 2], faces)


def _turn_in_place(attitude: Points, yaw: float, pitch: float) -> Points:
    """Return the rotation that turns a head of some attitude about its own axes."""
    return np.asarray(attitude @ rotation_from(yaw, pitch) @ attitude.T)


def with_surroundings(
    points: Points, width: int, height: int, scale: float
) -> tuple[Points, NDArray[np.bool_]]:
    """Return the mesh with two rings around it: set back from its outline, and the picture's edge.

    Args:
        points: (478, 3) landmarks, pixels.
        width: Of the picture.
        height: Of the picture.
        scale: Pixels in an interocular distance.

    Returns:
        (468 + 72, 3) vertices, of which the landmarks without the irises come first, and which of
        them must not move (those on the edge).
    """
    mesh = points[:_MESH_POINTS]
    oval = mesh[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    ring = middle + _RING_REACH * (oval - middle)
    ring[:, 2] = oval[:, 2] + _RING_SET_BACK * scale
    outward = oval[:, :2] - middle[:2]
    reach = np.max(
        np.abs(outward) / np.maximum(1e-9, [[width / 2, height / 2]]), axis=1, keepdims=True
    )
    edge = np.array([width / 2, height / 2]) + outward / reach
    frame = np.column_stack((edge, np.full(len(oval), ring[:, 2].max() + 2 * scale)))
    vertices = np.concatenate((mesh, ring, frame))
    fixed = np.zeros(len(vertices), np.bool_)
    fixed[-len(frame) :] = True
    return vertices, fixed


@lru_cache(maxsize=1)
def ring_triangles() -> NDArray[np.intp]:
    """Return the triangles (T, 3) between the outline of the face and the edge of the picture."""
    count = len(FACE_OVAL)
    inner = np.array(FACE_OVAL)
    ring = _MESH_POINTS + np.arange(count)
    faces = []
    for near, far in ((inner, ring), (ring, ring + count)):
        after_near, after_far = np.roll(near, -1), np.roll(far, -1)
        faces += [np.stack((near, after_near, far), axis=1)]
        faces += [np.stack((after_near, after_far, far), axis=1)]
    return np.asarray(np.concatenate(faces), dtype=np.intp)
