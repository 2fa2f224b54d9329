"""JSON Lines as columns.

A line is parsed once, by msgspec, which gives the fields that matter and leaves the text as the literal
it was; long texts do not even reach it (:mod:`provenance.ingest.literals`).  The literals of a block are
then unescaped together, by machine code.  Only the plainly good line takes this road.  Whatever msgspec
refuses, whatever it is known to let pass, and any text that is not a string goes the way of
:mod:`provenance.ingest.rows`, which alone decides and words the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, cast

import attrs
import msgspec
import numpy as np
import numpy.typing as npt
import orjson

from provenance.errors import InputError
from provenance.ingest.blocks import Block, Buffers
from provenance.ingest.fields import FIELDS
from provenance.ingest.literals import DELETE, lift_texts, unescape_literals
from provenance.ingest.reading import Reject, article_of, reject_of
from provenance.ingest.rows import BOM, Row, json_row
from provenance.ingest.sources import Source
from provenance.ingest.textblocks import TextBlock, offsets_of

__all__ = ["JsonLines", "LineParser"]

_QUOTE = ord('"')

#: Bytes from which a text is lifted out of its line; to parse a shorter one costs less.
_LONG = 512

#: Bytes that unescaping may write behind the texts.
_SPARE = 64

#: Whole numbers that every parser reads alike.
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class LineParser:
    """Parses lines that are plainly articles; shared by all parts of a reading.

    Args:
        fields: Key of the records to read for a field, where it is not the field's own name.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        key = json.dumps(fields.get("text", "text"), ensure_ascii=False)
        self.key = np.frombuffer(key.encode(errors="surrogatepass"), np.uint8)
        self.decode = _decoder(fields)


def _decoder(fields: Mapping[str, str]) -> Callable[[Any], Any]:
    """Return what makes a line an object with the fields of an article, or raises."""
    types: dict[str, Any] = dict.fromkeys(FIELDS, str | None)
    types |= {"id": str | _Whole | None, "text": msgspec.Raw}
    keys = {field: fields.get(field, field) for field in types}
    paths = any("." in key for key in keys.values())
    if paths or len(set(keys.values())) < len(keys):
        return _refuse_all
    ordered: list[tuple[str, Any] | tuple[str, Any, Any]] = [("text", types.pop("text"))]
    ordered += [(field, kind, None) for field, kind in types.items()]
    try:
        line = msgspec.defstruct("Line", ordered, rename=keys, gc=False)
    except ValueError:  # a key with a quote in it
        return _refuse_all
    return msgspec.json.Decoder(line).decode


def _refuse_all(_line: object) -> Any:
    raise msgspec.DecodeError


@attrs.frozen(kw_only=True)
class _Answer:
    """What the road of rows found in a line, in the words of the fast one."""

    text: bytes
    id: str
    published: str


#: Stands for a line that msgspec does not decide; like a number or null, its text is no string.
_DOUBTFUL: Any = _Answer(text=b"null", id="", published="")


class JsonLines:
    """A block of JSON Lines that is still to be parsed."""

    def __init__(
        self, block: Block, source: Source, parser: LineParser, buffers: Buffers, published: bool
    ) -> None:
        self._block = block
        self._source = source
        self._parser = parser
        self._buffers = buffers
        self._published = published
        self._view = block.data.data
        marked = block.start == 0 and bytes(block.data[: len(BOM)]) == BOM
        self._begin = len(BOM) if marked else 0
        self._unused: list[int] = []
        self._blank: list[int] = []
        self._rejects: list[Reject] = []

    def columns(self) -> TextBlock:
        """Parse the block."""
        lines, spans = self._decoded()
        literals, starts = _joined(lines)
        good = literals[starts[:-1]] == _QUOTE
        good &= (spans[:, 1] == 0) | (literals[starts[1:] - 2] == DELETE)
        if not good.all():
            for place in np.flatnonzero(~good).tolist():
                spans[place] = 0
                lines[place] = self._answer(place)
            spans = np.delete(spans, self._unused, axis=0)
            lines = [line for line in lines if line is not None]
            literals, starts = _joined(lines)
        data, offsets = self._unescaped(literals, starts, spans)
        where = np.delete(np.arange(self._block.ends.size), self._unused)
        stops = self._block.ends[where]
        starts = np.concatenate([[self._begin], self._block.ends])[where]
        return TextBlock(
            source=self._source,
            data=data,
            offsets=offsets,
            lines=where + self._block.line,
            starts=starts + self._block.start,
            stops=stops + self._block.start,
            ids=[
                line.id if type(line.id) is str else "" if line.id is None else str(line.id)
                for line in lines
            ],
            published=[line.published or "" for line in lines] if self._published else None,
            rejects=tuple(self._rejects),
            records=self._block.ends.size - len(self._blank),
            numbers=where - np.searchsorted(np.array(self._blank, np.int64), where),
            row=lambda number: cast("Row", self._strict_row(int(where[number]))),
        )

    def last_line(self) -> int:
        """Return the number of the last line that is not empty, 0 if all are."""
        ends = self._block.ends
        for place in range(ends.size - 1, -1, -1):
            if not self._raw(place).isspace():
                return self._block.line + place
        return 0

    def _decoded(self) -> tuple[list[Any], npt.NDArray[np.int64]]:
        """Return what the lines say, and where the texts stand that were lifted out of them."""
        block, decode = self._block, self._parser.decode
        short = self._buffers.take(block.data.size)
        ends = np.empty_like(block.ends)
        spans = np.empty((block.ends.size, 2), np.int64)
        lift_texts(
            block.data,
            self._begin,
            block.ends,
            self._parser.key,
            _LONG,
            np.frombuffer(short, np.uint8),
            ends,
            spans,
        )
        view = memoryview(short)
        lines: list[Any] = []
        start = 0
        # All other threads wait for this loop, since the interpreter is held in it.
        for stop in ends.tolist():
            try:
                line = decode(view[start:stop])
            except (msgspec.DecodeError, RecursionError):
                line = _DOUBTFUL
            lines.append(line)
            start = stop
        return lines, spans

    def _answer(self, place: int) -> _Answer | None:
        row = self._strict_row(place)
        if row is None:
            self._unused.append(place)
            self._blank.append(place)
            return None
        try:
            article = article_of(row, self._parser.fields)
        except InputError as error:
            self._unused.append(place)
            self._rejects.append(reject_of(self._source, row, error.reason))
            return None
        return _Answer(text=orjson.dumps(article.text), id=article.id, published=article.published)

    def _strict_row(self, place: int) -> Row | None:
        start = self._block.start + self._start(place)
        return json_row(self._block.line + place, start, self._raw(place))

    def _start(self, place: int) -> int:
        return int(self._block.ends[place - 1]) if place else self._begin

    def _raw(self, place: int) -> bytes:
        return bytes(self._view[self._start(place) : self._block.ends[place]])

    def _unescaped(
        self,
        literals: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
        spans: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        size = literals.size + int((spans[:, 1] - spans[:, 0]).sum())
        texts = np.frombuffer(self._buffers.take(size + _SPARE), np.uint8)
        offsets = np.empty_like(starts)
        unescape_literals(literals, starts, self._block.data, spans, texts, offsets)
        return texts, offsets


def _joined(lines: Sequence[Any]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the literals of the texts behind one another, where each begins, and the end."""
    literals = [line.text for line in lines]
    sizes = [len(memoryview(literal)) for literal in literals]
    return np.frombuffer(b"".join(literals), np.uint8), offsets_of(sizes)
