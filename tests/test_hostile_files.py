"""Folders, streams and disks as they should not be: the commands say so in a line, and lose nothing."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TEXT = (
    "The harbor board closed both northern piers on Monday after divers found cracks below the "
    "water line, and said that ferries would leave from the old fish market for now."
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two copies, to stand in."""
    monkeypatch.chdir(tmp_path)
    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text(TEXT)
    (news / "b.txt").write_text(TEXT)
    return news


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "provenance", *arguments],
        capture_output=True,
        text=True,
        errors="surrogateescape",  # names of files are bytes
        check=False,
        timeout=120,
        **options,
    )


def _dangling(news: Path) -> None:
    (news / "c.txt").symlink_to("nowhere")


def _circle(news: Path) -> None:
    (news / "again").symlink_to("..")


def _pipe(news: Path) -> None:
    os.mkfifo(news / "c.txt")


def _undecodable(news: Path) -> None:
    (news / os.fsdecode(b"\xff\xfe.txt")).write_text(TEXT)


@pytest.mark.parametrize("spoil", [_dangling, _circle, _pipe, _undecodable])
@pytest.mark.parametrize("command", ["trace", "dedupe", "attribute"])
def test_odd_files_in_a_folder_stop_nothing(
    folder: Path, command: str, spoil: Callable[[Path], None]
) -> None:
    """The others are read; what cannot be read is told."""
    spoil(folder)
    output = [] if command == "attribute" else ["-o", "out"]
    done = run(command, "news", *output)
    assert done.returncode == 0, done.stderr
    assert ("unreadable" in done.stderr) == (spoil is _dangling)


def test_closed_streams_are_empty(folder: Path) -> None:
    """Nothing to read from is no article; nowhere to write to is no error."""
    line = json.dumps({"id": "a", "text": TEXT})
    (folder / "c.jsonl").write_text(f"{line}\n")
    for arguments, closed, said in (
        ("dedupe -", "<&-", "there is no article"),
        ("dedupe news/c.jsonl", ">&-", "1 articles"),
        ("dedupe news/c.jsonl", "2>&-", ""),
    ):
        done = subprocess.run(
            ["sh", "-c", f'exec "{sys.executable}" -m provenance {arguments} {closed}'],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stderr


def test_halves_of_characters_are_printed() -> None:
    """On a terminal that takes nothing but its encoding, too."""
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = run("attribute", "--text", os.fsdecode(b"LONDON (Reuters) - \xff"), env=strict)
    assert done.returncode == 0, done.stderr
    assert "\\udcff" in done.stdout


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@pytest.mark.parametrize("command", ["trace", "dedupe"])
def test_a_full_disk_leaves_no_half_file(command: str) -> None:
    """One line says why; what stood there before stands there still."""
    Path("out").mkdir()
    lines = [json.dumps({"id": f"{n}", "text": f"{TEXT} {n}" * (n + 1)}) for n in range(30)]
    Path("many.jsonl").write_text("\n".join(lines))
    target = "out" if command == "trace" else "out/kept.jsonl"
    done = run(command, "many.jsonl", "-o", target, preexec_fn=_small_files)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    left = [path for path in Path("out").iterdir() if path.stat().st_size]
    assert all(path.suffix == ".jsonl" for path in left)
    for path in left:
        for line in path.read_text().splitlines():
            json.loads(line)
    assert not Path("out/run.json").exists()
