"""Reading by columns gives what reading record by record gives, whatever the input."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import DuplicateId, InputError
from provenance.ingest import json_columns
from provenance.ingest.columns import ColumnReader, read_columns
from provenance.ingest.names import TakenNames
from provenance.ingest.reading import Reject, read_records
from provenance.ingest.sources import expand_inputs

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "scale"))

import malformed

#: A line with everything that may stand in one, and nothing wrong.
LINE = (
    '{"id": "n-é1", "title": "a \\"b\\"", "text": "قال \\u0627\\n\\t\\\\ '
    '\\ud83d\\ude00 😀 عاجل", "published": "2024-06-18", "url": null, '
    '"extra": {"k": [1, -2.5e3, true, null, "\\u00e9"]}}\n'
).encode()


def by_records(inputs, **options):
    rejects: list[Reject] = []
    records = read_records(inputs, on_reject=rejects.append, **options)
    found = [
        (r.article.id, r.article.text, r.article.published, r.source.name, r.line, r.raw)
        for r in records
    ]
    return found, rejects


def by_columns(inputs, contents, **options):
    """Read; the raw bytes are cut from `contents` (by source name), as a writer would."""
    rejects: list[Reject] = []
    found = []
    for block in read_columns(inputs, on_reject=rejects.append, published=True, **options):
        data = contents[block.source.name]
        for d in range(len(block)):
            raw = data[block.starts[d] : block.stops[d]]
            name, line = block.source.name, int(block.lines[d])
            found.append((block.ids[d], block.text(d), block.published[d], name, line, raw))
    return found, rejects


def assert_same(data: bytes, file_format: str = "jsonl", size: int = 1 << 19, **options):
    """Read on both roads, on that of columns also with all texts taken for long ones."""
    options["file_format"] = file_format
    expected = by_records(["-"], stdin=io.BytesIO(data), **options)
    for least in (json_columns._LONG, 4):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_columns, "_LONG", least)
            got = by_columns(["-"], {"-": data}, stdin=io.BytesIO(data), size=size, **options)
        assert got == expected
    return expected


def test_good_line():
    """A plain record is accepted on both roads, escapes and all."""
    [(name, text, published, _, _, raw)], rejects = assert_same(LINE)
    assert (name, published, raw, rejects) == ("n-é1", "2024-06-18", LINE, [])
    assert text == json.loads(LINE)["text"]


VALUES = {
    "deep": b"[" * 400 + b"]" * 400,
    "deeper": b"[" * 900 + b"]" * 900,
    "too deep": b"[" * 30_000 + b"]" * 30_000,
    "open": b"[" * 600,
    "integer of 400 digits": b"9" * 400,
    "integer of 5,000 digits": b"9" * 5000,
    "fraction of 5,000 digits": b"0." + b"9" * 5000,
    "NaN": b"NaN",
    "infinite": b"-Infinity",
    "beyond double": b"1e999",
    "half a pair": b'"\\ud800"',
    "halves the wrong way round": b'"\\ude00\\ud83d"',
    "pair": b'"\\ud83d\\ude00"',
    "bad escape": b'"\\x41"',
    "short escape": b'"\\u12"',
    "bad hexadecimal": b'"\\u12g4"',
    "line feed in capitals": b'"\\u000A"',
    "control": b'"a\tb"',
    "NUL": b'"\\u0000"',
    "what stands for long texts": b'"\x7f"',
    "long key of the text": b'"a", "text"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "overlong": b'"\xc0\xaf"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "cut off": b'"\xd9"',
    "zero in front": b"01",
    "no digits": b"-",
    "plus": b"+1",
    "true": b"true",
    "tru": b"tru",
    "null": b"null",
    "number": b"12",
    "negative zero": b"-0",
    "64 bits": b"18446744073709551615",
    "65 bits": b"18446744073709551616",
    "fraction": b"1.0",
    "array": b'["a"]',
    "object": b'{"a": "b"}',
    "empty": b'""',
    "string": b'"a"',
    "comma": b'"a",',
    "two": b'"a" "b"',
    "nothing": b"",
}


@pytest.mark.parametrize("key", ["id", "text", "title", "published", "extra", "t\\u0065xt"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_every_value_in_every_field(key, value):
    """Both roads agree on a value, alone and as the second of its key, between good lines."""
    field = b'"' + key.encode() + b'": ' + value
    lines = [
        b'{"text": "before"}',
        b'{"text": "a", ' + field + b"}",
        b"{" + field + b', "text": "a"}',
        b"{" + field + b"}",
        LINE.strip().removesuffix(b"}") + b", " + field + b"}",
        b'{"text": "after"}',
    ]
    found, rejects = assert_same(b"\n".join(lines))
    assert len(found) + len(rejects) == len(lines)


@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(LINE) - 1),
            st.one_of(st.sampled_from(b'"\\{}[],:u\n\r \xd8\xed\xf0\xff0-e'), st.integers(0, 255)),
            st.sampled_from(["put", "insert", "cut"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_damaged_line(edits):
    """Changed bytes are judged alike by both roads, and so are their neighbours."""
    line = bytearray(LINE)
    for place, byte, how in edits:
        if how == "put" and place < len(line):
            line[place] = byte
        elif how == "insert":
            line.insert(place, byte)
        else:
            del line[place:]
    assert_same(b'{"text": "before"}\n' + bytes(line) + b'\n{"id": "x", "text": "after"}')


@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": st.text()},
            optional={
                "id": st.one_of(st.none(), st.integers(), st.sampled_from("abc"), st.text()),
                "published": st.one_of(st.none(), st.text(), st.integers()),
                "more": st.recursive(st.none() | st.text() | st.floats(), st.lists),
            },
        ),
        max_size=8,
    ),
    st.booleans(),
    st.integers(1, 300),
)
def test_any_records(records, ascii_only, size):
    """Any records, in blocks of any size, with and without escapes."""
    lines = [json.dumps(record, ensure_ascii=ascii_only) for record in records]
    found, rejects = assert_same("\n".join(lines).encode(errors="surrogatepass"), size=size)
    assert len(found) + len(rejects) == len(records)


@given(st.text(st.sampled_from('ab\\"\N{ARABIC LETTER ALEF}\U0001f600\n\x7f'), max_size=300))
def test_text_is_unescaped(text):
    """A text comes out as it went in, wherever its escapes fall among the strides."""
    for ascii_only in (True, False):
        data = json.dumps({"id": "1", "text": text}, ensure_ascii=ascii_only).encode()
        [block] = read_columns(["-"], stdin=io.BytesIO(data))
        assert block.text(0) == text


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "TEXT", "html": "TEXT", "id": "1"}',
        '{"html": "TEXT", "text": "short"}',
        '{"html": {"text": "TEXT"}, "text": "TEXT"}',
        '{"html": {"text": "TEXT"}, "text": "short"}',
        '{"list": ["text", "TEXT"], "text": "\x7f"}',
        '{"text": "TEXT", "text": "short"}',
        '{"text": "TEXT", "text": "TEXT"}',
        '{"text": "short", "id": "text", "text" : "TEXT"}',
        '{"text": "TEXT", "title": "\x7f"}',
        '{"text": "TEXT", "title": 5}',
        '{"text": "TEXT", "id": "TEXT"}',
        '{"id": "text", "title": "TEXT", "text": "a"}',
        '{"text": "TEXT" "title": "b"}',
        '{"text": "TEXT}',
        '"text": "TEXT"',
    ],
)
def test_long_text_among_others(line):
    """A long text is found by its key and read as any other, whatever else is long or of that name."""
    for text in (
        "a" * 5000,
        "é\\n" * 2000,
        "\\ud83d\\ude00" * 1000,
        "\\ud800" * 1000,
        "a\x7f" * 900,
    ):
        data = line.replace("TEXT", text).encode()
        found, rejects = assert_same(LINE + data + b"\n" + LINE.replace(b"n-", b"m-"))
        assert len(found) + len(rejects) == 3


def test_long_text_of_another_key():
    """A long text is found where ``--map`` says."""
    for key in ("content", 'a"b', "é", "\ud800"):
        data = json.dumps({key: "a" * 5000, "text": "b" * 5000}).encode()
        assert_same(data, fields={"text": key})


#: What cells may hold, and what may stand between them.
PIECES = st.lists(
    st.sampled_from(
        ["a", '"', '""', ",", "\t", "\n", "\r\n", "\r", "é", "\ufeff", "\0", "text" * 40]
    ),
    max_size=6,
).map("".join)


@given(
    st.sampled_from(
        [["text"], ["id", "text"], ["text", "published", "id"], ["text", "id", "text"]]
    ),
    st.lists(st.lists(PIECES, min_size=1, max_size=4), max_size=6),
    st.sampled_from(["csv", "tsv"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 300),
)
def test_any_table(header, rows, file_format, line_end, size):
    """Any table, whatever its cells hold, with too many and too few of them, in blocks of any size."""
    delimiter = "," if file_format == "csv" else "\t"
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([header, *rows])
    assert_same(stream.getvalue().encode(), file_format, size=size)


@given(
    st.lists(st.lists(PIECES, min_size=1, max_size=3), max_size=6),
    st.sampled_from(["csv", "tsv"]),
    st.integers(1, 300),
)
def test_any_unquoted_table(rows, file_format, size):
    """Any mixture of quotes, delimiters and line ends, meant for a table or not."""
    delimiter = "," if file_format == "csv" else "\t"
    lines = [delimiter.join(cells) for cells in [["id", "text"], *rows]]
    assert_same("\n".join(lines).encode(), file_format, size=size)


def test_table_with_a_wrong_row():
    """A quote that is wrong costs its own row, not those behind it, and they keep their lines."""
    good = 'n{},"one ""two""\nthree, four"\n'
    rows = [good.format(number) for number in range(200)]
    rows[120] = 'n120,"one" two\n'
    data = ("id,text\n" + "".join(rows)).encode()
    for size in (40, 1000, 1 << 20):
        found, [reject] = assert_same(data, "csv", size=size)
        assert len(found) == 199
        assert reject.line == 2 + 2 * 120
        assert found[-1][1] == 'one "two"\nthree, four'


@given(
    st.binary(max_size=200), st.integers(1, 40), st.sampled_from(["jsonl", "csv", "tsv", "text"])
)
def test_any_bytes(data, size, file_format):
    """Bytes without meaning are refused alike in every format."""
    assert_same(data, file_format, size=size)


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 16])
def test_malformed_records(tmp_path, size):
    """The malformed records of the benchmark have the same verdicts and reasons on both roads."""
    path = tmp_path / "bad.jsonl"
    malformed.write_records(path, tmp_path / "truth", records=300, longest=1 << 18, large=0)
    found, rejects = assert_same(path.read_bytes(), size=size)
    assert len(found) > 100
    assert len({reject.reason.partition(":")[0] for reject in rejects}) >= 5


def test_line_ends():
    """CRLF, empty lines, a byte order mark and a missing last line end are fine."""
    data = b'\xef\xbb\xbf{"id": "1", "text": "a"}\r\n\r\n  \n\x0b\n{"text": "b"}'
    found, rejects = assert_same(data)
    assert [(name[:6], line) for name, *_, line, _raw in found] == [("1", 1), ("000001", 5)]
    assert not rejects
    for start in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\n", b"", b" "):
        assert_same(start)
        assert_same(start + LINE)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "", None, 7]), st.sampled_from("xy")), max_size=9)
)
def test_duplicate_ids(records):
    """The first record of an identifier stays; made identifiers count the records before them."""
    data = "\n".join(json.dumps({"id": name, "text": text}) for name, text in records).encode()
    assert_same(data, size=40)


def test_own_name_like_a_made_one():
    """A record that brings the very name another one would be given takes it."""
    [made] = [name for name, *_ in assert_same(b'{"text": "a"}\n')[0]]
    own = json.dumps({"id": made, "text": "b"}).encode()
    _, [reject] = assert_same(b'{"text": "a"}\n' + own)
    assert reject.reason.startswith("duplicate id")
    _, [reject] = assert_same(own.replace(b"000000", b"000001") + b'\n{"text": "a"}')
    assert reject.line == 2


def test_field_map():
    """Other keys can be named for a field, also with dots, quotes, or one key for two fields."""
    record = {
        "key": "1",
        "a.b": "flat",
        "body": {"plain": "deep"},
        'q"': "quoted",
        "title": 5,
        "text": ["not the text"],
    }
    data = json.dumps(record).encode() + b"\n" + LINE
    for fields, text in [
        ({"id": "key", "text": "body.plain", "title": "none"}, "deep"),
        ({"text": "a.b", "title": "none"}, "flat"),
        ({"text": 'q"', "title": "none"}, "quoted"),
        ({"text": "key", "id": "key", "title": "none"}, "1"),
    ]:
        found, _ = assert_same(data, fields=fields)
        assert found[0][1] == text
        assert assert_same(data, fields={"text": fields["text"]})[1]


def test_several_sources(tmp_path):
    """Positions and identifiers run on from file to file; each block is of one."""
    contents = {}
    for name, data in {
        "a.jsonl": b'{"text": "a"}\nbad\n' + LINE,
        "b.csv": b'id,text\n1,"x\ny"\n\n1,z\n',
        "c.tsv": b"text\nx\n",
        "d.txt": b"\xef\xbb\xbf\xd9\x84\xd8\xa7",
        "e.jsonl": LINE,
    }.items():
        (tmp_path / name).write_bytes(data)
        contents[str(tmp_path / name)] = data
    found, rejects = by_columns([tmp_path], contents)
    assert (found, rejects) == by_records([tmp_path])
    assert (len(found), len(rejects)) == (5, 3)


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
def test_compressed(tmp_path, packed):
    """Byte ranges are of what the file unpacks to; a file cut short gives what there is of it."""
    data = b"".join(
        json.dumps({"id": str(n), "text": f"{n} {n * n}" * 50}).encode() + b"\n \n"
        for n in range(900)
    )
    path = tmp_path / "news.jsonl"
    path.write_bytes(packed(data))
    for size in (100, 1 << 16):
        found, rejects = by_columns(path, {str(path): data}, size=size)
        assert (found, rejects) == by_records(path)
        assert len(found) == 900
    path.write_bytes(packed(data)[:-20])
    found, rejects = by_columns(path, {str(path): data})
    assert (found, rejects) == by_records(path)
    assert rejects[-1].reason.startswith("unreadable: ")


def test_missing_file_says_so(tmp_path):
    """A file that is gone is one reject without a line."""
    path = tmp_path / "news.jsonl"
    path.write_bytes(LINE)
    reader = ColumnReader(expand_inputs([path]))
    path.unlink()
    [block] = [part.columns() for part in reader.parts()]
    [reject] = reader.admit(block).rejects
    assert (len(block), reject.line, reject.reason.partition(":")[0]) == (0, 0, "unreadable")


def test_strict():
    """Without `on_reject` the first bad record raises, with file and line."""
    with pytest.raises(InputError, match="not JSON") as caught:
        list(read_columns(["-"], stdin=io.BytesIO(LINE + b"nope\n")))
    assert (caught.value.source, caught.value.line) == ("-", 2)
    with pytest.raises(DuplicateId):
        list(read_columns(["-"], stdin=io.BytesIO(LINE * 2)))


def test_threads(tmp_path):
    """Parts parsed at once, by several threads, give what they give one after the other."""
    path = tmp_path / "news.jsonl"
    texts = [f"{n} " * (n % 700) for n in range(3000)]
    path.write_text("".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate(texts)))
    reader = ColumnReader(expand_inputs([path]), size=1 << 14)
    found = []
    with ThreadPoolExecutor(4) as threads:
        parts = reader.parts()
        while several := list(islice(parts, 9)):
            for block in threads.map(lambda part: part.columns(), several):
                assert reader.admit(block).fresh.all()
                found += [block.text(d) for d in range(len(block))]
    assert found == texts


def test_buffers_fit_the_kernels():
    """The columns are of the types that sketching takes, and texts lie behind one another."""
    from provenance.sketch.signatures import sketch_buffers, sketch_texts

    data = LINE + b'{"text": "one two three four"}\n{"text": ""}\n'
    [block] = read_columns(["-"], stdin=io.BytesIO(data))
    sketches = sketch_buffers(block.data, block.offsets)
    expected = sketch_texts([block.text(d) for d in range(len(block))])
    assert np.array_equal(sketches.signatures, expected.signatures)
    assert np.array_equal(sketches.shingles, expected.shingles)


def parquet(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


TEXTS = ["قال الوزير", None, "", "b" * 100, "c", None, "e"]


def raw_strings(*values: bytes) -> pa.Array:
    """Return strings without a look at what is in them."""
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


TABLES = {
    "strings": {"id": list("1234567"), "text": TEXTS, "published": ["x", None] * 3 + ["y"]},
    "large strings": {"text": pa.array(TEXTS, pa.large_string())},
    "views": {"text": pa.array(TEXTS, pa.string_view())},
    "dictionary": {"text": pa.array(TEXTS).dictionary_encode()},
    "bytes": {"text": pa.array([b"a", b"\xff", b"\xd8\xa7", None, b"", b"b", b"c"])},
    "numbers for names": {"id": [1, 2, None, 2, 5, 6, 7], "text": TEXTS},
    "fractions for names": {"id": [1.5, None, 2.0, 2.5, 5.0, 6.0, 7.0], "text": TEXTS},
    "names twice": {"id": ["1", "1", None, "1", "", "1", "7"], "text": TEXTS},
    "dates": {"text": TEXTS, "published": [dt.date(2024, 6, 18), None] * 3 + [None]},
    "wrong type": {"text": TEXTS, "title": list(range(7))},
    "no type": {"text": TEXTS, "title": [None] * 7},
    "no text": {"body": TEXTS},
    "nothing but null": {"text": [None] * 7},
    "more": {"text": TEXTS, "more": [{"a": [str(n)]} for n in range(7)]},
    "not UTF-8": {"text": raw_strings(b"a", b"\xff", b"b")},
    "not UTF-8 in a large string": {
        "text": raw_strings(b"a", b"\xff", b"b").cast(pa.large_string())
    },
    "not UTF-8 in a dictionary": {"text": raw_strings(b"a", b"\xff", b"b").dictionary_encode()},
    "not UTF-8 in a view": {"text": pa.array([b"a", b"\xff", b"b"], pa.binary_view())},
    "not UTF-8 elsewhere": {"text": ["a", "b", "c"], "more": raw_strings(b"a", b"\xff", b"b")},
    "not UTF-8 in a name": {"text": ["a", "b", "c"], "id": raw_strings(b"a", b"\xff", b"b")},
    "a letter across two": {"text": raw_strings(b"a\xd8", b"\xa7b", b"")},
    "only the last is empty": {"text": raw_strings(b"\xd8\xa7", b"\xf0\x9f\x98\x80", b"")},
}


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES.keys())
@pytest.mark.parametrize("fields", [{}, {"text": "body"}, {"text": "more.a"}, {"id": "title"}])
def test_parquet(columns, fields):
    """Parquet columns of any type are read alike on both roads."""
    found, rejects = assert_parquet(parquet(pa.table(columns)), fields)
    assert len(found) + len(rejects) in (3, 7)


def assert_parquet(data: bytes, fields=None):
    options = {"file_format": "parquet", "fields": fields or {}}
    expected = by_records(["-"], stdin=io.BytesIO(data), **options)
    got = by_columns(["-"], {"-": b""}, stdin=io.BytesIO(data), **options)
    assert got == expected
    return got


def test_parquet_batches():
    """Row numbers run on through batches and row groups, and texts come whole out of each."""
    texts = [f"{n} " * (n % 50) if n % 7 else None for n in range(5000)]
    found, rejects = assert_parquet(parquet(pa.table({"text": texts}), row_group_size=1500))
    assert [line for *_, line, _raw in found] == [
        n + 1 for n, t in enumerate(texts) if t is not None
    ]
    assert len(rejects) == texts.count(None)


def test_parquet_column_twice():
    """Of two columns of one name the last one counts."""
    table = pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    [(_, text, *_)], _ = assert_parquet(parquet(table))
    assert text == "b"


def test_parquet_damaged():
    """A file that is no Parquet, and one that breaks off, are one reject each."""
    data = parquet(pa.table({"text": ["a"] * 3000}), row_group_size=1000, compression="none")
    assert len(assert_parquet(b"not at all")[1]) == 1
    broken = data[: len(data) // 2] + b"\xff" * 40 + data[len(data) // 2 + 40 :]
    assert_parquet(broken)


@given(st.lists(st.lists(st.integers(0, 300), max_size=40), max_size=20))
def test_taken_names(groups):
    """A name is fresh the first time it is taken, within a call and across calls."""
    names, seen = TakenNames(), set()
    for group in groups:
        fresh = names.take([str(number) for number in group])
        for number, is_fresh in zip(group, fresh.tolist(), strict=True):
            assert is_fresh == (number not in seen)
            seen.add(number)


def test_many_taken_names():
    """The table keeps what it holds as it grows."""
    names = TakenNames()
    many = [str(number) for number in range(50_000)]
    assert all(names.take(many[start : start + 999]).all() for start in range(0, len(many), 999))
    assert not names.take(many).any()
    assert names.take(["another"]).all()
