"""Which files are read, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.errors import InputError, SettingError
from provenance.ingest.fields import parse_fields
from provenance.ingest.sources import expand_inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with articles of every kind, and other things."""
    for name in (
        "b.jsonl",
        "a.txt",
        "B.txt",
        "c/d/x.csv",
        "c/y.ndjson.zst",
        "z.parquet",
        "t.tsv.gz",
        "README.md",
        "data.json",
        "notes.gz",
        ".hidden.txt",
        ".git/config.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def names(inputs: list[str | Path], base: Path) -> list[str]:
    return [Path(s.name).relative_to(base).as_posix() for s in expand_inputs(inputs)]


def test_folder(folder: Path) -> None:
    """A folder gives its articles to the bottom, sorted, and nothing else."""
    assert names([folder], folder) == [
        "B.txt",
        "a.txt",
        "b.jsonl",
        "c/d/x.csv",
        "c/y.ndjson.zst",
        "t.tsv.gz",
        "z.parquet",
    ]


def test_formats(folder: Path) -> None:
    """The extension says how a file is read, below a compression."""
    formats = {s.stem: s.format for s in expand_inputs([folder])}
    assert formats == {
        "B": "text",
        "a": "text",
        "b": "jsonl",
        "c/d/x": "csv",
        "c/y": "jsonl",
        "t": "tsv",
        "z": "parquet",
    }


def test_pattern(folder: Path) -> None:
    """Patterns are expanded by us too, sorted; ``**`` goes through folders and skips strangers."""
    assert names([str(folder / "*.txt")], folder) == ["B.txt", "a.txt"]
    assert names([str(folder / "**")], folder) == names([folder], folder)


def test_order_and_repetition(folder: Path) -> None:
    """Inputs keep their order, and a file named twice is read once."""
    found = names([folder / "z.parquet", folder / "a.txt", str(folder / "?.txt")], folder)
    assert found == ["z.parquet", "a.txt", "B.txt"]


def test_name_like_a_pattern(tmp_path: Path) -> None:
    """A file that is there is itself, brackets or not."""
    (tmp_path / "a[1].txt").write_bytes(b"")
    assert names([str(tmp_path / "a[1].txt")], tmp_path) == ["a[1].txt"]


def test_format_over_extension(folder: Path) -> None:
    """``--format`` decides, and opens files of any name."""
    [source] = expand_inputs([folder / "data.json"], file_format="jsonl")
    assert source.format == "jsonl"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("missing.jsonl", "no such file"),
        ("*.nothing", "no such file"),
        ("data.json", "unknown extension '.json'; --format"),
        ("empty", "holds no article files"),
    ],
)
def test_unusable(folder: Path, name: str, complaint: str) -> None:
    """What cannot be read is said at once, with its name."""
    (folder / "empty").mkdir()
    (folder / "empty" / "README.md").write_bytes(b"")
    with pytest.raises(InputError, match=complaint.replace(".", r"\.")) as caught:
        expand_inputs([folder / name])
    assert caught.value.source == str(folder / name)


def test_fields() -> None:
    """``--map`` is read leniently in blanks and strictly in names."""
    assert parse_fields("") == {}
    assert parse_fields("text=content, publisher = source,") == {
        "text": "content",
        "publisher": "source",
    }
    for spec in ("text", "text=", "=x", "body=text"):
        with pytest.raises(SettingError):
            parse_fields(spec)
