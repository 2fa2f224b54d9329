"""Files that are whole or not there.

Every file is written under another name in the same folder, flushed to the disk, and renamed when it
is complete; the rename is atomic on every file system that Python supports, so that nobody ever reads
half a file under its final name, and an interrupted run leaves the previous one as it was.

Half a character (a lone surrogate, as damaged escapes leave it in a string) has no place in UTF-8; it is
written as U+FFFD, which is as long, so that spans hold.

Limits: readers that have the old file open go on reading the old one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import orjson

from provenance._extras import load_zstandard

__all__ = ["clear_leftovers", "dump_json", "replacing", "write_json", "write_lines", "write_text"]

_HALF = re.compile("[\ud800-\udfff]")

#: Level of the reference implementation: the next ones cost twice the time for 2 % of the size.
_ZSTD_LEVEL = 3


@contextmanager
def replacing(path: Path | str) -> Iterator[IO[bytes]]:
    """Open `path` for writing bytes; it appears, or changes, only when the block ends well.

    A name that ends in ``.gz`` or ``.zst`` is compressed.  The same bytes in give the same bytes out:
    no time and no name stands in the header.

    Raises:
        OSError: The folder is missing or not writable, or the disk is full.
        MissingExtra: ``.zst`` without the library for it.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:  # a device or a pipe: nothing to replace
            yield stream
        return
    target = target.resolve()  # a link stays a link; what it points at is replaced
    beside = target.with_name(f".{target.name}.{os.getpid()}-{token_hex(4)}.part")
    try:
        with beside.open("xb") as stream:
            with _compressed(stream, target.suffix.lower()) as packed:
                yield packed
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def clear_leftovers(path: Path | str) -> list[Path]:
    """Remove what processes that are gone left beside `path` while they wrote it; return what it was.

    A process that is killed cannot clean up after itself.  The names carry its number; files of
    processes that run are not touched.
    """
    target = Path(path).resolve()
    found = []
    for beside in target.parent.glob(f".{escape(target.name)}.*-????????.part"):
        number = beside.name.removeprefix(f".{target.name}.").partition("-")[0]
        if number.isdecimal() and not _runs(int(number)):
            beside.unlink(missing_ok=True)
            found.append(beside)
    return found


def _runs(process: int) -> bool:
    if os.name != "posix":  # elsewhere asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def dump_json(value: Any, option: int = 0) -> bytes:
    """Return a JSON value as UTF-8.

    Args:
        value: Anything made of mappings with string keys, sequences, strings and numbers.
        option: Options of ``orjson``.
    """
    try:
        return orjson.dumps(value, option=option)
    except orjson.JSONEncodeError:
        return orjson.dumps(_whole(value), option=option)


def _whole(value: Any) -> Any:
    """Return the value with every half character replaced."""
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, Mapping):
        return {_whole(name): _whole(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return value


def write_lines(path: Path | str, records: Iterable[Mapping[str, Any]]) -> int:
    """Write JSON Lines, UTF-8, one record a line; return how many."""
    count = 0
    with replacing(path) as stream:
        for record in records:
            stream.write(dump_json(record, orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def write_json(path: Path | str, value: Any) -> None:
    """Write one JSON value, UTF-8, indented by two."""
    with replacing(path) as stream:
        stream.write(dump_json(value, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8, line ends untouched."""
    with replacing(path) as stream:
        stream.write(_whole(text).encode())


@contextmanager
def _compressed(stream: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    if suffix == ".gz":
        import gzip

        with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
            yield packed  # type: ignore[misc]  # a GzipFile writes bytes and is not called IO
    elif suffix == ".zst":
        compressor = load_zstandard().ZstdCompressor(level=_ZSTD_LEVEL)
        with compressor.stream_writer(stream, closefd=False) as packed:
            yield packed
    else:
        yield stream


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where folders can be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
