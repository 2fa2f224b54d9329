"""Sketches: equal to datasketch, and the laws of MinHash."""

import hashlib
import json
import math
from pathlib import Path

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import SketchSpec
from provenance.errors import FormatMismatch, SettingError
from provenance.sketch.signatures import (
    EMPTY_SLOT,
    estimate_jaccard,
    sketch_buffers,
    sketch_columns,
    sketch_texts,
)
from provenance.testing.strategies import articles, texts
from provenance.text.columns import columns_of
from provenance.text.folding import FOLDING_VERSION

SPEC = SketchSpec()
GOLDEN = Path(__file__).with_name("golden_sketch.json")


def shingles_of(sketches, number):
    return sketches.shingles[slice(*sketches.offsets[number : number + 2])]


def same(left, right):
    np.testing.assert_array_equal(left.signatures, right.signatures)
    np.testing.assert_array_equal(left.shingles, right.shingles)
    np.testing.assert_array_equal(left.offsets, right.offsets)


def oracle(hashes, spec=SPEC):
    """Return what datasketch makes of shingle hashes."""
    minhash = datasketch.MinHash(
        num_perm=spec.permutations, seed=spec.seed, scheme=spec.scheme, hashfunc=int
    )
    minhash.update_batch(hashes.tolist())
    return minhash.hashvalues


@settings(deadline=None)  # the first call loads compiled code
@given(st.lists(texts(), max_size=5))
def test_roads_agree(batch):
    """Strings, columns and UTF-8 buffers have one sketch."""
    sketches = sketch_texts(batch)
    same(sketches, sketch_columns(columns_of(batch), SPEC))
    parts = [text.encode("utf-8", "surrogatepass") for text in batch]
    offsets = np.cumsum([0, *map(len, parts)])
    same(sketches, sketch_buffers(np.frombuffer(b"".join(parts), np.uint8), offsets))


@settings(deadline=None)  # the first call loads compiled code
@given(
    articles(),
    st.integers(1, 200),
    st.integers(0, 2**32 - 1),
    st.integers(1, 6),
)
def test_bit_identical_to_datasketch(text, permutations, seed, width):
    """Signatures are those of ``datasketch.MinHash`` over the same shingle hashes."""
    spec = SketchSpec(permutations=permutations, seed=seed, width=width)
    sketches = sketch_texts([text], spec)
    assert sketches.signatures.dtype == oracle(sketches.shingles, spec).dtype
    np.testing.assert_array_equal(sketches.signatures[0], oracle(sketches.shingles, spec))


def test_signature_loads_into_datasketch():
    """A stored row becomes a MinHash that compares with others."""
    rows = sketch_texts(["one two three four five six", "one two three four five seven"]).signatures
    left, right = (
        datasketch.MinHash(hashvalues=row, seed=SPEC.seed, scheme=SPEC.scheme) for row in rows
    )
    assert left.jaccard(right) == estimate_jaccard(*rows)


@pytest.mark.parametrize("size", range(6))
def test_few_words(size):
    """A text has a shingle for every full width of words, or one of all its words."""
    sketches = sketch_texts([" ".join("abcdef"[:size])])
    assert sketches.shingles.size == [0, 1, 1, 1, 2, 3][size]
    assert (size == 0) == bool((sketches.signatures == EMPTY_SLOT).all())


def test_short_texts_differ():
    """Texts shorter than a shingle are equal only if their words are."""
    batch = ["", "خبر", "خبر عاجل", "عاجل خبر", "خبر خبر", "خبر عاجل جدا"]
    sketches = sketch_texts(batch)
    assert np.unique(sketches.signatures, axis=0).shape[0] == len(batch)
    assert np.unique(sketches.shingles).size == len(batch) - 1


@settings(deadline=None)  # the first call loads compiled code
@given(articles(), articles())
def test_signature_of_union_is_minimum(left, right):
    """The signature of united shingle sets is the elementwise minimum."""
    sketches = sketch_texts([left, right])
    union = np.union1d(shingles_of(sketches, 0), shingles_of(sketches, 1))
    np.testing.assert_array_equal(np.minimum(*sketches.signatures), oracle(union))


@settings(deadline=None)  # the first call loads compiled code
@given(articles(), st.integers(1, 5))
def test_repetition_does_not_matter(text, times):
    """A text with its own paragraphs again, joined by shingles it has, keeps its signature."""
    looped = text + " " + text  # has the shingles across the seam
    repeated = sketch_texts([looped, " ".join([text] * (times + 1))])
    np.testing.assert_array_equal(*repeated.signatures)


@settings(deadline=None)  # the first call loads compiled code
@given(articles(), st.randoms())
def test_order_does_not_matter(text, random):
    """Shingles in another order have the same signature."""
    sketches = sketch_texts([text])
    shuffled = sketches.shingles.tolist()
    random.shuffle(shuffled)
    np.testing.assert_array_equal(sketches.signatures[0], oracle(np.array(shuffled)))


def test_estimate_within_four_sigma():
    """Over texts of every likeness the estimate stays within four standard deviations."""
    stream = np.random.default_rng(7)
    vocabulary = np.array([f"word{number}" for number in range(5000)])
    base = stream.choice(vocabulary, 400)
    batch = [" ".join(base)]
    for share in np.linspace(0, 1, 101):
        edited = np.where(stream.random(400) < share**2, stream.choice(vocabulary, 400), base)
        batch.append(" ".join(edited))
    sketches = sketch_texts(batch)
    first = shingles_of(sketches, 0)
    seen = []
    for number in range(1, len(batch)):
        other = shingles_of(sketches, number)
        exact = np.intersect1d(first, other).size / np.union1d(first, other).size
        estimate = estimate_jaccard(sketches.signatures[0], sketches.signatures[number])
        sigma = math.sqrt(exact * (1 - exact) / SPEC.permutations)
        # Half a slot, for likenesses so close to 0 or 1 that sigma is less than a slot.
        assert abs(estimate - exact) <= 4 * sigma + 0.5 / SPEC.permutations
        seen.append(exact)
    assert min(seen) < 0.02
    assert max(seen) > 0.9


def test_shingles_can_be_left_out():
    """Without shingles the rest is the same, and offsets still count them."""
    batch = ["one two three four", "", "five"]
    full, bare = sketch_texts(batch), sketch_texts(batch, keep_shingles=False)
    np.testing.assert_array_equal(full.signatures, bare.signatures)
    np.testing.assert_array_equal(full.offsets, bare.offsets)
    assert bare.shingles.size == 0


def test_text_of_millions_of_characters():
    """A text that outgrows the buffers is sketched like any other."""
    text = "a b " * 200_000 + "\ufdfa" * 30_000
    same(sketch_texts([text]), sketch_columns(columns_of([text]), SPEC))
    octets = np.frombuffer(text.encode(), np.uint8)
    same(sketch_texts([text]), sketch_buffers(octets, np.array([0, octets.size])))


@settings(deadline=None)  # the first call loads compiled code
@given(st.binary(max_size=200))
def test_any_bytes_are_safe(data):
    """Bytes that are not UTF-8 are sketched without a crash, and like themselves."""
    octets = np.frombuffer(data, np.uint8)
    offsets = np.array([0, octets.size // 2, octets.size])
    same(sketch_buffers(octets, offsets), sketch_buffers(octets, offsets))


@pytest.mark.parametrize("offsets", [[], [0, 5], [-1, 2], [0, 2, 1]])
def test_offsets_outside_the_buffer_are_refused(offsets):
    """Offsets that do not rise within the buffer are refused before anything is read."""
    with pytest.raises(ValueError, match="offsets must rise"):
        sketch_buffers(np.zeros(4, np.uint8), np.array(offsets, np.int64))


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (SketchSpec(scheme="legacy"), SettingError),
        (SketchSpec(permutations=0), SettingError),
        (SketchSpec(width=0), SettingError),
        (SketchSpec(seed=-1), SettingError),
        (SketchSpec(folding=FOLDING_VERSION + 1), FormatMismatch),
    ],
)
def test_impossible_formats_are_refused(spec, error):
    """A format that this version cannot make is refused by every entry."""
    with pytest.raises(error):
        sketch_texts(["a"], spec)
    with pytest.raises(error):
        sketch_columns(columns_of(["a"]), spec)


def test_signatures_of_different_length_do_not_compare():
    """Comparing signatures of two formats raises."""
    left = sketch_texts(["a"]).signatures[0]
    with pytest.raises(FormatMismatch):
        estimate_jaccard(left, left[:64])


def golden():
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", golden()["cases"], ids=lambda case: case["name"])
def test_golden_vectors(case):
    """Token hashes, shingle hashes and signatures are what they were when the version was named."""
    assert golden()["folding"] == FOLDING_VERSION == SPEC.folding
    columns = columns_of([case["text"]])
    sketches = sketch_columns(columns, SPEC)
    assert [f"{token:016x}" for token in columns.tokens] == case["tokens"]
    assert [f"{shingle:08x}" for shingle in sketches.shingles] == case["shingles"]
    digest = hashlib.sha256(sketches.signatures[0].astype("<u4").tobytes()).hexdigest()
    assert digest == case["signature_sha256"]
