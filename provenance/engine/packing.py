"""An article and what was read in it as bytes, for a store to keep.

Compressed with Zstandard where the extra ``zstd`` is installed, which takes a third of the time, and with
zlib elsewhere; both can be told apart, and both notice when they were altered.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import attrs
import orjson
import xxhash

from provenance._extras import load_zstandard
from provenance.codec import (
    link_from_record,
    link_to_record,
    mention_from_record,
    mention_to_record,
)
from provenance.engine.crediting import Reading
from provenance.errors import MissingExtra, StoreDamaged
from provenance.model import Article, ArticleId, Dates, Link, Mask

__all__ = ["Packed", "pack", "pack_link", "rounded", "unpack", "unpack_link"]

_ARTICLE = "an article"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_FIELDS = tuple(f.name for f in attrs.fields(Article) if f.name not in ("id", "fetched", "extra"))


@attrs.frozen(kw_only=True)
class Packed:
    """An article to be kept.

    Attributes:
        digest: 16 bytes, of what the article says and what its carrier said about it; not of when it
            was fetched, and not of keys that are not ours.
        content: The article and its reading, compressed.
    """

    digest: bytes
    content: bytes


def pack(article: Article, reading: Reading | None) -> Packed:
    """Return an article, and what was read in it, as bytes."""
    said = {name: value for name in _FIELDS if (value := getattr(article, name))}
    digest = xxhash.xxh3_128_digest(_dumped(said))
    record: dict[str, Any] = {**said, "id": article.id}
    if article.fetched:
        record["fetched"] = article.fetched
    if article.extra:
        record["extra"] = dict(article.extra)
    if reading:
        record["reading"] = {
            "language": reading.language,
            "mentions": [mention_to_record(mention) for mention in reading.mentions],
            "masks": [[*mask.span, mask.reason] for mask in reading.masks],
            "dates": [reading.dates.earliest, reading.dates.latest, *reading.dates.reasons],
        }
    return Packed(digest=digest, content=_compressed(_dumped(record)))


def unpack(content: bytes) -> tuple[Article, Reading | None]:
    """Return what :func:`pack` was given, weights of mentions rounded as everywhere on disk.

    Raises:
        StoreDamaged: The bytes were altered.
        MissingExtra: They were compressed with Zstandard, which is not installed.
    """
    record = _loaded(_expanded(content))
    reading = record.pop("reading", None)
    return Article(**record), _reading(reading) if reading else None


def rounded(reading: Reading) -> Reading:
    """Return a reading as it will be when it was packed and unpacked."""
    mentions = tuple(mention_from_record(mention_to_record(m)) for m in reading.mentions)
    return attrs.evolve(reading, mentions=mentions, accidents=())


def _reading(record: Mapping[str, Any]) -> Reading:
    earliest, latest, *reasons = record["dates"]
    return Reading(
        language=record["language"],
        mentions=tuple(mention_from_record(mention) for mention in record["mentions"]),
        masks=tuple(Mask(span=(a, b), reason=reason) for a, b, reason in record["masks"]),
        dates=Dates(earliest=earliest, latest=latest, reasons=tuple(reasons)),
    )


def pack_link(link: Link) -> bytes:
    """Return a link as bytes, without the identifiers."""
    record = link_to_record(link)
    del record["a"], record["b"]
    return _dumped(record)


def unpack_link(record: bytes, one: str, other: str) -> Link:
    """Return the link of two articles."""
    a, b = sorted((ArticleId(one), ArticleId(other)))
    return link_from_record({"a": a, "b": b, **_loaded(record)})


def _dumped(record: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(record)
    except TypeError:  # halves of characters, and numbers beyond 64 bits
        return json.dumps(record).encode()


def _loaded(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


@cache
def _zstandard() -> Any:
    try:
        library = load_zstandard()
    except MissingExtra:
        return None
    # Level 1: the next ones take twice the time for 3 % of the room.
    return library.ZstdCompressor(level=1, write_checksum=True), library.ZstdDecompressor()


def _compressed(data: bytes) -> bytes:
    codec = _zstandard()
    packed: bytes = codec[0].compress(data) if codec else zlib.compress(data, 1)
    return packed


def _expanded(content: bytes) -> bytes:
    zstandard = content.startswith(_ZSTANDARD)
    if zstandard and not _zstandard():
        load_zstandard()
    try:
        data: bytes = _zstandard()[1].decompress(content) if zstandard else zlib.decompress(content)
    except Exception as cause:  # each library has an error of its own
        reason = f"its contents were altered ({cause})"
        raise StoreDamaged(_ARTICLE, reason) from cause
    return data
