"""The figures that matching must hold on the evaluation data, where that is at hand."""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path

import pytest

from provenance.config import Profile
from provenance.index.candidates import candidate_pairs
from provenance.sketch.signatures import sketch_columns
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs

DATA = os.environ.get("PROVENANCE_DATA", "")
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA, reason="PROVENANCE_DATA does not name the evaluation data"),
]


def linked(name):
    """Linked pairs of identifiers of a set, and the identifiers of its texts."""
    with gzip.open(Path(DATA) / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    texts = [record["text"] for record in records]
    profile = Profile()
    columns = columns_of(texts)
    sketches = sketch_columns(columns, profile.sketch)
    pairs = candidate_pairs(sketches, profile.index)
    matches = match_pairs(pairs, sketches, columns, profile.verify, texts=texts)
    return {frozenset((records[m.a]["id"], records[m.b]["id"])) for m in matches}


def rows(name, file):
    with (Path(DATA) / name / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def test_planted_copies_are_found_and_nothing_else():
    """All twenty pairs, no other."""
    assert linked("planted") == {frozenset((r["a"], r["b"])) for r in rows("planted", "pairs.tsv")}


def test_reprints_are_linked():
    """Identical bodies cluster, and same headlines with a third of their words in common are linked."""
    links = linked("reprints")
    parent = {}

    def find(name):
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for link in links:
        a, b = map(find, sorted(link))
        parent[b] = a
    for group in rows("reprints", "identical.tsv"):
        assert len({find(name) for name in group["ids"].split()}) == 1
    for pair in rows("reprints", "pairs.tsv"):
        if float(pair["containment5"]) >= 0.3:
            assert frozenset((pair["a"], pair["b"])) in links
