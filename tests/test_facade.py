"""The package's front door: small, sorted, lazy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import provenance

HEAVY = ("numpy", "numba", "datasketch", "networkx", "scipy", "click", "rich", "jinja2", "pyarrow")


def test_importing_the_package_loads_nothing_heavy():
    """A fresh interpreter that imports the package holds none of the heavy libraries."""
    code = f"import sys, provenance; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_touched():
    """Each promised name loads, and is listed."""
    for name in provenance.__all__:
        assert getattr(provenance, name) is not None
    assert list(dir(provenance)) == sorted(provenance.__all__)


def test_names_for_types_and_for_loading_agree():
    """The block read by type checkers names what the lazy loader loads."""
    tree = ast.parse(Path(provenance.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == provenance._HOME
    assert sorted(typed) == sorted(provenance.__all__)


def test_an_unknown_name_is_refused():
    """A misspelled name is an AttributeError that says which."""
    with pytest.raises(AttributeError, match="nope"):
        provenance.nope  # noqa: B018
