"""``provenance dedupe``: one copy stays, as it stood, where it stood."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance.cli.main import main

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run ``provenance dedupe`` in an empty folder, and return its exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*arguments: str | Path, stdin: bytes = b"") -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main(["dedupe", *map(str, arguments)])
        assert isinstance(left.value.code, int)
        return left.value.code

    return run


#: Odd spacing and escapes, which a rewritten line would lose.
NEWS = [
    b'{"id":"1",  "text": "\\u0642\\u0627\\u0644", "n": 1.50}\n',
    b'{"id":"2","text":"b","published":"2024-02-01"}\r\n',
    b'{"text": "\xd9\x82\xd8\xa7\xd9\x84", "id":"3"}\n',
    b'{"id":"4","text":"B","published":"2024-01-01"}\n',
    b'{"id":"5","text":"c"}',
]


def test_keeps_bytes_and_order(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Kept lines are printed byte for byte, in input order; a missing last line end is added."""
    assert run("-", stdin=b"".join(NEWS)) == 0
    out, err = capfdbinary.readouterr()
    assert out == NEWS[0] + NEWS[1] + NEWS[4] + b"\n"
    first, groups, seconds = err.splitlines()[-3:]  # a first run says before that it compiles
    assert first == b"5 articles, 2 of them copies of others"
    assert groups == b"  groups   2: 2 of 2"
    assert seconds.startswith(b"  seconds ")


def test_keep_earliest(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """``--keep earliest`` keeps the earlier copy, at its own place."""
    assert run("-", "--keep", "earliest", "-q", stdin=b"".join(NEWS)) == 0
    assert capfdbinary.readouterr() == (NEWS[0] + NEWS[3] + NEWS[4] + b"\n", b"")


def test_annotate(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """``--annotate`` keeps every record and adds one key, without touching the others."""
    assert run("-", "--annotate", stdin=b"".join(NEWS)) == 0
    printed = capfdbinary.readouterr().out.splitlines(keepends=True)
    for line, given in zip(printed, NEWS, strict=True):
        assert line.startswith(given.rstrip().removesuffix(b"}") + b',"_prov":')
        assert line.endswith(b"\r\n") == given.endswith(b"\r\n")
        before = json.loads(given)
        assert {k: v for k, v in json.loads(line).items() if k != "_prov"} == before
    assert [json.loads(line)["_prov"] for line in printed] == [
        {"group": "1", "kept": True, "size": 2},
        {"group": "2", "kept": True, "size": 2},
        {"group": "1", "kept": False, "size": 2},
        {"group": "2", "kept": False, "size": 2},
        {"group": "5", "kept": True, "size": 1},
    ]


def test_annotate_again(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """An annotation of an earlier run is replaced, not repeated."""
    assert run("-", "--annotate", stdin=b'{"id":"1","text":"a","_prov":{"old":1}}\n') == 0
    line = capfdbinary.readouterr().out
    assert line.count(b"_prov") == 1
    assert json.loads(line)["_prov"]["group"] == "1"


def test_removed(run: Run, tmp_path: Path) -> None:
    """``--removed`` gets what is not kept, with the record it is a copy of."""
    (tmp_path / "in.jsonl").write_bytes(b"".join(NEWS))
    assert run("in.jsonl", "-o", "out.jsonl", "--removed", "gone.jsonl") == 0
    gone = [json.loads(line) for line in (tmp_path / "gone.jsonl").read_bytes().splitlines()]
    assert [(r["id"], r["_prov"]["group"]) for r in gone] == [("3", "1"), ("4", "2")]
    assert run("in.jsonl", "--annotate", "--removed", "gone.jsonl") == 2


def test_exit_code(run: Run) -> None:
    """``--exit-code`` tells by the status whether there are duplicates."""
    assert run("-", "--exit-code", stdin=b"".join(NEWS)) == 4
    assert run("-", "--exit-code", stdin=NEWS[0]) == 0


def test_min_overlap(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """``--min-overlap`` sets from which overlap on a text is a copy, and beats ``--set``."""
    words = [f"word{n}" for n in range(100)]
    texts = [" ".join(words), " ".join(words[:72])]  # 70 of 98 shingles
    lines = b"".join(b'{"text":"%s"}\n' % text.encode() for text in texts)
    for overlap, kept in (("0.65", 1), ("0.75", 2)):
        options = ("--min-overlap", overlap, "--set", "verify.whole=0.7", "-q")
        assert run("-", *options, stdin=lines) == 0
        assert capfdbinary.readouterr().out.count(b"\n") == kept
    assert run("-", "--min-overlap", "0", stdin=NEWS[0]) == 2


def test_in_place(run: Run, tmp_path: Path) -> None:
    """Input and output may be one file: it is replaced when all is read."""
    path = tmp_path / "news.jsonl"
    path.write_bytes(b"".join(NEWS))
    assert run(path, "-o", path) == 0
    assert path.read_bytes() == NEWS[0] + NEWS[1] + NEWS[4] + b"\n"
    assert [p.name for p in tmp_path.iterdir()] == ["news.jsonl"]


def test_several_files(run: Run, tmp_path: Path) -> None:
    """Copies are found across files; a byte order mark does not wander into the middle."""
    (tmp_path / "a.jsonl").write_bytes(NEWS[4])
    (tmp_path / "b.jsonl").write_bytes(b"\xef\xbb\xbf" + NEWS[0] + NEWS[2])
    assert run("a.jsonl", "b.jsonl", "-o", "out.jsonl.gz") == 0
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == NEWS[4] + b"\n" + NEWS[0]


def test_bad_records(run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Bad records are told, written to --rejects, counted against --max-errors, and left out."""
    data = NEWS[0] + b"nope\n" + NEWS[0] + NEWS[4]
    options = ("-o", "out.jsonl", "--rejects", "bad.jsonl")
    assert run("-", *options, "--max-errors", "2", stdin=data) == 0
    assert (tmp_path / "out.jsonl").read_bytes() == NEWS[0] + NEWS[4] + b"\n"
    bad = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_bytes().splitlines()]
    assert [(r["file"], r["line"], r["raw"]) for r in bad] == [
        ("-", 2, "nope"),
        ("-", 3, NEWS[0].decode().rstrip()),
    ]
    assert "warning: -:2: not JSON" in capfd.readouterr().err
    assert run("-", *options, "--max-errors", "1", stdin=data) == 3
    assert (tmp_path / "out.jsonl").exists()


def test_strict(run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """``--strict`` stops at the first bad record and writes nothing."""
    assert run("-", "--strict", "-o", "out.jsonl", stdin=NEWS[0] + b"nope\n") == 1
    assert not (tmp_path / "out.jsonl").exists()
    assert capfd.readouterr().err.startswith("error: -:2: not JSON")


def test_csv(run: Run, tmp_path: Path) -> None:
    """Tables stay tables: header and kept rows byte for byte, an annotation as one more column."""
    header, *rows = (b'id,"text"\r\n', b'1,"a\n""b"""\r\n', b'2,"A\n""B"""\r\n', b"3,c")
    (tmp_path / "in.csv").write_bytes(b"\xef\xbb\xbf" + header + b"".join(rows))
    assert run("in.csv", "-o", "out.csv") == 0
    assert (tmp_path / "out.csv").read_bytes() == header + rows[0] + rows[2] + b"\n"
    assert run("in.csv", "--annotate", "-o", "out.csv") == 0
    lines = (tmp_path / "out.csv").read_bytes()
    assert lines.startswith(b'id,"text",_prov\r\n1,"a\n""b""","{""group"":""1"",')
    assert run("out.csv", "--annotate", "-o", "twice.csv") == 1


def test_tables_with_different_columns(run: Run, tmp_path: Path) -> None:
    """Tables that do not fit together are refused as a table, and written as JSON Lines."""
    (tmp_path / "a.csv").write_bytes(b"id,text\n1,a\n")
    (tmp_path / "b.csv").write_bytes(b"text,id,desk\nb,2,x\n")
    assert run("a.csv", "b.csv", "-o", "out.csv") == 1
    assert not (tmp_path / "out.csv").exists()
    assert run("a.csv", "b.csv", "-o", "out.jsonl") == 0
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert written == [{"id": "1", "text": "a"}, {"id": "2", "text": "b", "desk": "x"}]


def test_parquet(run: Run, tmp_path: Path) -> None:
    """Parquet keeps its schema and the kept rows."""
    table = pa.table(
        {
            "id": pa.array([1, 2, 3, 4], pa.int32()),
            "text": ["a", "A", None, "b"],
            "tags": pa.array([["x"], [], None, ["y", "z"]], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=2)
    assert run("in.parquet", "-o", "out.parquet", "--removed", "gone.parquet") == 0
    assert pq.read_table(tmp_path / "out.parquet").equals(table.take([0, 3]))
    [gone] = pq.read_table(tmp_path / "gone.parquet").to_pylist()
    assert (gone["id"], json.loads(gone["_prov"])["group"]) == (2, "1")


def test_parquet_without_a_row_kept(run: Run, tmp_path: Path) -> None:
    """An empty result is a valid file with the columns of the input."""
    table = pa.table({"id": ["1"], "text": ["a"]})
    pq.write_table(table, tmp_path / "in.parquet")
    assert run("in.parquet", "-o", "out.parquet", "--removed", "gone.parquet") == 0
    gone = pq.read_table(tmp_path / "gone.parquet")
    assert (gone.num_rows, gone.column_names) == (0, ["id", "text", "_prov"])
    assert run("gone.parquet", "-o", "none.parquet") == 0
    assert pq.read_table(tmp_path / "none.parquet").schema == gone.schema
    assert run("gone.parquet", "--annotate", "-o", "twice.parquet") == 1


def test_parquet_from_standard_input(
    run: Run, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Parquet goes through a pipe in both directions."""
    pq.write_table(pa.table({"text": ["a", "A", "b"]}), tmp_path / "in.parquet")
    data = (tmp_path / "in.parquet").read_bytes()
    assert run("-", "--format", "parquet", stdin=data) == 0
    printed = pq.read_table(io.BytesIO(capfdbinary.readouterr().out))
    assert printed.to_pylist() == [{"text": "a"}, {"text": "b"}]


def test_texts(run: Run, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A folder of texts gives a folder of texts, or JSON Lines on standard output."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_bytes("خبر\r\n".encode())
    (tmp_path / "in" / "sub" / "b.txt").write_bytes("خبر\r\n".encode())
    (tmp_path / "in" / "sub" / "c.txt").write_bytes(b"other")
    assert run("in", "-o", "out") == 0
    kept = {
        p.relative_to(tmp_path / "out").as_posix(): p for p in (tmp_path / "out").rglob("*.txt")
    }
    assert sorted(kept) == ["a.txt", "sub/c.txt"]
    assert kept["a.txt"].read_bytes() == "خبر\r\n".encode()
    capfdbinary.readouterr()
    assert run("in") == 0
    printed = capfdbinary.readouterr().out.splitlines()
    assert [json.loads(line)["id"] for line in printed] == ["a", "sub/c"]


def test_mixed_formats(run: Run, tmp_path: Path) -> None:
    """Inputs of several formats come out as JSON Lines."""
    (tmp_path / "a.txt").write_bytes(b"one")
    (tmp_path / "b.jsonl").write_bytes(b'{"id":"x","content":"two","text":"teaser"}\n')
    assert run("a.txt", "b.jsonl", "-o", "out.jsonl") == 0
    assert run("a.txt", "b.jsonl", "-o", "out.csv") == 2
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert written == [
        {"id": "a", "text": "one"},
        {"id": "x", "text": "teaser", "content": "two"},
    ]


@pytest.mark.parametrize("option", ["-o", "--removed", "--rejects"])
def test_missing_folder(run: Run, option: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A file in a folder that is not there is wrong usage, before any work is done."""
    assert run("-", option, "missing/file.jsonl", stdin=NEWS[0]) == 2
    captured = capfd.readouterr()
    assert not captured.out
    assert "there is no folder 'missing'" in captured.err


def test_device_is_not_replaced(run: Run) -> None:
    """Writing to a device writes to it, and does not put a file in its place."""
    assert run("-", "-o", "/dev/null", stdin=NEWS[0]) == 0
    assert Path("/dev/null").is_char_device()


def lines_of(*texts: str) -> bytes:
    """JSON Lines of articles without anything else."""
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)


def test_keep_longest_counts_characters(
    run: Run, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Marks count as code points, not as bytes; a longer one in bytes alone does not stay."""
    plain, marked, dashed = "خبر عاجل", "خَبر عاجل", "خبر عاجل ———"
    assert run("-", "--keep", "longest", "-q", stdin=lines_of(plain, marked, dashed)) == 0
    assert capfdbinary.readouterr().out == lines_of(dashed)
    wide, long = "a!\N{IDEOGRAPHIC SPACE}\N{PARTY POPPER}", "a!!!!!"
    assert run("-", "--keep", "longest", "-q", stdin=lines_of(wide, long)) == 0
    assert capfdbinary.readouterr().out == lines_of(long)


@pytest.mark.parametrize("jobs", ["1", "2", "7"])
def test_output_does_not_depend_on_jobs(run: Run, tmp_path: Path, jobs: str) -> None:
    """Any number of threads writes the same bytes."""
    texts = [" ".join(f"w{n}x{k % 97}" for k in range(40)) for n in [*range(300), *range(200)]]
    (tmp_path / "in.jsonl").write_bytes(lines_of(*texts) * 20)
    assert run("in.jsonl", "-o", "out.jsonl", "--jobs", jobs) == 0
    written = (tmp_path / "out.jsonl").read_bytes()
    assert written == lines_of(*dict.fromkeys(texts))


def test_against(run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What another corpus holds already is dropped, and that corpus is not written."""
    (tmp_path / "old.jsonl").write_bytes(NEWS[0] + NEWS[4])
    (tmp_path / "new.jsonl").write_bytes(b"".join(NEWS))
    options = ("-o", "out.jsonl", "--removed", "gone.jsonl", "--keep", "longest")
    assert run("new.jsonl", "--against", "old.jsonl", *options) == 0
    assert (tmp_path / "out.jsonl").read_bytes() == NEWS[1]
    gone = [json.loads(line) for line in (tmp_path / "gone.jsonl").read_bytes().splitlines()]
    assert [(r["id"], r["_prov"]["group"]) for r in gone] == [
        ("1", "1"),
        ("3", "1"),
        ("4", "2"),
        ("5", "5"),
    ]
    assert "5 articles, 4 of them copies of others or of 2 known ones" in capfd.readouterr().err
    assert run("new.jsonl", "--against", "missing.jsonl", "-o", "out.jsonl") == 2


def test_summary_as_json(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """``--json`` prints the figures where no article is in their way."""
    data = b"".join(NEWS) + b"\nnope\n"
    assert run("-", "-o", "out.jsonl", "--json", stdin=data) == 0
    summary = json.loads(capfdbinary.readouterr().out)
    assert {**summary, "seconds": sorted(summary["seconds"])} == {
        "articles": 5,
        "kept": 3,
        "removed": 2,
        "known": 0,
        "groups": [{"least": 2, "most": 2, "groups": 2}],
        "rejected": {"not JSON": 1},
        "seconds": ["joining", "reading", "verifying", "writing"],
    }
    assert run("-", "--json", stdin=data) == 2


def test_damaged_compression(run: Run, tmp_path: Path) -> None:
    """What could be read of a file that breaks off is deduplicated; the break is told."""
    texts = [" ".join(f"w{n}x{k * k % 1009}" for k in range(60)) for n in range(3000)]
    packed = gzip.compress(lines_of(*texts, *texts))
    (tmp_path / "in.jsonl.gz").write_bytes(packed[: len(packed) * 3 // 4])
    assert run("in.jsonl.gz", "-o", "out.jsonl", "--rejects", "bad.jsonl") == 0
    assert (tmp_path / "out.jsonl").read_bytes() == lines_of(*texts)
    [bad] = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_bytes().splitlines()]
    assert bad["reason"].startswith("unreadable")


def test_a_file_that_changes_meanwhile(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ranges of bytes of another file are never written."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"".join(NEWS))
    from provenance.engine import joining

    groups = joining.CopyFinder.groups

    def meanwhile(self: Any, on_stage: Any) -> Any:
        path.write_bytes(b"".join(reversed(NEWS[:4])) * 2)
        return groups(self, on_stage)

    monkeypatch.setattr(joining.CopyFinder, "groups", meanwhile)
    assert run(path, "-o", "out.jsonl") == 1
    assert "changed while it was read" in capfd.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_killed_run_leaves_nothing_that_stays(run: Run, tmp_path: Path) -> None:
    """``kill -9`` while writing: no file of the final name, and the next run clears up and says so."""
    text = " ".join(f"w{n}" for n in range(200))
    (tmp_path / "in.jsonl").write_bytes(lines_of(*(f"{n} {text} {n}" for n in range(50))))
    program = textwrap.dedent(
        """
        import os, signal
        from provenance.cli import rewriting
        from provenance.cli.main import main

        def killed(*_arguments):
            os.kill(os.getpid(), signal.SIGKILL)

        rewriting.read_ranges = killed
        main(["dedupe", "in.jsonl", "-o", "out.jsonl"])
        """
    )
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == -signal.SIGKILL
    left = [path.name for path in tmp_path.iterdir() if path.name != "in.jsonl"]
    assert len(left) == 1
    assert left[0].startswith(".out.jsonl.")
    noted = subprocess.run(
        [sys.executable, "-m", "provenance", "dedupe", "in.jsonl", "-o", "out.jsonl"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stderr
    assert f"removed {left[0]}, which an interrupted run left" in noted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
    assert (tmp_path / "out.jsonl").read_bytes() == lines_of(f"0 {text} 0")


def test_what_a_running_process_writes_is_left_alone(run: Run, tmp_path: Path) -> None:
    """A file beside the output that somebody is still writing is none of our business."""
    theirs = tmp_path / f".out.jsonl.{os.getppid()}-0123abcd.part"
    theirs.write_bytes(b"half")
    assert run("-", "-o", "out.jsonl", stdin=NEWS[0]) == 0
    assert theirs.read_bytes() == b"half"


def test_annotate_an_escaped_key(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """An old annotation is found under any spelling of its key, and a text that names it is none."""
    lines = [rb'{"text":"a","\u005fprov":1}', rb'{"text":"b _prov \u0062"}']
    assert run("-", "--annotate", "-q", stdin=b"\n".join(lines)) == 0
    first, second = capfdbinary.readouterr().out.splitlines()
    assert b"u005f" not in first
    assert json.loads(first)["_prov"]["kept"]
    assert second.startswith(lines[1][:-1] + b',"_prov":')


def test_progress_tells_rate_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a second of a stage a person learns how fast it goes and how long it will take."""
    from provenance.cli import session as module

    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    monkeypatch.setattr(module.Session, "_on_terminal", lambda _self: True)
    session = module.Session()
    shown = []
    for seconds, stage, done, total, share in (
        (0.0, "reading", 1, 0, 0.1),
        (50.0, "reading", 123_456, 0, 0.25),
        (60.0, "verifying", 0, 4_000, 0.0),
        (120.0, "verifying", 3_000, 4_000, 0.0),
        (200.0, "verifying", 3_001, 4_000_000, 0.0),
    ):
        now = 100.0 + seconds
        session.advance(stage, done, total, share=share)
        shown.append(capsys.readouterr().err.removeprefix("\r\x1b[K"))
    assert shown == [
        "reading: 1",
        "reading: 123,456, 2,500 a second, 2 min 30 s left",
        "verifying: 0 of 4,000",
        "verifying: 3,000 of 4,000, 50 a second, 20 s left",
        "verifying: 3,001 of 4,000,000, 21 a second, 51 h 47 min left",
    ]
