"""What a file is, told by its first bytes and not by its name."""

from __future__ import annotations

HEAD_BYTES = 512
"""How many of a file's first bytes tell what it is."""

READABLE = "JPEG, PNG, WebP, TIFF, BMP or HEIC"

_PICTURES = (
    (0, b"\xff\xd8", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WEBP"),
    (0, b"II\x2a\x00", "TIFF"),
    (0, b"MM\x00\x2a", "TIFF"),
    (0, b"II\x2b\x00", "TIFF"),
    (0, b"MM\x00\x2b", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"GIF8", "GIF"),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevm", b"hevs", b"mif1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SEQUENCE_BRANDS = frozenset({b"hevc", b"hevx", b"msf1"})

_SAVE = f"save it as {READABLE}"
_STILL = "export a still picture from it"
_DOCUMENT = "export the photograph from it as JPEG or PNG"
_DEVELOP = "develop it and export it as JPEG or TIFF"
RAW = ("is a camera RAW file", _DEVELOP)
ANIMATED = ("is an animation", _STILL)
_VIDEO = ("is a video", _STILL)

_OTHERS = (
    (8, b"CR\x02\x00", RAW),
    (0, b"FUJIFILMCCD-RAW", RAW),
    (0, b"IIRO", RAW),
    (0, b"IIRS", RAW),
    (0, b"MMOR", RAW),
    (0, b"IIU\x00", RAW),
    (128, b"DICM", ("is a DICOM file", _DOCUMENT)),
    (0, b"%PDF", ("is a PDF document", _DOCUMENT)),
    (0, b"%!PS", ("is a PostScript document", _DOCUMENT)),
    (0, b"PK\x03\x04", ("is a ZIP archive or an office document", "unpack it first")),
    (0, b"\x1f\x8b", ("is a gzip archive", "unpack it first")),
    (0, b"7z\xbc\xaf\x27\x1c", ("is a 7z archive", "unpack it first")),
    (0, b"Rar!", ("is a RAR archive", "unpack it first")),
    (8, b"AVI ", _VIDEO),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO),
    (0, b"\x00\x00\x01\xba", _VIDEO),
    (0, b"\x00\x00\x01\xb3", _VIDEO),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _VIDEO),
    (0, b"FLV\x01", _VIDEO),
    (0, b"OggS", _VIDEO),
    (0, b"8BPS", ("is a Photoshop file", _SAVE)),
    (0, b"\x00\x00\x00\x0cJXL ", ("is a JPEG XL picture", _SAVE)),
    (0, b"\xff\x0a", ("is a JPEG XL picture", _SAVE)),
    (0, b"\x00\x00\x00\x0cjP  ", ("is a JPEG 2000 picture", _SAVE)),
    (0, b"\xff\x4f\xff\x51", ("is a JPEG 2000 picture", _SAVE)),
    (0, b"\x00\x00\x01\x00", ("is an icon", _SAVE)),
)
_TEXTS = (
    ("<!doctype html", ("is a web page", "download the photograph itself")),
    ("<html", ("is a web page", "download the photograph itself")),
    ("<svg", ("is an SVG drawing", _SAVE)),
)
_TRANSPORT_STREAM_PACKET = 188


def picture_format(head: bytes) -> str | None:
    """Return JPEG, PNG, WEBP, TIFF, BMP, GIF, HEIF or AVIF, or None for anything else.

    Args:
        head: The first `HEAD_BYTES` of a file, or all of a shorter one.
    """
    if _other(head) is not None:
        return None
    for offset, magic, kind in _PICTURES:
        if head.startswith(magic, offset):
            return kind
    brands = _brands(head)
    if not brands or brands[0] in _SEQUENCE_BRANDS:
        return None
    if _AVIF_BRANDS.intersection(brands):
        return "AVIF"
    return "HEIF" if _HEIF_BRANDS.intersection(brands) else None


def describe(head: bytes) -> tuple[str, str]:
    """Say what a file is that holds no readable picture.

    Args:
        head: The first `HEAD_BYTES` of a file, or all of a shorter one.

    Returns:
        What it is, as a clause such as "is a PDF document", and what to do about it.
    """
    known = _other(head)
    if known is not None:
        return known
    brands = _brands(head)
    if brands:
        if brands[0] == b"crx ":
            return RAW
        return ANIMATED if brands[0] in _SEQUENCE_BRANDS else _VIDEO
    if head[::_TRANSPORT_STREAM_PACKET] == b"GGG":
        return _VIDEO
    return _text(head) or ("is not a picture in a format that can be read", _SAVE)


def _other(head: bytes) -> tuple[str, str] | None:
    for offset, magic, description in _OTHERS:
        if head.startswith(magic, offset):
            return description
    return None


def _brands(head: bytes) -> tuple[bytes, ...]:
    """Return the brands of an ISO base media file (HEIC, AVIF, MP4, MOV), major first."""
    if head[4:8] != b"ftyp":
        return ()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return (head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4)))


def _text(head: bytes) -> tuple[str, str] | None:
    try:
        text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return None
        text = head[: error.start].decode("utf-8", "replace")
    if not text or not all(c.isprintable() or c.isspace() for c in text):
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    for prefix, description in _TEXTS:
        if start.startswith(prefix):
            return description
    return "is a text file", "pass a photograph"
