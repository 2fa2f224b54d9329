"""The pages about the command line say what it does."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import click

from provenance.cli.main import cli
from provenance.ingest.reading import Reject, read_articles

DOCS = Path(__file__).parent.parent / "docs"


def test_commands_page() -> None:
    """Every command is on the page, with its present help."""
    page = (DOCS / "commands.md").read_text("utf-8")
    assert page == runpy.run_path(str(DOCS / "build_commands.py"))["build"](page)
    documented = re.findall(r"<!-- help: provenance ?(.*) -->", page)
    expected = [""]
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        parts = command.commands if isinstance(command, click.Group) else ()
        expected += [name, *(f"{name} {part}" for part in parts)]
    assert documented == expected


def test_rejects_on_the_inputs_page(tmp_path: Path) -> None:
    """The reject shown on the page is one, and every reason in its table is given for something."""
    page = (DOCS / "inputs.md").read_text("utf-8")
    [shown] = re.findall(r"```json\n(.*)\n```", page)
    (tmp_path / "a.jsonl").write_bytes(
        b'{"text": "x", "id": "1"}\n{"text": "x", "id": "1"}\nnope\n[]\n{}\n{"text": "\xff"}\n'
        b'{"text": "x", "title": []}\n'
    )
    (tmp_path / "b.csv").write_bytes(b'id,text\n1\n2,"x"y\n')
    (tmp_path / "c.csv").write_bytes(b"\n")
    (tmp_path / "d.parquet").write_bytes(b"")
    rejects: list[Reject] = []
    list(read_articles(tmp_path, on_reject=rejects.append))
    reasons = {reject.reason.partition(":")[0] for reject in rejects}
    table = page.partition("| reason begins with |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", re.sub(r"\| [^|]*\|$", "", table, flags=re.M))) == reasons
    assert json.loads(shown)["reason"] in {reject.reason for reject in rejects}
    assert json.loads(shown).keys() == {"file", "line", "reason", "raw"}
