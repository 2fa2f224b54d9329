"""Redis: what stands in it byte by byte, and its errors."""

from __future__ import annotations

import errno
import hashlib
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from provenance._extras import load_redis
from provenance.errors import SettingError, StoreUnreachable
from provenance.stores.contract import Document

__all__ = [
    "FIELD",
    "fields",
    "hashed",
    "packed",
    "pieces",
    "reporting",
    "texts",
    "unpacked",
    "with_traits",
]

_LOCAL_BITS = np.uint64(24)

#: Bytes of a key without the zeros at its end.
FIELD = 5

_HEAD = struct.Struct("<Q16sIH")  # observed, digest, length of the identifier, and of the traits


@contextmanager
def reporting(where: str) -> Iterator[None]:
    """Say what failed in terms of the store."""
    redis = load_redis()
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as cause:
        raise StoreUnreachable(where, str(cause)) from cause
    except redis.OutOfMemoryError as cause:
        text = "the memory of the server is full; nothing of it was kept"
        raise OSError(errno.ENOSPC, text, where) from cause
    except redis.exceptions.NoPermissionError as cause:
        msg = f"{where}: {cause}; the user needs +@all on ~{{NAMESPACE}}:* (ACL SETUSER)"
        raise SettingError(msg) from cause
    except redis.RedisError as cause:
        raise OSError(errno.EIO, f"the server failed ({cause})", where) from cause


def texts(found: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return names and values as text."""
    return {name.decode(): value.decode() for name, value in found.items()}


def fields(keys: NDArray[np.uint64]) -> bytes:
    """Return keys without the zeros at their end, five bytes each."""
    words = (keys >> _LOCAL_BITS).astype("<u8")
    return words.view(np.uint8).reshape(-1, 8)[:, :FIELD].tobytes()


def hashed(identifier: str) -> bytes:
    """Return what an identifier is looked up by: 16 bytes."""
    return hashlib.sha256(identifier.encode()).digest()[:16]


def pieces(joined: bytes, size: int) -> set[bytes]:
    """Return what was joined, each of `size` bytes."""
    return {joined[at : at + size] for at in range(0, len(joined), size)} if size else set()


def packed(document: Document, traits: bytes) -> bytes:
    """Return a document and its traits; its number and its story stand elsewhere."""
    name = document.id.encode()
    head = _HEAD.pack(document.observed, document.digest, len(name), len(traits))
    return head + traits + name + document.content


def with_traits(value: bytes, traits: bytes) -> bytes:
    """Return a packed document with other traits."""
    observed, digest, name, width = _HEAD.unpack_from(value)
    return _HEAD.pack(observed, digest, name, len(traits)) + traits + value[_HEAD.size + width :]


def unpacked(number: int, story: int, value: bytes) -> Document:
    """Return the document that was packed."""
    observed, digest, name, width = _HEAD.unpack_from(value)
    start = _HEAD.size + width
    return Document(
        number=number,
        id=value[start : start + name].decode(),
        digest=digest,
        observed=observed,
        story=story,
        content=value[start + name :],
    )
