"""Signatures in and out of datasketch."""

import attrs
import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH

from provenance.config import SketchSpec
from provenance.errors import FormatMismatch, MissingExtra
from provenance.sketch.exchange import from_minhash, to_minhash
from provenance.sketch.signatures import estimate_jaccard, sketch_texts

TEXT = "the ferry to the outer islands will sail twice a day from the first of march"
COPY = TEXT + " onwards"
SPEC = SketchSpec()


@pytest.fixture
def sketches():
    """A text, its near copy, and a stranger."""
    return sketch_texts([TEXT, COPY, "a stranger with entirely other words in it"], SPEC)


def test_there_and_back_changes_nothing(sketches):
    """A signature survives the way to datasketch and back, in both of its classes."""
    for row in sketches.signatures:
        minhash = to_minhash(row, SPEC)
        assert np.array_equal(from_minhash(minhash, SPEC), row)
        assert np.array_equal(from_minhash(LeanMinHash(minhash), SPEC), row)


def test_both_libraries_estimate_the_same(sketches):
    """Agreement of signatures is the same number on both sides."""
    first, second, _ = sketches.signatures
    theirs = to_minhash(first, SPEC).jaccard(to_minhash(second, SPEC))
    assert theirs == pytest.approx(float(estimate_jaccard(first, second)))


def test_an_index_of_datasketch_takes_our_signatures(sketches):
    """What is sketched here is found there."""
    index = MinHashLSH(threshold=0.5, num_perm=SPEC.permutations)
    for name, row in zip(("text", "stranger"), sketches.signatures[[0, 2]], strict=True):
        index.insert(name, to_minhash(row, SPEC))
    assert index.query(to_minhash(sketches.signatures[1], SPEC)) == ["text"]


@pytest.mark.parametrize("change", [{"seed": 2}, {"permutations": 64}])
def test_another_format_is_refused(change):
    """Seed and number of permutations must agree."""
    minhash = MinHash(num_perm=128, seed=1, scheme="affine32")
    with pytest.raises(FormatMismatch, match="datasketch signature"):
        from_minhash(minhash, attrs.evolve(SPEC, **change))


def test_without_the_library_the_extra_is_named(sketches, monkeypatch):
    """The error says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "datasketch", None)
    with pytest.raises(MissingExtra, match=r"news-provenance\[datasketch\]"):
        to_minhash(sketches.signatures[0], SPEC)
