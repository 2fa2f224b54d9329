"""Which files are read, in which order, as what.

An input is a file, a folder, a pattern, or ``-`` for standard input.  Folders are read to the bottom,
sorted by path, known extensions only, names that begin with a dot left out: the same folder gives the
same order on every machine.  A file named twice is read once.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from glob import glob
from pathlib import Path
from typing import IO, Any, Literal, cast

import attrs

from provenance._extras import load_zstandard
from provenance.errors import InputError

__all__ = ["FileFormat", "Opened", "Source", "expand_inputs", "open_source"]

FileFormat = Literal["jsonl", "csv", "tsv", "parquet", "text"]

_FORMATS: dict[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".txt": "text",
}
_COMPRESSIONS = (".gz", ".zst")

#: The first bytes of a compressed stream; neither can begin UTF-8, so that a look decides and the
#: extension need not be right (nor be there, on standard input).
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


#: Compressed bytes taken at a time, which become some hundred kilobytes of text.
_CHUNK = 1 << 16


@attrs.frozen(kw_only=True)
class Source:
    """One file to be read.

    Attributes:
        name: The path as it is shown to people; ``-`` for standard input.
        path: Where it is; ``None`` for standard input.
        format: How its bytes are read.
        stem: Path below the input it was found in, without extensions: the identifier of a text.
    """

    name: str
    path: Path | None
    format: FileFormat
    stem: str


@attrs.frozen(kw_only=True)
class Opened:
    """An open file, decompressed.

    Attributes:
        stream: Its bytes.
        failures: What reading may raise when the file is damaged.
    """

    stream: IO[bytes]
    failures: tuple[type[Exception], ...]


def expand_inputs(
    inputs: Iterable[str | Path], *, file_format: FileFormat | None = None
) -> tuple[Source, ...]:
    """Return the files that `inputs` stand for, in the order they will be read.

    Args:
        inputs: Files, folders, patterns (``**`` goes through folders), or ``-``.
        file_format: Read all of them as this, whatever their extension.

    Raises:
        InputError: Nothing is there, or the extension of a named file says nothing.
    """
    found: dict[object, Source] = {}
    for given in inputs:
        for key, source in _expand(os.fspath(given), file_format):
            found.setdefault(key, source)
    return tuple(found.values())


def _expand(given: str, file_format: FileFormat | None) -> Iterator[tuple[object, Source]]:
    if given == "-":
        yield (
            "-",
            Source(name="-", path=None, format=file_format or "jsonl", stem="-"),
        )
        return
    path = Path(given)
    if path.exists():
        yield from _expand_path(path, file_format)
        return
    matches = sorted(glob(given, recursive=True))  # noqa: PTH207 - the pattern may be absolute
    if not matches:
        reason = "no such file or folder, and no file matches it as a pattern"
        raise InputError(reason, source=given)
    for match in map(Path, matches):
        # A pattern means what it catches of our kind; "**" catches folders and strangers as well.
        if match.is_file() and (file_format or _format_of(match)):
            yield match.resolve(), _source(match, match.name, file_format)


def _expand_path(path: Path, file_format: FileFormat | None) -> Iterator[tuple[object, Source]]:
    if not path.is_dir():
        yield path.resolve(), _source(path, path.name, file_format)
        return
    # A link to nowhere is told when it cannot be opened; a pipe would be waited for without end.
    below = [p for p in _walk(path) if _format_of(p) and (p.is_file() or not p.exists())]
    if not below:
        reason = f"the folder holds no article files ({', '.join(_FORMATS)}, also .gz and .zst)"
        raise InputError(reason, source=str(path))
    for file in sorted(below, key=lambda p: p.relative_to(path).as_posix()):
        yield file.resolve(), _source(file, file.relative_to(path).as_posix(), file_format)


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(where, name) for name in files if not name.startswith("."))


def _source(path: Path, relative: str, file_format: FileFormat | None) -> Source:
    known = file_format or _format_of(path)
    if known is None:
        reason = f"unknown extension {path.suffix!r}; --format says how to read it"
        raise InputError(reason, source=str(path))
    return Source(name=str(path), path=path, format=known, stem=_stem(relative))


def _format_of(path: Path) -> FileFormat | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    return _FORMATS.get(suffixes[-1]) if suffixes else None


def _stem(relative: str) -> str:
    for endings in (_COMPRESSIONS, tuple(_FORMATS)):
        for ending in endings:
            if relative.lower().endswith(ending):
                relative = relative[: -len(ending)]
                break
    return relative


@contextmanager
def open_source(source: Source, *, stdin: IO[bytes] | None = None) -> Iterator[Opened]:
    """Open a source for reading bytes, decompressed where its first bytes say so.

    Args:
        source: What to open.
        stdin: Read instead of the process's standard input, from its beginning if it can be
            wound back.

    Raises:
        OSError: The file cannot be opened.
        MissingExtra: It is compressed with zstd and the library is not installed.
    """
    with ExitStack() as stack:
        if source.path is None:
            stream: Any = stdin or sys.stdin.buffer
            if stdin is not None and stdin.seekable():
                stdin.seek(0)
        else:
            stream = stack.enter_context(source.path.open("rb"))
        if not hasattr(stream, "peek"):
            stream = io.BufferedReader(stream)
            stack.callback(stream.detach)
        start = stream.peek(len(_ZSTD_MAGIC))
        failures: tuple[type[Exception], ...] = (OSError,)
        if start.startswith(_GZIP_MAGIC):
            stream = stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb"))
            failures += (EOFError, zlib.error)
        elif start.startswith(_ZSTD_MAGIC):
            stream = io.BufferedReader(_Unpacked(stream))
            failures += (EOFError, load_zstandard().ZstdError)
        yield Opened(stream=cast("IO[bytes]", stream), failures=failures)


class _Unpacked(io.RawIOBase):
    """The content of a zstd stream, frame after frame.

    The library's own reader takes the end of a file in the middle of a frame for the end of the
    content; half a corpus would pass for a whole one.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._library = load_zstandard().ZstdDecompressor()
        self._frame: Any = None
        self._waiting = memoryview(b"")  # cut without copying: it may be a thousand times the chunk

    def readable(self) -> bool:
        """Return that it can be read, which the base class denies."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Unpack some bytes into `buffer` and return how many; none at the end.

        Raises:
            EOFError: The file ends in the middle of a frame.
        """
        while not self._waiting:
            packed = self._stream.read(_CHUNK)
            if not packed:
                if self._frame is not None:
                    reason = "compressed file ended before its end marker"
                    raise EOFError(reason)
                return 0
            self._waiting = memoryview(self._unpack(packed))
        size = min(len(buffer), len(self._waiting))
        buffer[:size], self._waiting = self._waiting[:size], self._waiting[size:]
        return size

    def _unpack(self, packed: bytes) -> bytes:
        pieces = []
        while packed:
            self._frame = self._frame or self._library.decompressobj()
            pieces.append(self._frame.decompress(packed))
            packed = b""
            if self._frame.eof:
                packed, self._frame = self._frame.unused_data, None
        return b"".join(pieces)
