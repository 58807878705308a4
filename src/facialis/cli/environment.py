"""What this machine lacks, said in one sentence."""

from __future__ import annotations

import re

_DEBIAN_PACKAGES = {
    "libGL": "libgl1",
    "libEGL": "libegl1",
    "libGLESv2": "libgles2",
    "libglib-2.0": "libglib2.0-0",
    "libgthread-2.0": "libglib2.0-0",
    "libgobject-2.0": "libglib2.0-0",
    "libSM": "libsm6",
    "libXext": "libxext6",
    "libXrender": "libxrender1",
    "libX11": "libx11-6",
    "libgomp": "libgomp1",
    "libstdc++": "libstdc++6",
}
_USUAL = ("libgl1", "libglib2.0-0")


def installation_problem(error: ImportError) -> str:
    """Return one sentence that names what to install after a failed import.

    Args:
        error: What the import raised, such as OpenCV on a machine without libGL.
    """
    library = re.search(r"(lib[\w+.\-]+?)\.so[.\d]*", str(error))
    if library:
        wanted = _DEBIAN_PACKAGES.get(library[1])
        packages = " ".join(dict.fromkeys([*([wanted] if wanted else []), *_USUAL]))
        return (
            f"the system library {library[0]} is missing; install it, on Debian or Ubuntu with "
            f"'apt-get install {packages}'."
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return (
            f"the Python package that provides '{package}' is missing; install Facialis again, "
            "with 'pip install --force-reinstall facialis'."
        )
    return (
        f"a library cannot be loaded ({error}); install Facialis again in a fresh environment, "
        "with 'pip install facialis'."
    )


def load_native_libraries() -> None:
    """Import the packages that need system libraries, so that their absence shows at once.

    Raises:
        ImportError: A package or a system library is missing.
    """
    import cv2  # noqa: F401
    import mediapipe  # noqa: F401
