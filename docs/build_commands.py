"""Put the ``--help`` of every command into ``docs/commands.md``.

Run it after a change to a command; a test runs it too, and fails where the page differs.  The prose of
the page is written by hand, the blocks between ``<!-- help: ... -->`` and ``<!-- end -->`` by this.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from provenance.cli.main import cli

PAGE = Path(__file__).with_name("commands.md")

_BLOCK = re.compile(r"(<!-- help: (?P<command>.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def help_of(command: str) -> str:
    """Return what ``provenance COMMAND --help`` prints on a terminal of 80 columns."""
    program, *names = command.split()
    context = click.Context(cli, info_name=program, terminal_width=80, **cli.context_settings)
    found: click.Command = cli
    for name in names:
        group = found if isinstance(found, click.Group) else cli
        found = group.get_command(context, name) or click.Command(name)
        context = click.Context(found, info_name=name, parent=context, terminal_width=80)
    return found.get_help(context)


def build(page: str) -> str:
    """Return the page with every block as it should be."""

    def fill(block: re.Match[str]) -> str:
        text = help_of(block["command"])
        return f"{block[1]}```text\n$ {block['command']} --help\n{text}\n```\n{block[3]}"

    return _BLOCK.sub(fill, page)


if __name__ == "__main__":
    PAGE.write_text(build(PAGE.read_text("utf-8")), "utf-8")
