"""Which library reads JSON Lines fast enough, and what does each do with a line that is wrong?

    python benchmarks/speed/parsing.py articles.jsonl [--lines 20000] [--repeat 5]

The file is the output of ``benchmarks/scale/generate.py`` or any JSON Lines with ``id`` and ``text``;
its first lines are read.  Two tables are printed.

Speed, in microseconds a line: CPU time of one thread; wall time of one thread and of two on blocks of
whole lines; and the share of the time that two threads cannot divide because the interpreter's lock is
held, from ``two / one = share + (1 - share) / 2``.  Wall times mean something on an idle machine only,
and the share nothing for polars, which divides every block among its own threads.
A contender's result is what it gives away most cheaply: columns, or Python objects that are dropped.

Damage: three lines, of which the middle one is wrong in one way.  ``refused`` means that this line can
be told apart, ``all refused`` that the block fails as a whole, with or without naming a line.  Any
other entry is the text that was read.  Contenders that are not installed are listed as such.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import attrs
import orjson

#: Bytes of a block: two of them and their columns stay well below what a run may take.
_BLOCK = 16 << 20

_FIELDS = ("id", "text", "published")

#: Characters of an outcome that are printed.
_SHOWN = 24

Block = Sequence[bytes]
Texts = list[Any]


@attrs.frozen(kw_only=True)
class Contender:
    """A way to read a block of lines.

    Attributes:
        name: As it is printed.
        packages: Distributions it needs.
        read: Reads a block for speed and returns anything.
        texts: Reads a block and returns the text of each row; raises what the library raises.
        by_line: Whether the library gets one line at a time, so that a bad one is known.
    """

    name: str
    packages: tuple[str, ...]
    read: Callable[[bytes, Block], object]
    texts: Callable[[bytes], Texts]
    by_line: bool


def _contenders(sample: bytes) -> Iterator[Contender]:
    yield _orjson()
    yield _standard_library()
    for make in (_msgspec, _simdjson, _polars, _pyarrow):
        try:
            yield from make(sample)
        except ImportError as error:
            print(f"not installed: {error.name}")


def _orjson() -> Contender:
    def read(_block: bytes, lines: Block) -> None:
        for line in lines:
            orjson.loads(line)

    return Contender(
        name="orjson, per line",
        packages=("orjson",),
        read=read,
        texts=lambda line: [orjson.loads(line)["text"]],
        by_line=True,
    )


def _standard_library() -> Contender:
    def read(_block: bytes, lines: Block) -> None:
        for line in lines:
            json.loads(line)

    return Contender(
        name="json, per line",
        packages=(),
        read=read,
        texts=lambda line: [json.loads(line.decode())["text"]],
        by_line=True,
    )


def _msgspec(sample: bytes) -> Iterator[Contender]:
    msgspec = import_module("msgspec")
    others = [(key, Any, None) for key in orjson.loads(sample) if key not in _FIELDS]
    some = [("id", str), ("text", str), ("published", str, "")]
    raw = [("id", str), ("text", msgspec.Raw), ("published", str, "")]
    for name, fields in (("all fields", some + others), ("3 fields", some), ("3, text raw", raw)):
        decoder = msgspec.json.Decoder(msgspec.defstruct("Line", fields, gc=False))
        yield from _msgspec_pair(name, decoder)


def _msgspec_pair(name: str, decoder: Any) -> Iterator[Contender]:
    def by_line(_block: bytes, lines: Block) -> None:
        for line in lines:
            decoder.decode(line)

    def spelled(row: Any) -> Any:
        text = row.text
        return text if isinstance(text, str) else bytes(text)

    yield Contender(
        name=f"msgspec {name}, per line",
        packages=("msgspec",),
        read=by_line,
        texts=lambda line: [spelled(decoder.decode(line))],
        by_line=True,
    )
    yield Contender(
        name=f"msgspec {name}, decode_lines",
        packages=("msgspec",),
        read=lambda block, _lines: decoder.decode_lines(block),
        texts=lambda block: [spelled(row) for row in decoder.decode_lines(block)],
        by_line=False,
    )


def _simdjson(_sample: bytes) -> Iterator[Contender]:
    simdjson = import_module("simdjson")

    def read(_block: bytes, lines: Block) -> None:
        parser = simdjson.Parser()
        for line in lines:
            record = parser.parse(line)
            record["id"], record["text"]
            del record  # a parser holds one document at a time

    yield Contender(
        name="pysimdjson 2 fields, per line",
        packages=("pysimdjson",),
        read=read,
        texts=lambda line: [simdjson.Parser().parse(line)["text"]],
        by_line=True,
    )


def _polars(sample: bytes) -> Iterator[Contender]:
    polars = import_module("polars")
    every = dict.fromkeys(orjson.loads(sample), polars.String)
    some = {name: polars.String for name in _FIELDS if name in every}
    for name, schema in (("inferred", None), ("schema, all", every), ("schema, 3 fields", some)):

        def read(block: bytes, _lines: Block = (), *, schema: Any = schema) -> Any:
            return polars.read_ndjson(io.BytesIO(block), schema=schema)

        yield Contender(
            name=f"polars {name}",
            packages=("polars",),
            read=read,
            texts=lambda block, read=read: read(block)["text"].to_list(),
            by_line=False,
        )


def _pyarrow(sample: bytes) -> Iterator[Contender]:
    arrow, reader = import_module("pyarrow"), import_module("pyarrow.json")
    every = arrow.schema([(name, arrow.string()) for name in orjson.loads(sample)])
    some = arrow.schema([(name, arrow.string()) for name in _FIELDS])
    for name, schema, size in (
        ("inferred, 1 MB", None, 1),
        ("inferred, 16 MB", None, 16),
        ("schema, all, 1 MB", every, 1),
        ("schema, 3 fields, 1 MB", some, 1),
    ):
        parsing = reader.ParseOptions(
            explicit_schema=schema,
            unexpected_field_behavior="ignore" if schema else "infer",
        )
        reading = reader.ReadOptions(use_threads=False, block_size=size << 20)

        def read(
            block: bytes, _lines: Block = (), *, reading: Any = reading, parsing: Any = parsing
        ) -> Any:
            return reader.read_json(io.BytesIO(block), reading, parsing)

        yield Contender(
            name=f"pyarrow {name}",
            packages=("pyarrow",),
            read=read,
            texts=lambda block, read=read: read(block)["text"].to_pylist(),
            by_line=False,
        )


def _blocks(lines: Sequence[bytes]) -> list[tuple[bytes, Block]]:
    blocks, start, size = [], 0, 0
    for stop, line in enumerate(lines, start=1):
        size += len(line)
        if size >= _BLOCK or stop == len(lines):
            blocks.append((b"".join(lines[start:stop]), lines[start:stop]))
            start, size = stop, 0
    return blocks


def _measure(contender: Contender, blocks: list[tuple[bytes, Block]], repeat: int) -> list[float]:
    """Return CPU and wall seconds of one thread, and wall seconds of two; medians."""
    taken: list[list[float]] = []
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(2) as two:
        for _ in range(repeat):
            cpu, wall = time.process_time(), time.perf_counter()
            list(one.map(lambda block: contender.read(*block), blocks))
            cpu, middle = time.process_time() - cpu, time.perf_counter()
            list(two.map(lambda block: contender.read(*block), blocks))
            taken.append([cpu, middle - wall, time.perf_counter() - middle])
    return [statistics.median(column) for column in zip(*taken, strict=True)]


_GOOD = b'{"id": "a", "text": "before"}\n', b'{"id": "c", "text": "after"}\n'

_DAMAGE = {
    "nothing wrong": b'{"id": "b", "text": "fine"}',
    "text a number": b'{"id": "b", "text": 5}',
    "text null": b'{"id": "b", "text": null}',
    "no text": b'{"id": "b"}',
    "text an object": b'{"id": "b", "text": {"a": "b"}}',
    "id a number": b'{"id": 5, "text": "fine"}',
    "key twice": b'{"id": "b", "text": "first", "text": "second"}',
    "escaped key": b'{"id": "b", "t\\u0065xt": "fine"}',
    "bad UTF-8 in text": b'{"id": "b", "text": "a\xff"}',
    "bad UTF-8 elsewhere": b'{"id": "b", "text": "fine", "x": "a\xff"}',
    "raw surrogate": b'{"id": "b", "text": "a\xed\xa0\x80"}',
    "escaped surrogate": b'{"id": "b", "text": "a\\ud800"}',
    "bad escape in text": b'{"id": "b", "text": "a\\q"}',
    "bad escape elsewhere": b'{"id": "b", "text": "fine", "x": "a\\q"}',
    "raw tab in text": b'{"id": "b", "text": "a\tb"}',
    "raw NUL in text": b'{"id": "b", "text": "a\0b"}',
    "raw tab elsewhere": b'{"id": "b", "text": "fine", "x": "a\tb"}',
    "escaped NUL": b'{"id": "b", "text": "a\\u0000b"}',
    "bad UTF-8 in a key": b'{"id": "b", "text": "fine", "\xff": "a"}',
    "NaN": b'{"id": "b", "text": "fine", "x": NaN}',
    "number 01": b'{"id": "b", "text": "fine", "x": 01}',
    "literal trux": b'{"id": "b", "text": "fine", "x": trux}',
    "trailing comma": b'{"id": "b", "text": "fine",}',
    "single quotes": b"{'id': 'b', 'text': 'fine'}",
    "garbage behind": b'{"id": "b", "text": "fine"} x',
    "two on a line": b'{"id": "b", "text": "fine"} {"id": "d", "text": "two"}',
    "one on two lines": b'{"id": "b",\n "text": "fine"}',
    "cut off": b'{"id": "b", "text": "fi',
    "an array": b'["b", "fine"]',
    "a null": b"null",
    "empty line": b"",
    "blank line": b"  ",
    "BOM": b'\xef\xbb\xbf{"id": "b", "text": "fine"}',
    "CRLF": b'{"id": "b", "text": "fine"}\r',
}


def _outcome(contender: Contender, line: bytes) -> str:
    try:
        if contender.by_line:
            texts = [text for part in line.split(b"\n") for text in contender.texts(part + b"\n")]
        else:
            texts = contender.texts(_GOOD[0] + line + b"\n" + _GOOD[1])[1:-1]
    except Exception as error:  # noqa: BLE001 - whatever the library raises is its answer
        if contender.by_line:
            return "refused"
        return f"all refused{', line named' if _names_line(str(error)) else ''}"
    return "; ".join(map(repr, texts)) or "skipped"


def _names_line(message: str) -> bool:
    words = message.lower().replace(":", " ").split()
    return any(a in ("line", "row") and b.strip("#,.").isdigit() for a, b in pairwise(words))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--lines", type=int, default=20000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with options.articles.open("rb") as stream:
        lines = list(islice(stream, options.lines))
    contenders = list(_contenders(lines[0]))
    _print_speed(contenders, lines, options.repeat)
    _print_damage(contenders)


def _print_speed(contenders: Sequence[Contender], lines: list[bytes], repeat: int) -> None:
    blocks = _blocks(lines)
    size = sum(map(len, lines)) / len(lines)
    print(
        f"\n{len(lines)} lines of {size:.0f} bytes, blocks of {_BLOCK >> 20} MB, microseconds a line"
    )
    print(f"{'':34}{'CPU':>8}{'wall':>8}{'2 thr.':>8}{'locked':>8}  version")
    for contender in contenders:
        cpu, one, two = (t / len(lines) * 1e6 for t in _measure(contender, blocks, repeat))
        locked = min(1, max(0, 2 * two / one - 1))
        versions = " ".join(f"{name} {_version(name)}" for name in contender.packages)
        print(f"{contender.name:34}{cpu:8.2f}{one:8.2f}{two:8.2f}{locked:8.0%}  {versions}")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


def _print_damage(contenders: Sequence[Contender]) -> None:
    print("\nWhat becomes of a line that is wrong")
    for name, line in _DAMAGE.items():
        print(f"\n{name}: {line!r}")
        outcomes: dict[str, list[str]] = {}
        for contender in contenders:
            outcome = _outcome(contender, line)
            outcomes.setdefault(outcome[:_SHOWN], []).append(contender.name)
        for outcome, names in outcomes.items():
            print(f"    {outcome:{_SHOWN}}  {'; '.join(names)}")


if __name__ == "__main__":
    main()
