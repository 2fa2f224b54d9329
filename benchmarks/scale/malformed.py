"""Write twenty thousand records that are wrong in every way we know, and ask what became of each.

    python benchmarks/scale/malformed.py write bad.jsonl --truth bad.tsv [--records 20000] [--seed 1]
    python benchmarks/scale/malformed.py check bad.jsonl --truth bad.tsv [--command reading|dedupe|trace]

Among them stand as many good ones.  The truth is a table, one row a line: line number, kind, and the
verdict of a judge that shares no code with the reader: ``accept``; ``reject``; ``either``, where
the grammar of JSON and the parsers in use disagree (``NaN``, halves of surrogate pairs, numbers beyond
64 bits, a thousand levels of nesting); ``skip`` for lines of blanks, which are no records.

The check reads the file in this process, or runs a command on it, and accounts for every line: accepted,
rejected with file, line and reason, or skipped.  It leaves with status 1 if a line is missing, is named
twice, or was judged otherwise than in the truth, if an accepted line is not in the output byte for byte,
or if the command dies or takes longer than ``--seconds``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import attrs
import numpy as np

__all__ = ["KINDS", "Outcome", "compare", "judge", "read_outcome", "run_outcome", "write_records"]

Verdict = Literal["accept", "reject", "either", "skip"]

_ARABIC = "\N{ARABIC LETTER BEH}\N{ARABIC LETTER TEH}\N{ARABIC LETTER ALEF}\N{ARABIC LETTER REH}"
_BOM = b"\xef\xbb\xbf"
_BIDI = (
    "\N{RIGHT-TO-LEFT OVERRIDE}\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT EMBEDDING}"
    "\N{LEFT-TO-RIGHT ISOLATE}\N{RIGHT-TO-LEFT ISOLATE}\N{FIRST STRONG ISOLATE}"
)
_FLOOD = 1_000_000  # marks on one letter, or levels of one array

#: What is put into, or in place of, a byte of a good record.
_SHRAPNEL = (
    *(bytes([octet]) for octet in b"\"\\{}[],:0'/\t\r\v\f\0\x1f\x7f\x80\xc0\xed\xff"),
    *(
        b"\\u",
        b"\\ud83d",
        b"\\udc00",
        b"\\x41",
        b"\\u00",
        b"01",
        b"-",
        b"1e",
        b".",
        b"tru",
        b"null",
    ),
    *(b"NaN", b"-Infinity", b"1e999", b"9" * 40, b"\xed\xa0\x80", b"\xc2\xa0", b"/**/", _BOM),
)

Make = Callable[["Writer"], bytes]


class Writer:
    """Makes records; each has words and an identifier of its own."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.number = 0

    def words(self, count: int = 30) -> str:
        letters = self.random.choice(list(_ARABIC + "abdeginorstu"), (count, 5))
        return " ".join(map("".join, letters.tolist()))

    def values(self, **changed: Any) -> dict[str, Any]:
        self.number += 1
        title, text = self.words(6), self.words()
        return {"id": f"record-{self.number:06d}", "title": title, "text": text, **changed}

    def record(self, **changed: Any) -> bytes:
        return json.dumps(self.values(**changed), ensure_ascii=False).encode()

    def raw(self, field: str, value: bytes) -> bytes:
        """Return a record in which a field is these very bytes."""
        return self.record(**{field: "@@"}).replace(b'"@@"', value)

    def pick(self, *choices: Any) -> Any:
        return choices[self.random.integers(len(choices))]


def _fuzzed(writer: Writer) -> bytes:
    line = bytearray(writer.record(extra=writer.pick([1, {"a": None}], -1.5e3, True, "b")))
    for _ in range(int(writer.random.integers(1, 4))):
        place = int(writer.random.integers(len(line)))
        length = int(writer.pick(0, 0, 1, 1, 2, 9))
        line[place : place + length] = writer.pick(b"", *_SHRAPNEL)
    return bytes(line)


def _truncated(writer: Writer) -> bytes:
    line = writer.record()
    return line[: int(writer.random.integers(1, len(line)))]


def _bad_utf8(writer: Writer) -> bytes:
    octets = (
        writer.pick(b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf8\x88\x80\x80\x80")
        if writer.pick(True, False)
        else writer.pick(b"\xd8", b"\xe2\x80", b"\xf0\x9f\x98", b"\x80", b"\xf4\x90\x80\x80")
    )
    field = writer.pick("text", "title", "id", "extra")
    return writer.raw(field, b'"a' + octets + b'b"')


def _bad_key(writer: Writer) -> bytes:
    return writer.record(extra=1).replace(b'"extra"', b'"ex\xfftra"')


def _other_encoding(writer: Writer) -> bytes:
    encoding = writer.pick("utf-16-le", "utf-16", "cp1256", "utf-32-le")
    # Of its line ends only the last is one for us; bytes of others would cut the record in two.
    return writer.record().decode().encode(encoding).replace(b"\n", b"")


def _not_an_object(writer: Writer) -> bytes:
    return writer.pick(b"null", b"5", b'"text"', b"true", b'["id", "text"]', b"[]", b"{}")


def _wrong_type(writer: Writer) -> bytes:
    field = writer.pick("text", "title", "id", "published", "url")
    value = writer.pick(5.5, True, [], ["a"], {"a": "b"})
    return writer.record(**{field: value})


def _odd_syntax(writer: Writer) -> bytes:
    line = writer.record()
    return writer.pick(
        line + b" x",
        line + line,
        line[:-1] + b",}",
        line.replace(b'"', b"'"),
        line + b" // said the editor",
        b"{" + line,
        line.replace(b'"text"', b"text"),
        line.replace(b":", b"=", 1),
        line.replace(b",", b"", 1),
        b"(" + line + b")",
        line[:-1] + b', "extra": 01}',
        line[:-1] + b', "extra": .5}',
        line[:-1] + b', "extra": 0x1F}',
        line[:-1] + b', "extra": TRUE}',
        line[:-1] + b', "extra": undefined}',
    )


def _control(writer: Writer) -> bytes:
    octet = writer.pick(b"\0", b"\t", b"\r", b"\x0b", b"\x1b", b"\x1f")
    return writer.raw(writer.pick("text", "extra", "id"), b'"a' + octet + b'b"')


def _twice(writer: Writer) -> bytes:
    """A key stands twice; the last one counts, and it is a string or it is not."""
    line = writer.record()
    value = writer.pick(b'"another"', b"7", b"null")
    first = writer.pick(b'{"text": ' + value + b", ", b'{"title": 3, ')
    return writer.pick(first + line[1:], line[:-1] + b', "text": ' + value + b"}")


def _lenient(writer: Writer) -> bytes:
    return writer.pick(
        writer.raw("extra", b"NaN"),
        writer.raw("extra", b"-Infinity"),
        writer.raw("extra", b"1e999"),
        writer.raw("extra", b"9" * 40),
        writer.raw("extra", b"9" * 5000),
        writer.raw("text", b'"a \\ud83d b"'),
        writer.raw("title", b'"a \\udc00 b"'),
        writer.raw("extra", b'"\\ude00\\ud83d"'),
        writer.raw("text", b'"cut emoji \\ud83d"'),
    )


def _legal(writer: Writer) -> bytes:
    """Odd, and JSON all the same."""
    line = writer.record()
    return writer.pick(
        b" \t" + line + b" \r",
        line + b"\r",
        line.replace(b'"text"', b'"t\\u0065xt"'),
        writer.raw("text", b'"a\\u0000b"'),
        writer.raw("text", b'"\\ud83d\\ude00 \\/ \\b\\f\\n\\r\\t"'),
        writer.record(
            text="line\N{LINE SEPARATOR}and\N{NEXT LINE}and\x7f\N{ZERO WIDTH NO-BREAK SPACE}"
        ),
        writer.record(text=""),
        writer.record(text="\ufffe\uffff\U0010ffff"),
        writer.record(id=10**6 + writer.number),
        writer.record(title=None, publisher=None),
        writer.record(extra={"deep": [[[[]]]], "": ""}),
        json.dumps(writer.values()).encode(),
        writer.raw("extra", b"-0.0e-0"),
    )


def _without_id(writer: Writer) -> bytes:
    values = writer.values()
    del values["id"]
    return json.dumps(values).encode()


def _no_text(writer: Writer) -> bytes:
    values = writer.values(text=None)
    if writer.pick(True, False):
        del values["text"]
    return json.dumps(values).encode()


def _blank(writer: Writer) -> bytes:
    return writer.pick(b"", b" ", b"\t\t", b"\r", b"  \r")


def _inner_bom(writer: Writer) -> bytes:
    return _BOM + writer.record()


def _bidi(writer: Writer) -> bytes:
    return writer.record(text=writer.words() + _BIDI * int(writer.pick(1, 1000)) + writer.words())


def _nested(writer: Writer) -> bytes:
    levels = int(writer.pick(600, 2_000, _FLOOD))
    closed = b"]" * levels if writer.pick(True, False) else b""
    return writer.raw("extra", b"[" * levels + closed)


def _marks(writer: Writer) -> bytes:
    return writer.record(text=writer.words() + "\N{COMBINING ACUTE ACCENT}" * _FLOOD)


def _wide(writer: Writer) -> bytes:
    return writer.record(**{f"key-{number}": number for number in range(100_000)})


def _long_word(writer: Writer) -> bytes:
    return writer.record(text=_ARABIC * 500_000)


KINDS: Mapping[str, Make] = {
    "fuzzed": _fuzzed,
    "truncated": _truncated,
    "bad_utf8": _bad_utf8,
    "bad_key": _bad_key,
    "other_encoding": _other_encoding,
    "not_an_object": _not_an_object,
    "wrong_type": _wrong_type,
    "odd_syntax": _odd_syntax,
    "control": _control,
    "key_twice": _twice,
    "lenient": _lenient,
    "legal": _legal,
    "without_id": _without_id,
    "no_text": _no_text,
    "blank": _blank,
    "inner_bom": _inner_bom,
    "bidi": _bidi,
}

_LARGE_KINDS: Mapping[str, Make] = {
    "nested": _nested,
    "marks": _marks,
    "wide": _wide,
    "long_word": _long_word,
}


def write_records(
    path: Path,
    truth: Path,
    *,
    records: int = 20_000,
    seed: int = 1,
    longest: int = 50 << 20,
    large: int = 12,
) -> Counter[str]:
    """Write the file and the truth; return how many lines have each verdict.

    Args:
        records: Wrong ones; as many good ones stand between them.
        seed: Another seed, other records.
        longest: Bytes of the one long line.
        large: Records of each kind that takes megabytes.
    """
    counts: Counter[str] = Counter()
    taken: set[str] = set()
    with path.open("wb") as lines, truth.open("w") as rows:
        rows.write("line\tkind\tverdict\n")
        for number, (kind, line) in enumerate(_records(records, seed, longest, large), start=1):
            # A mark at the very beginning of a file is allowed, and so is a last line without an end.
            lines.write(b"" if number == 1 else b"\n")
            lines.write(_BOM + line if number == 1 else line)
            verdict = judge(line, taken)
            rows.write(f"{number}\t{kind}\t{verdict}\n")
            counts[verdict] += 1
    return counts


def _records(records: int, seed: int, longest: int, large: int) -> Iterator[tuple[str, bytes]]:
    writer = Writer(seed)
    ordinary = list(KINDS)
    places = dict(
        zip(_spread(records, len(_LARGE_KINDS) * large), [*_LARGE_KINDS] * large, strict=True)
    )
    earlier = [writer.record()]
    yield "good", earlier[0]
    for number in range(records):
        if number == records // 2:
            yield "long_line", _long_line(writer, longest)
        elif number in places:
            yield places[number], _LARGE_KINDS[places[number]](writer)
        elif number % (len(ordinary) + 1) == len(ordinary):
            # The very line again, or its identifier with another text.
            again = earlier[int(writer.random.integers(len(earlier)))]
            name = json.loads(again)["id"]
            yield "id_twice", writer.pick(again, writer.record(id=name))
        else:
            kind = ordinary[number % (len(ordinary) + 1)]
            yield kind, KINDS[kind](writer)
        good = writer.record()
        earlier.append(good)
        yield "good", good


def _spread(records: int, count: int) -> list[int]:
    """Return so many different places, not the middle, which the long line has."""
    return [(2 * place + 1) * records // (2 * count) for place in range(count)]


def _long_line(writer: Writer, size: int) -> bytes:
    text = writer.words(2000)
    return writer.record(text=(text + " ") * (size // len(text.encode()) + 1))


class _Unusable(ValueError):
    """The record is JSON, and no article."""


class _Questionable(Exception):
    """Grammar and parsers disagree."""


def judge(line: bytes, taken: set[str]) -> Verdict:
    """Return what must become of a line, and take its identifier.

    The standard library parses; what it lets pass and other parsers do not is looked for beside it.
    """
    if not line.strip(b" \t\r"):
        return "skip"
    try:
        values = json.loads(
            line.decode(), parse_constant=_refuse_constant, parse_int=_parse_integer
        )
        identifier = _identifier(values)
    except (_Questionable, RecursionError):
        return "either"
    except ValueError:
        return "reject"
    if identifier in taken:
        return "reject"
    if identifier:
        taken.add(identifier)
    return "accept" if not _deep(values) and _exchangeable(values) else "either"


def _refuse_constant(name: str) -> Any:
    raise _Questionable(name)


def _parse_integer(digits: str) -> int | float:
    """Grammar has no limit; parsers have: 64 bits, or the 4,300 digits of the standard library."""
    return int(digits) if len(digits) < 19 else float("inf")


def _identifier(values: Any) -> str:
    """Return the identifier of a record that can be used, empty if it has none.

    Raises:
        _Unusable: There is no text, or a field is not of its type.
    """
    if not isinstance(values, dict) or not isinstance(values.get("text"), str):
        raise _Unusable
    for field in ("title", "byline", "publisher", "url", "published", "fetched", "language"):
        if not isinstance(values.get(field), str | None):
            raise _Unusable
    identifier = values.get("id")
    if type(identifier) is int:
        return str(identifier)
    if identifier is None or isinstance(identifier, str):
        return identifier or ""
    if isinstance(identifier, float) and identifier == float("inf"):
        raise _Questionable
    raise _Unusable


def _deep(value: Any, level: int = 0) -> bool:
    inner: Iterable[Any] = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    return level > 200 or any(_deep(item, level + 1) for item in inner)


def _exchangeable(values: Any) -> bool:
    """Whether no number is beyond its type, and no string holds half a surrogate pair."""
    try:
        json.dumps(values, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:  # UnicodeEncodeError is one
        return False
    return True


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of the lines.

    Attributes:
        accepted: Line numbers of the records that were used; ``None`` if only their number is known.
        count: How many records were used.
        rejected: Line number and reason of every one that was not.
        faults: What went wrong beside that.
        seconds: How long it took.
    """

    accepted: tuple[int, ...] | None
    count: int
    rejected: tuple[tuple[int, str], ...]
    faults: tuple[str, ...] = ()
    seconds: float = 0


def read_outcome(path: Path) -> Outcome:
    """Read the file in this process."""
    from provenance.ingest.reading import Reject, read_records

    rejected: list[tuple[int, str]] = []
    faults: list[str] = []

    def note(reject: Reject) -> None:
        rejected.append((reject.line, reject.reason))
        if reject.file != str(path) or not reject.reason:
            faults.append(f"line {reject.line}: rejected without file or reason")

    lines = path.read_bytes().split(b"\n")
    accepted: list[int] = []
    start = time.perf_counter()
    for record in read_records(path, on_reject=note):
        accepted.append(record.line)
        if record.raw.rstrip(b"\n") != lines[record.line - 1].removeprefix(_BOM):
            faults.append(f"line {record.line}: its bytes are not those of the file")
    return Outcome(
        accepted=tuple(accepted),
        count=len(accepted),
        rejected=tuple(rejected),
        faults=tuple(faults),
        seconds=time.perf_counter() - start,
    )


def run_outcome(path: Path, command: str, seconds: float) -> Outcome:
    """Run ``provenance dedupe`` or ``trace`` on the file."""
    with TemporaryDirectory() as folder:
        rejects = Path(folder, "rejects.jsonl")
        outputs = [Path(folder, "kept.jsonl"), Path(folder, "removed.jsonl")]
        arguments = {
            "dedupe": ["-o", str(outputs[0]), "--removed", str(outputs[1])],
            "trace": ["-o", folder],
        }[command]
        start = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-m", "provenance", command, path, *arguments, "--rejects", rejects],
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        taken = time.perf_counter() - start
        faults = [] if run.returncode == 0 else [f"status {run.returncode}: {run.stderr[-400:]!r}"]
        if faults:
            return Outcome(accepted=None, count=0, rejected=(), faults=tuple(faults), seconds=taken)
        rows = [json.loads(line) for line in rejects.read_bytes().splitlines()]
        faults += [
            f"no file or reason: {row}" for row in rows if not (row["file"] and row["reason"])
        ]
        if command == "trace":
            count = json.loads(Path(folder, "run.json").read_bytes())["input"]["read"]
        else:
            kept, removed = (output.read_bytes().splitlines(keepends=True) for output in outputs)
            count = len(kept) + len(removed)
            faults += _strangers(path, kept)
        return Outcome(
            accepted=None,
            count=count,
            rejected=tuple((row["line"], row["reason"]) for row in rows),
            faults=tuple(faults),
            seconds=taken,
        )


def _strangers(path: Path, kept: Iterable[bytes]) -> list[str]:
    """Kept lines are lines of the file, in its order."""
    lines = iter(path.read_bytes().removeprefix(_BOM).split(b"\n"))
    return [
        f"not a line of the input, or out of order: {line[:80]!r}"
        for line in kept
        if line.removesuffix(b"\n") not in lines
    ]


def compare(outcome: Outcome, truth: Path) -> list[str]:
    """Return what is wrong with an outcome."""
    if not outcome.count:
        return [*outcome.faults, "nothing was read"]
    rows = [row.split("\t") for row in truth.read_text().splitlines()[1:]]
    verdicts = {int(line): (kind, verdict) for line, kind, verdict in rows}
    faults = list(outcome.faults)
    named = Counter(line for line, _reason in outcome.rejected)
    faults += [f"line {line}: rejected {times} times" for line, times in named.items() if times > 1]
    faults += [f"line {line}: there is no such record" for line in named.keys() - verdicts.keys()]
    records = sum(verdict != "skip" for _kind, verdict in verdicts.values())
    if outcome.count + len(named) != records:
        missing = records - outcome.count - len(named)
        faults.append(f"{missing} of {records} records are not accounted for")
    accepted = set(verdicts) - set(named) if outcome.accepted is None else set(outcome.accepted)
    for line, (kind, verdict) in verdicts.items():
        if verdict == "accept" and line in named:
            faults.append(f"line {line} ({kind}): rejected, and it is good")
        elif verdict == "reject" and line in accepted:
            faults.append(f"line {line} ({kind}): accepted, and it is bad")
        elif verdict == "skip" and (line in named or (outcome.accepted and line in accepted)):
            faults.append(f"line {line} ({kind}): blank, and taken for a record")
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=["reading", "dedupe", "trace"], default="reading")
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    if options.what == "write":
        counts = write_records(
            options.file, options.truth, records=options.records, seed=options.seed
        )
        print(
            f"{counts.total():,} lines, {options.file.stat().st_size / 1e6:.0f} MB: {dict(counts)}"
        )
        return
    if options.command == "reading":
        outcome = read_outcome(options.file)
    else:
        outcome = run_outcome(options.file, options.command, options.seconds)
    print(
        f"{outcome.count:,} accepted, {len(outcome.rejected):,} rejected, {outcome.seconds:.1f} s"
    )
    reasons = Counter(reason.partition(":")[0] for _line, reason in outcome.rejected)
    for reason, count in reasons.most_common():
        print(f"    {count:6,}  {reason}")
    faults = compare(outcome, options.truth)
    for fault in faults[:20]:
        print(fault)
    print(f"{len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
