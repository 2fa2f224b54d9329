"""Records of every format, one after the other, as articles.

A bad record never ends the run unless the caller wants it to: it is handed to `on_reject` with its
file, its line and the reason, and reading goes on.  Nothing is dropped in silence: without `on_reject`
the first bad record raises.

Identifiers that are missing are made from the record's position in the whole input and the digest of
its text, ``000012_4f7597f9f99d0b19``; a text file is called after its path below the folder given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

import attrs
import xxhash

from provenance.errors import DuplicateId, InputError
from provenance.ingest.fields import article_from_values
from provenance.ingest.rows import Row, reader_for
from provenance.ingest.sources import FileFormat, Opened, Source, expand_inputs, open_source
from provenance.model import Article, ArticleId

__all__ = [
    "OnReject",
    "Record",
    "Reject",
    "article_of",
    "names_of",
    "read_articles",
    "read_guarded",
    "read_records",
    "read_rows",
    "refuse",
    "reject_of",
]

Item = TypeVar("Item")

#: Bytes of a bad record that are shown: enough to find it by, small enough to print.
_SHOWN = 500


@attrs.frozen(kw_only=True)
class Record:
    """An article, and the record it was read from.

    Attributes:
        article: What the record says.
        raw: Its bytes as they stood, line end included; empty for Parquet.
        source: The file.
        line: Line it begins on, or row number, from 1.
    """

    article: Article
    raw: bytes
    source: Source
    line: int


@attrs.frozen(kw_only=True)
class Reject:
    """A record, or a whole file, that cannot be used.

    Attributes:
        file: As given; ``-`` for standard input.
        line: Line it begins on, or row number, from 1; 0 if the file as a whole is meant.
        reason: A short name of what is wrong, a colon, and the particulars.
        raw: The beginning of the record as it stood.
    """

    file: str
    line: int
    reason: str
    raw: str = ""


OnReject = Callable[[Reject], None]


def read_articles(
    inputs: Iterable[str | Path] | str | Path,
    *,
    file_format: FileFormat | None = None,
    fields: Mapping[str, str] | None = None,
    on_reject: OnReject | None = None,
    stdin: IO[bytes] | None = None,
) -> Iterator[Article]:
    """Read articles from files, folders, patterns, or ``-``.

    Args:
        inputs: What to read, in this order.
        file_format: Read all of it as this, whatever the extensions say.
        fields: Key of the records to read for a field, where it is not the field's own name:
            ``{"text": "content"}``.
        on_reject: Called with every record that cannot be used; where left out, the first raises.
        stdin: Read for ``-`` instead of the process's standard input.

    Yields:
        Articles with unique identifiers, in input order.

    Raises:
        InputError: An input is missing (at once), or a record is bad and `on_reject` is left out.
        MissingExtra: A format needs a library that is not installed.
    """
    records = read_records(
        inputs, file_format=file_format, fields=fields, on_reject=on_reject, stdin=stdin
    )
    return (record.article for record in records)


def read_records(
    inputs: Iterable[str | Path] | str | Path,
    *,
    file_format: FileFormat | None = None,
    fields: Mapping[str, str] | None = None,
    on_reject: OnReject | None = None,
    stdin: IO[bytes] | None = None,
) -> Iterator[Record]:
    """Read articles together with the bytes they stood in; see :func:`read_articles`."""
    given = [inputs] if isinstance(inputs, str | Path) else inputs
    sources = expand_inputs(given, file_format=file_format)
    return _Reader(fields or {}, on_reject or refuse, stdin).read(sources)


def refuse(reject: Reject) -> None:
    """Raise what a reject says: what happens to one that nobody wants."""
    kind = DuplicateId if reject.reason.startswith("duplicate id") else InputError
    raise kind(reject.reason, source=reject.file, line=reject.line)


class _Reader:
    """Reads sources; knows how many records came before and which identifiers are taken."""

    def __init__(
        self, fields: Mapping[str, str], on_reject: OnReject, stdin: IO[bytes] | None
    ) -> None:
        self._fields = fields
        self._on_reject = on_reject
        self._stdin = stdin
        self._position = 0
        self._taken: set[str] = set()

    def read(self, sources: Iterable[Source]) -> Iterator[Record]:
        for source in sources:
            for row in read_rows(source, self._stdin):
                try:
                    article = self._identified(article_of(row, self._fields), source)
                except InputError as error:
                    self._on_reject(reject_of(source, row, error.reason))
                else:
                    yield Record(article=article, raw=row.raw, source=source, line=row.line)
                self._position += 1

    def _identified(self, article: Article, source: Source) -> Article:
        """Return the article with an identifier that no other has."""
        for name in names_of(article.id, article.text.encode, source, self._position):
            if name not in self._taken:
                self._taken.add(name)
                return article if article.id else attrs.evolve(article, id=ArticleId(name))
        reason = f"duplicate id: {name!r} was read before"
        raise DuplicateId(reason)


def read_rows(source: Source, stdin: IO[bytes] | None = None) -> Iterator[Row]:
    """Read the rows of a source; one that breaks off yields a last row that says so.

    Raises:
        MissingExtra: The format needs a library that is not installed.
    """

    def read(opened: Opened) -> Iterator[tuple[int, Row]]:
        return ((row.line, row) for row in reader_for(source.format)(opened.stream))

    return read_guarded(source, read, lambda rows: rows[0], stdin=stdin)


def read_guarded(
    source: Source,
    read: Callable[[Opened], Iterator[tuple[int, Item]]],
    broken: Callable[[Sequence[Row]], Item],
    *,
    stdin: IO[bytes] | None = None,
) -> Iterator[Item]:
    """Read a source in pieces; one that breaks off yields a last piece that says so.

    Args:
        source: What to read.
        read: Reads it, and gives each piece behind the number of its last line.
        broken: Makes a piece of rows: of the one that says where and why it broke off.
        stdin: Read for ``-`` instead of the process's standard input.
    """
    line = 0
    failures: tuple[type[Exception], ...] = (OSError,)
    try:
        with open_source(source, stdin=stdin) as opened:
            failures = opened.failures
            if source.format == "parquet":
                from provenance._extras import load_pyarrow

                failures = (*failures, load_pyarrow().ArrowException)
            for last, piece in read(opened):
                line = last or line
                yield piece
    except failures as error:
        what = getattr(error, "strerror", None) or str(error) or type(error).__name__
        place = f" after line {line}" if line else ""
        yield broken([Row(0, b"", {}, f"unreadable: {what}{place}")])


def article_of(row: Row, fields: Mapping[str, str]) -> Article:
    """Return the article of a row; its identifier is empty where the row has none.

    Raises:
        InputError: There is none.
    """
    if row.reason:
        raise InputError(row.reason)
    return article_from_values(row.values, fields)


def names_of(
    own: str, content: Callable[[], bytes], source: Source, position: int
) -> Iterator[str]:
    """Return the identifiers an article may have, the best first.

    Args:
        own: The one it brings, or an empty string.
        content: Gives its text in UTF-8.
        source: Where it is from.
        position: Records before it in the whole input.
    """
    if own:
        yield own
    elif source.format == "text" and source.path is not None:
        yield source.stem
        # Two folders may hold a file of one name; the folder's own name tells them apart.
        yield f"{source.path.resolve().parent.name}/{source.path.name}"
    else:
        digest = xxhash.xxh3_128_hexdigest(content())
        yield f"{position:06d}_{digest[:16]}"


def reject_of(source: Source, row: Row, reason: str) -> Reject:
    """Return a row as a reject, with as much of it as can be shown."""
    shown: Any = row.raw[:_SHOWN].decode(errors="replace").rstrip("\r\n")
    if not shown and row.values:
        shown = json.dumps(row.values, ensure_ascii=False, default=str)[:_SHOWN]
    return Reject(file=source.name, line=row.line, reason=reason, raw=shown)
