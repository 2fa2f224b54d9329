"""Reading for commands: what was read, what was refused, and what that means for the exit status."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, cast

import attrs
import click
import orjson
import xxhash

from provenance.cli.session import Session
from provenance.errors import InputError
from provenance.export.records import replacing
from provenance.ingest.fields import parse_fields
from provenance.ingest.reading import Record, Reject, read_records, refuse
from provenance.ingest.sources import FileFormat, Source, expand_inputs
from provenance.model import Article

if TYPE_CHECKING:
    from provenance.ingest.columns import ColumnReader

__all__ = ["Intake", "TooManyRejects"]

#: Rejects told one by one before the rest is only counted.
_TOLD = 10


class TooManyRejects(click.exceptions.Exit):
    """The run is done; more records were refused than the user allows."""

    def __init__(self) -> None:
        super().__init__(3)


class _Hashed(io.RawIOBase):
    """A stream that cannot be read twice, with the digest of what was read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._state = xxhash.xxh3_128()

    @property
    def digest(self) -> str:
        """Digest of the bytes that were read so far."""
        return self._state.hexdigest()

    def readable(self) -> bool:
        """Return that it can be read, which the base class denies."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read what is there into `buffer` and return how much it was."""
        data: bytes = self._stream.read1(len(buffer))  # what is there: a pipe may be slow
        buffer[: len(data)] = data
        self._state.update(data)
        return len(data)


def _file_digest(path: Path) -> str:
    """Return the digest of a file's bytes; of one that cannot be read, those that could."""
    state = xxhash.xxh3_128()
    with suppress(OSError), path.open("rb") as stream:  # it has been rejected and told already
        while data := stream.read(1 << 20):
            state.update(data)
    return state.hexdigest()


@attrs.define(kw_only=True)
class Intake:
    """The inputs of one run.

    Attributes:
        session: Where rejects are told.
        inputs: As given.
        file_format: ``--format``.
        fields: ``--map``, as given.
        rejects: Where to write rejects; empty for nowhere.
        strict: Stop at the first reject.
        max_errors: How many are allowed; ``None`` for any number.
        stdin: Read instead of standard input.
        read: How many articles were read so far.
        refused: How many records could not be used, by the short name of the reason.
    """

    session: Session
    inputs: Sequence[str]
    file_format: FileFormat | None = None
    fields: Sequence[str] = ()
    rejects: str | None = None
    strict: bool = False
    max_errors: int | None = None
    stdin: IO[bytes] | None = None
    read: int = 0
    refused: Counter[str] = attrs.field(factory=Counter)
    _first: str = ""
    _hashed: _Hashed = attrs.field(factory=lambda: _Hashed(io.BytesIO()))
    _sink: IO[bytes] | None = None
    _open: ExitStack = attrs.field(factory=ExitStack)

    def __enter__(self) -> Self:
        if self.rejects:
            self._sink = self._open.enter_context(replacing(self.rejects))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # What was refused is worth reading all the more when the run failed for it; only an
        # interruption leaves no file.
        if error is None or isinstance(error, Exception):
            self._open.close()
        else:
            self._open.__exit__(kind, error, traceback)

    def articles(self) -> Iterator[Article]:
        """Yield the articles that can be used."""
        return (record.article for record in self.records())

    def sources(self) -> tuple[Source, ...]:
        """Return the files that the inputs stand for.

        Raises:
            click.UsageError: An input is not there.
        """
        try:
            return expand_inputs(self.inputs, file_format=self.file_format)
        except InputError as error:
            raise click.UsageError(str(error)) from error

    def reread(self) -> Iterator[Record]:
        """Yield the same records a second time; what is wrong with the others was told.

        Raises:
            InputError: The input is not what it was.
        """
        again = 0
        for record in self._stream(lambda _reject: None):
            again += 1
            yield record
        if again != self.read:
            reason = f"the input changed while it was read: {self.read:,} articles, then {again:,}"
            raise InputError(reason)

    def records(self) -> Iterator[Record]:
        """Yield the records that can be used, telling and writing the others.

        Raises:
            click.UsageError: An input is not there.
            InputError: A record is bad under ``--strict``, or none at all could be used.
        """
        self.sources()
        for record in self._stream(None if self.strict else self._refuse):
            self.read += 1
            self.session.advance("reading", self.read)
            yield record
        self.finish()

    def columns(self, *, published: bool = False) -> ColumnReader:
        """Return a reader of the same articles as :meth:`records`, block by block.

        What it admits and refuses is to be told to :meth:`count`, and its end to :meth:`finish`.

        Args:
            published: Whether the dates of publication are wanted.

        Raises:
            click.UsageError: An input is not there.
        """
        from provenance.ingest.columns import ColumnReader

        return ColumnReader(
            self.sources(),
            fields=parse_fields(",".join(self.fields)),
            published=published,
            stdin=self.stdin,
        )

    def beside(self, inputs: Sequence[str]) -> Intake:
        """Return an intake of other inputs, read in the same way; its rejects are only told."""
        return Intake(session=self.session, inputs=inputs, fields=self.fields, strict=self.strict)

    def count(self, articles: int, rejects: Iterable[Reject]) -> None:
        """Take note of articles that were read, and tell and write the rejects among them.

        Raises:
            InputError: There is a reject under ``--strict``.
        """
        for reject in rejects:
            if self.strict:
                refuse(reject)
            self._refuse(reject)
        self.read += articles

    def finish(self) -> None:
        """Tell what was refused in all.

        Raises:
            InputError: No record at all could be used.
        """
        self.session.clear()
        self._report()

    def settle(self) -> None:
        """Leave with status 3 if more was refused than is allowed; call it when all is written."""
        if self.max_errors is not None and self.refused.total() > self.max_errors:
            raise TooManyRejects

    def summary(self) -> dict[str, Any]:
        """Return what ``run.json`` says about the input.

        ``digest`` is the xxh3 (128 bits) of the digests of all files, in reading order, each of the
        bytes as stored; it changes if a byte, a file or the order does.
        """
        sources = self.sources()
        digests = (
            _file_digest(source.path) if source.path else self._hashed.digest for source in sources
        )
        return {
            "given": list(self.inputs),
            "files": len(sources),
            "digest": xxhash.xxh3_128_hexdigest(" ".join(digests).encode()),
            "read": self.read,
            "rejected": dict(sorted(self.refused.items())),
        }

    def _stream(self, on_reject: Callable[[Reject], None] | None) -> Iterator[Record]:
        if self.stdin is None and "-" in self.inputs:
            self._hashed = _Hashed(sys.stdin.buffer)
            self.stdin = cast("IO[bytes]", self._hashed)
        return read_records(
            self.inputs,
            file_format=self.file_format,
            fields=parse_fields(",".join(self.fields)),
            on_reject=on_reject,
            stdin=self.stdin,
        )

    def _refuse(self, reject: Reject) -> None:
        place = f"{reject.file}:{reject.line}" if reject.line else reject.file
        message = f"{place}: {reject.reason}"
        self._first = self._first or message
        self.refused[reject.reason.partition(":")[0]] += 1
        if self.refused.total() <= _TOLD or self.session.verbose:
            self.session.warn(message)
        if self._sink is not None:
            self._sink.write(orjson.dumps(attrs.asdict(reject), option=orjson.OPT_APPEND_NEWLINE))

    def _report(self) -> None:
        refused = self.refused.total()
        if not refused:
            if not self.read:
                self.session.warn("there is no article in the input")
            return
        if not self.read:
            reason = f"none of {refused:,} records can be used; the first: {self._first}"
            raise InputError(reason)
        reasons = ", ".join(f"{count:,} {name}" for name, count in self.refused.most_common())
        self.session.warn(f"{refused:,} of {self.read + refused:,} records rejected: {reasons}")
