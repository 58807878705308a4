"""Download one file over http: resumed, checked by sha256, complete or not there."""

from __future__ import annotations

import hashlib
import http.client
import logging
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import TYPE_CHECKING

from facialis.errors import WeightsError, printable

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_TIMEOUT_S = 30.0
_ABANDONED_AFTER_S = 4 * _TIMEOUT_S
_CHUNK = 1 << 16
_RANGE_NOT_SATISFIABLE = 416
_NETWORK_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
)


def digest(file: Path) -> str:
    """Return the sha256 of a file, lower-case hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def download(url: str, target: Path, *, sha256: str, size: int) -> None:
    """Fetch `url` into `target`.

    The bytes gather in a partial file beside it; a later call goes on from there. A call owns a
    partial file by renaming it, so that two processes never write to the same one.

    Args:
        url: http or https address.
        target: Final path, in a folder that exists; replaced only by a verified file.
        sha256: Expected digest, lower-case hexadecimal.
        size: Expected size in bytes.

    Raises:
        WeightsError: The address cannot be reached, answers with an error, breaks off, or serves
            another file, or the folder cannot be written; `target` is then as it was.
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise WeightsError(f"{printable(url)}: is not an http or https address; give one.")
    partial = _claim(target)
    try:
        resumed = _fetch(url, partial, target, size)
        if resumed and digest(partial) != sha256:
            _LOG.warning("%s does not continue the partial file; starting again", url)
            partial.unlink()
            _fetch(url, partial, target, size)
        _check(url, partial, sha256)
        partial.replace(target)
    except OSError as error:
        raise WeightsError(
            f"{printable(target)}: cannot be written ({error.strerror}); free some space or set "
            "FACIALIS_WEIGHTS to a folder you can write to."
        ) from error
    finally:
        if partial.exists():
            partial.replace(_resting(target))


def _resting(target: Path) -> Path:
    """Where a partial file waits while nobody writes to it."""
    return target.with_name(f"{target.name}.part")


def _claim(target: Path) -> Path:
    """Return a partial file that only this call writes to, with what an earlier one left behind."""
    own = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    for left in (_resting(target), *_abandoned(target)):
        try:
            left.replace(own)
        except FileNotFoundError:
            continue
        return own
    return own


def _abandoned(target: Path) -> list[Path]:
    """Partial files whose process ended without putting them to rest."""
    oldest = time.time() - _ABANDONED_AFTER_S
    found = []
    for partial in target.parent.glob(f"{target.name}.*.part"):
        try:
            if partial.stat().st_mtime < oldest:
                found.append(partial)
        except FileNotFoundError:
            continue
    return found


def _fetch(url: str, partial: Path, target: Path, size: int) -> bool:
    """Complete `partial` from `url`; return whether it went on from bytes that were there."""
    have = _bytes_to_keep(partial, size)
    if have == size:
        return True
    headers = {"User-Agent": "facialis"} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the caller checked the scheme
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
            return _receive(url, response, partial, size, have)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == _RANGE_NOT_SATISFIABLE and have:
                partial.unlink()
                return _fetch(url, partial, target, size)
            raise WeightsError(
                f"{printable(url)}: the server answered {error.code} {error.reason}; "
                f"{_by_hand(target)}."
            ) from error
    except _NETWORK_ERRORS as error:
        reason = getattr(error, "reason", None) or error
        raise WeightsError(
            f"{printable(url)}: cannot be downloaded ({printable(reason)}); check the network and "
            f"run it again, or {_by_hand(target)}."
        ) from error


def _bytes_to_keep(partial: Path, size: int) -> int:
    have = partial.stat().st_size if partial.exists() else 0
    if have > size:
        partial.unlink()
        return 0
    return have


def _receive(
    url: str, response: http.client.HTTPResponse, partial: Path, size: int, have: int
) -> bool:
    """Write the body to `partial`; return whether it was appended."""
    resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
    received = have if resumed else 0
    announced = response.headers.get("Content-Length")
    if announced is not None and announced.isdigit() and received + int(announced) != size:
        raise _wrong_size(url, received + int(announced), size)
    with partial.open("ab" if resumed else "wb") as stream:
        while chunk := response.read(_CHUNK):
            received += len(chunk)
            if received > size:
                break
            stream.write(chunk)
    if received > size:
        partial.unlink()
        raise _wrong_size(url, received, size)
    if received < size:
        raise WeightsError(
            f"{printable(url)}: broke off after {received} of {size} bytes; "
            "run it again to go on from there."
        )
    return resumed


def _wrong_size(url: str, found: int, expected: int) -> WeightsError:
    return WeightsError(
        f"{printable(url)}: serves {found} bytes or more where {expected} were expected; "
        "it is another file, so give the right address."
    )


def _check(url: str, partial: Path, sha256: str) -> None:
    found = digest(partial)
    if found != sha256:
        partial.unlink()
        raise WeightsError(
            f"{printable(url)}: serves a file with sha256 {found} where {sha256} was expected; "
            "nothing was kept, so give the right address."
        )


def _by_hand(target: Path) -> str:
    return f"put the file by hand at {printable(target)}"
