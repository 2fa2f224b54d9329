"""Articles come in from every promised kind of file, and nothing bad passes in silence."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import DuplicateId, InputError
from provenance.ingest.reading import Record, Reject, read_articles, read_records

ARABIC = "قالت الوزارة إن الجسر الجديد سيفتح يوم الأحد."


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def read(
    data: bytes, file_format: str = "jsonl", **options: object
) -> tuple[list[Record], list[Reject]]:
    rejects: list[Reject] = []
    records = list(
        read_records(
            ["-"],
            file_format=file_format,
            on_reject=rejects.append,
            stdin=io.BytesIO(data),
            **options,
        )
    )
    return records, rejects


def test_all_fields() -> None:
    """Known keys become fields, all others are kept in `extra`."""
    given_record = {
        "id": "n1",
        "text": ARABIC,
        "title": "جسر",
        "byline": "محرر",
        "publisher": "p",
        "url": "https://news.example/1",
        "published": "2024-06-18",
        "fetched": "2024-06-19T08:00:00Z",
        "language": "ar",
        "section": {"name": "local", "rank": [1, 2.5, None]},
    }
    [record], rejects = read(lines(given_record))
    assert not rejects
    article = record.article
    for field in given_record.keys() - {"section"}:
        assert getattr(article, field) == given_record[field]
    assert article.extra == {"section": {"name": "local", "rank": [1, 2.5, None]}}


def test_null_is_absent() -> None:
    """A null in an optional field is the same as no field."""
    [record], rejects = read(lines({"id": "1", "text": "a", "title": None, "published": None}))
    assert (record.article.title, record.article.published, rejects) == ("", "", [])


BAD = {
    "not JSON": [b'{"text": "a"', b"text", b'{"text": "a"} {"text": "b"}', b"{'text': 1}"],
    "no text": [b"{}", b'{"id": "1"}', b'{"text": null}'],
    "wrong type": [
        b'{"text": 5}',
        b'{"text": ["a"]}',
        b'{"text": "a", "title": {"x": 1}}',
        b'{"text": "a", "published": 1718668800}',
        b'{"text": "a", "id": 1.5}',
        b'{"text": "a", "id": true}',
    ],
    "invalid UTF-8": [b'{"text": "\xff"}', b'{"text": "\xed\xa0\x80"}', b'\xfe\xff{"text": "a"}'],
    "not an object": [b"[]", b'[{"text": "a"}]', b'"text"', b"7", b"null"],
}


@pytest.mark.parametrize(
    ("reason", "line"), [(reason, line) for reason, group in BAD.items() for line in group]
)
def test_bad_record(reason: str, line: bytes) -> None:
    """A bad record is handed over with its line and reason, and the ones around it are read."""
    data = b'{"id": "before", "text": "x"}\n' + line + b'\n{"id": "after", "text": "y"}\n'
    records, [reject] = read(data)
    assert [record.article.id for record in records] == ["before", "after"]
    assert (reject.file, reject.line, reject.reason.partition(":")[0]) == ("-", 2, reason)
    assert reject.raw == line.decode(errors="replace")


def test_deep_nesting() -> None:
    """Ten thousand brackets are a bad record, not a crash."""
    records, [reject] = read(b'{"text": "a", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n")
    assert records == []
    assert reject.reason.startswith("not JSON")


def test_duplicate_id() -> None:
    """The second record of an identifier is rejected, the first stays."""
    records, [reject] = read(lines({"id": "1", "text": "a"}, {"id": "1", "text": "b"}))
    assert [record.article.text for record in records] == ["a"]
    assert reject == Reject(
        file="-",
        line=2,
        reason="duplicate id: '1' was read before",
        raw='{"id": "1", "text": "b"}',
    )


def test_whole_number_as_id() -> None:
    """A whole number is taken for an identifier, and is the same as its digits."""
    records, [reject] = read(lines({"id": 7, "text": "a"}, {"id": "7", "text": "b"}))
    assert [record.article.id for record in records] == ["7"]
    assert reject.reason.startswith("duplicate id")


def test_long_raw_is_cut() -> None:
    """A reject shows the beginning of a long record."""
    _, [reject] = read(b"x" * 100_000 + b"\n")
    assert reject.raw == "x" * 500


def test_strict(tmp_path: Path) -> None:
    """Without `on_reject` the first bad record raises, with file and line."""
    path = tmp_path / "news.jsonl"
    path.write_bytes(lines({"text": "a"}) + b"nope\n")
    articles = read_articles(path)
    assert next(articles).text == "a"
    with pytest.raises(InputError, match="not JSON") as caught:
        next(articles)
    assert (caught.value.source, caught.value.line) == (str(path), 2)
    path.write_bytes(lines({"id": "1", "text": "a"}) * 2)
    with pytest.raises(DuplicateId):
        list(read_articles(path))


def test_half_of_a_surrogate_pair() -> None:
    """A cut emoji becomes U+FFFD, one for one, and the line keeps its bytes."""
    raw = b'{"id": "1", "text": "\\ud83d\\ude00 cut \\ud83d end", "k\\udc00": ["\\ud800"]}\n'
    [record], rejects = read(raw)
    assert not rejects
    assert record.article.text == "\N{GRINNING FACE} cut \N{REPLACEMENT CHARACTER} end"
    assert record.article.extra == {"k\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}"]}
    assert record.raw == raw


def test_not_a_number() -> None:
    """``NaN`` and ``Infinity``, which Python's own writer prints, do not cost an article."""
    [record], rejects = read(b'{"id": "1", "text": "a", "score": NaN, "top": Infinity}\n')
    assert not rejects
    assert record.article.extra["top"] == float("inf")


def test_line_ends() -> None:
    """CRLF, empty lines, a byte order mark and a missing last line end are fine."""
    data = b'\xef\xbb\xbf{"id": "1", "text": "a"}\r\n\r\n  \n{"id": "2", "text": "b"}'
    records, rejects = read(data)
    assert not rejects
    assert [(r.article.id, r.line) for r in records] == [("1", 1), ("2", 4)]
    assert records[0].raw == b'{"id": "1", "text": "a"}\r\n'
    assert records[1].raw == b'{"id": "2", "text": "b"}'


def test_line_separators_inside_text() -> None:
    """U+2028, U+0085 and form feeds inside a string do not end a line."""
    text = "a\N{LINE SEPARATOR}b\x85c\x0cd"
    [record], _ = read(json.dumps({"text": text}, ensure_ascii=False).encode())
    assert record.article.text == text


def test_made_ids() -> None:
    """Missing identifiers are made from position and text: distinct, and the same every time."""
    data = lines({"text": "a"}, {"text": "a"}, {"id": "", "text": "b"}) + b"bad\n"
    data += lines({"text": "b"})
    first, _ = read(data)
    ids = [record.article.id for record in first]
    assert [name[:7] for name in ids] == ["000000_", "000001_", "000002_", "000004_"]
    assert ids[0][7:] == ids[1][7:] != ids[2][7:] == ids[3][7:]
    assert ids == [record.article.id for record in read(data)[0]]
    # xxh3 of 128 bits of "a", as published; a change would rename every article without a name.
    assert ids[0] == "000000_a96faf705af16834"


def test_field_map() -> None:
    """Other keys can be named for a field; dots reach into objects."""
    record = {"key": "1", "body": {"plain": ARABIC}, "meta": {"by": "x"}, "text": "teaser"}
    [read_record], rejects = read(
        lines(record), fields={"id": "key", "text": "body.plain", "byline": "meta.by"}
    )
    assert not rejects
    article = read_record.article
    assert (article.id, article.text, article.byline) == ("1", ARABIC, "x")
    assert article.extra == {"body": {"plain": ARABIC}, "meta": {"by": "x"}, "text": "teaser"}


def test_dotted_key_wins() -> None:
    """A key that has the dots in its own name is preferred to a path."""
    [record], _ = read(lines({"a.b": "flat", "a": {"b": "deep"}}), fields={"text": "a.b"})
    assert record.article.text == "flat"


def test_no_text_names_keys() -> None:
    """Whoever forgot --map is told the keys there are."""
    _, [reject] = read(lines({"content": "a", "source": "b"}))
    assert reject.reason == (
        "no text: no key 'text' among content, source; --map text=KEY names another"
    )


def test_csv() -> None:
    """Quoted line ends, doubled quotes and huge cells are read, and rows keep their bytes."""
    big = "كلمة " * 60_000
    rows = [
        ["id", "text", "desk"],
        ["1", 'first\nsecond "quoted"', "x"],
        ["2", big, ""],
        ["3", "", "y"],
    ]
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerows(rows)
    records, rejects = read(sink.getvalue().encode("utf-8-sig"), "csv")
    assert not rejects
    assert [r.article.text for r in records] == ['first\nsecond "quoted"', big, ""]
    assert [r.line for r in records] == [2, 4, 5]
    assert records[0].raw == b'1,"first\nsecond ""quoted""",x\r\n'
    assert records[2].article.extra == {"desk": "y"}


def test_csv_bad_rows() -> None:
    """Wrong cell counts, wrong quotes and bad bytes are rejected row by row."""
    data = b'id,text\n1,a\n2\n3,b,c\n4,"x"y\n5,\xff\n\n6,z\n'
    records, rejects = read(data, "csv")
    assert [record.article.id for record in records] == ["1", "6"]
    assert [(r.line, r.reason.partition(":")[0]) for r in rejects] == [
        (3, "wrong number of cells"),
        (4, "wrong number of cells"),
        (5, "not CSV"),
        (6, "invalid UTF-8"),
    ]


def test_tsv() -> None:
    """Tabs part the cells of TSV; commas do not."""
    [record], rejects = read(b"id\ttext\n1\ta, b\n", "tsv")
    assert (record.article.text, rejects) == ("a, b", [])


@pytest.mark.parametrize("file_format", ["csv", "tsv", "jsonl"])
def test_empty_file(file_format: str) -> None:
    """An empty file holds no articles and is no error."""
    assert read(b"", file_format) == ([], [])


def test_parquet(tmp_path: Path) -> None:
    """Rows of Parquet are articles; times become ISO 8601, plain bytes are taken for UTF-8."""
    import datetime as dt

    path = tmp_path / "news.parquet"
    table = pa.table(
        {
            "id": pa.array([1, 2, 3]),
            "text": pa.array([ARABIC.encode(), b"\xff", None], pa.binary()),
            "published": pa.array([dt.datetime(2024, 6, 18, 7, 30)] * 3),
            "tags": [["a"], [], None],
        }
    )
    pq.write_table(table, path)
    rejects: list[Reject] = []
    [article] = read_articles(path, on_reject=rejects.append)
    assert (article.id, article.text, article.published) == ("1", ARABIC, "2024-06-18T07:30:00")
    assert article.extra == {"tags": ["a"]}
    assert [(r.line, r.reason) for r in rejects] == [
        (2, "invalid UTF-8: 'text' at byte 0"),
        (3, "no text: 'text' is null"),
    ]


def test_parquet_from_a_pipe(tmp_path: Path) -> None:
    """Parquet, whose index stands at the end, is read from a stream too."""
    path = tmp_path / "news.parquet"
    pq.write_table(pa.table({"text": ["a", "b"]}), path)
    records, _ = read(path.read_bytes(), "parquet")
    assert [record.article.text for record in records] == ["a", "b"]


@pytest.mark.parametrize("extension", [".jsonl.gz", ".jsonl.zst", ".jsonl", ".ndjson"])
def test_compression(tmp_path: Path, extension: str) -> None:
    """Compressed files are read as what is in them, whatever their name says."""
    data = lines({"id": "1", "text": ARABIC}) * 1
    for packed in (data, gzip.compress(data), zstandard.compress(data)):
        path = tmp_path / f"news{extension}"
        path.write_bytes(packed)
        assert [article.text for article in read_articles(path)] == [ARABIC]


def test_concatenated_zstd(tmp_path: Path) -> None:
    """Every frame of a zstd file is read."""
    path = tmp_path / "news.jsonl.zst"
    path.write_bytes(b"".join(zstandard.compress(lines({"text": t})) for t in "abc"))
    assert [article.text for article in read_articles(path)] == ["a", "b", "c"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_damaged_file(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """A file that breaks off is reported, wherever it does; the next one is read."""
    whole = pack(lines(*({"id": str(n), "text": f"{n}" * 50} for n in range(5000))))
    (tmp_path / "a.jsonl").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.jsonl").write_bytes(whole[:-2])
    (tmp_path / "c.parquet").write_bytes(b"PAR1 but nothing more")
    (tmp_path / "d.jsonl").write_bytes(whole[:1000] + b"garbage" * 100 + whole[1000:])
    (tmp_path / "e.jsonl").write_bytes(lines({"id": "last", "text": "y"}))
    rejects: list[Reject] = []
    articles = list(read_articles(tmp_path, on_reject=rejects.append))
    assert articles[-1].id == "last"
    assert len(articles) > 1
    told = [(Path(r.file).stem, r.line) for r in rejects if r.reason.startswith("unreadable: ")]
    assert told == [("a", 0), ("b", 0), ("c", 0), ("d", 0)]


def test_text_file(tmp_path: Path) -> None:
    """A text file is an article as it stands, called after its path below the folder."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "000_4f75.txt").write_bytes("\ufeffأول\r\n\r\nسطر\n".encode())
    (tmp_path / "sub" / "b.TXT.gz").write_bytes(gzip.compress(b"two"))
    found = {article.id: article.text for article in read_articles(tmp_path)}
    assert found == {"000_4f75": "أول\r\n\r\nسطر\n", "sub/b": "two"}


def test_texts_of_one_name(tmp_path: Path) -> None:
    """Texts of one name in two folders are told apart by the folder."""
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(folder)
    articles = read_articles([tmp_path / "old", tmp_path / "new"])
    assert [article.id for article in articles] == ["x", "new/x.txt"]


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8),
    ending=st.sampled_from(["\n", "\r\n"]),
    ascii_only=st.booleans(),
)
def test_json_lines_law(texts: list[str], ending: str, ascii_only: bool) -> None:
    """Whatever is written as JSON Lines comes back as it was, and its bytes rebuild the file."""
    data = "".join(
        json.dumps({"text": text}, ensure_ascii=ascii_only) + ending for text in texts
    ).encode()
    records, rejects = read(data)
    assert not rejects
    assert [record.article.text for record in records] == texts
    assert b"".join(record.raw for record in records) == data
    assert len({record.article.id for record in records}) == len(texts)


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=8))
def test_csv_law(texts: list[str]) -> None:
    """Whatever is written as CSV comes back as it was, and its bytes rebuild the file."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL)
    writer.writerow(["text", "n"])
    writer.writerows([text, n] for n, text in enumerate(texts))
    data = sink.getvalue().encode()
    records, rejects = read(data, "csv")
    assert not rejects
    assert [record.article.text for record in records] == texts
    assert b'"text","n"\r\n' + b"".join(record.raw for record in records) == data


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """No bytes whatever make reading fail; every record is either read or rejected."""
    for file_format in ("jsonl", "csv", "tsv", "text"):
        records, rejects = read(data, file_format)
        for record in records:
            record.article.text.encode()
        assert all(reject.reason for reject in rejects)
