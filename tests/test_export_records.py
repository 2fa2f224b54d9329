"""Files appear when they are complete, or stay as they were."""

from __future__ import annotations

import gzip
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from provenance.export.records import replacing, write_json, write_lines, write_text


def failing() -> Iterator[dict[str, int]]:
    yield {"a": 1}
    raise RuntimeError


def test_lines(tmp_path: Path) -> None:
    """One record a line, keys in their order, text as it is."""
    path = tmp_path / "out.jsonl"
    assert write_lines(path, [{"b": "خبر\n", "a": [1, 2]}, {}]) == 2
    assert path.read_text("utf-8") == '{"b":"خبر\\n","a":[1,2]}\n{}\n'


def test_json_and_text(tmp_path: Path) -> None:
    """A value is written readably, a text byte for byte."""
    write_json(tmp_path / "run.json", {"counts": {"articles": 2}})
    assert (tmp_path / "run.json").read_text() == '{\n  "counts": {\n    "articles": 2\n  }\n}\n'
    write_text(tmp_path / "page.html", "a\r\nb")
    assert (tmp_path / "page.html").read_bytes() == b"a\r\nb"


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    """When writing fails, the old file stays and nothing lies beside it."""
    path = tmp_path / "out.jsonl"
    with pytest.raises(RuntimeError):
        write_lines(path, failing())
    assert list(tmp_path.iterdir()) == []
    path.write_text("old")
    with pytest.raises(RuntimeError):
        write_lines(path, failing())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_not_seen_before_it_is_complete(tmp_path: Path) -> None:
    """Until the end, the final name shows the old content."""
    path = tmp_path / "out.txt"
    path.write_text("old")
    with replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_two_writers(tmp_path: Path) -> None:
    """Two writers of one name do not mix; the later one wins."""
    path = tmp_path / "out.txt"
    with replacing(path) as second:
        with replacing(path) as first:
            first.write(b"first")
        second.write(b"second")
    assert path.read_text() == "second"
    assert list(tmp_path.iterdir()) == [path]


def test_link_and_mode(tmp_path: Path) -> None:
    """A symbolic link stays one, and a new file has the usual permissions."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "file.txt")
    write_text(tmp_path / "link.txt", "x")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "file.txt").read_text() == "x"
    plain = tmp_path / "plain.txt"
    plain.write_text("")
    expected = stat.S_IMODE(plain.stat().st_mode)
    assert stat.S_IMODE((tmp_path / "real" / "file.txt").stat().st_mode) == expected


def test_compressed(tmp_path: Path) -> None:
    """The extension compresses, and the same records give the same bytes."""
    records = [{"n": n} for n in range(100)]
    for name, unpack in (
        ("a.jsonl.gz", gzip.decompress),
        ("a.jsonl.zst", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ):
        write_lines(tmp_path / name, records)
        first = (tmp_path / name).read_bytes()
        assert [json.loads(line) for line in unpack(first).splitlines()] == records
        write_lines(tmp_path / name, records)
        assert (tmp_path / name).read_bytes() == first


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there is an error of the system, with its name."""
    with pytest.raises(FileNotFoundError, match="missing"):
        write_text(tmp_path / "missing" / "out.txt", "x")
