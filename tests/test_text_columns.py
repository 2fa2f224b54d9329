"""Columns: token hashes and spans, equal to the reference on either road."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.model import Mask
from provenance.testing.strategies import texts
from provenance.text.columns import columns_of
from provenance.text.folding import fold_text

EMOJI = "\N{GRINNING FACE}"
WAW = "\N{ARABIC LETTER WAW}"
MASK_64 = (1 << 64) - 1


def word_hash(word):
    """Return the hash of a folded word as docs/sketch.md defines it."""
    base = 0x9E3779B97F4A7C15
    value = sum(ord(c) * pow(base, j + 1, 1 << 64) for j, c in enumerate(word))
    value &= MASK_64
    value ^= value >> 32
    value = value * 0xD6E8FEB86659FD93 & MASK_64
    return value ^ value >> 32


def tokens(text):
    return columns_of([text]).tokens.tolist()


def spans(text):
    columns = columns_of([text])
    return list(zip(columns.starts.tolist(), columns.ends.tolist(), strict=True))


LONG = [
    "قال الرئيس " * 4000,  # several pieces
    WAW + " " * 40_000 + "قال",  # a waw whose word lies in another piece
    ("ا" * 60 + " ") * 400,
    "ا" * 20_000,  # one word longer than a piece
    "\u064b" * 20_000 + "ا",
    "中" * 20_000,
    "نص " * 8000 + EMOJI + " نص" * 8000,
    "\ufdfa" * 3000,  # more words than characters
]


@settings(deadline=None)  # the first call loads compiled code
@given(texts())
@example("و" + "\ufdfa")
@example("가\u11a8")
@example("ᄀ\u0301ᅡ\u0301ᆨ")
@example("\U00011134" + WAW)
def test_words_are_those_of_the_reference(text):
    """Token hashes are the hashes of the words of ``fold_text``."""
    assert tokens(text) == [word_hash(word) for word in fold_text(text).split()]


@settings(deadline=None)  # the first call loads compiled code
@given(texts())
@example(WAW)
def test_roads_agree(text):
    """A text that an emoji sends the long road has the tokens and spans of the short one."""
    assert tokens(text) == tokens(text + " " + EMOJI)
    assert spans(text + " ") == spans(text + " " + EMOJI)


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_long_texts(text):
    """Pieces, and words longer than a piece, change nothing."""
    assert tokens(text) == [word_hash(word) for word in fold_text(text).split()]
    assert spans(text + " ") == spans(text + " " + EMOJI)


@settings(deadline=None)  # the first call loads compiled code
@given(texts())
def test_spans_slice_to_the_word(text):
    """A span cuts out of the original what folds to the word.

    A character that spells several words is the span of each of them.
    """
    words = fold_text(text).split()
    for word, (start, end) in zip(words, spans(text), strict=True):
        slice_words = fold_text(text[start:end]).split()
        assert word in slice_words
        if len(slice_words) > 1:
            assert any(len(fold_text(char).split()) > 1 for char in text[start:end])


@settings(deadline=None)  # the first call loads compiled code
@given(texts())
def test_spans_are_in_order(text):
    """Spans are not empty, lie in the text, and do not overlap unless one character spells both."""
    found = spans(text)
    assert all(0 <= start < end <= len(text) for start, end in found)
    for (_, end), (start, _) in itertools.pairwise(found):
        assert end <= start or len(fold_text(text[start]).split()) > 1


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("قَالَ الرئيسُ.", ["قَالَ", "الرئيسُ"]),
        ("قال و الرئيس", ["قال", "و الرئيس"]),
        ("قال و .", ["قال", "و"]),
        (EMOJI + " قال و .", ["قال", "و"]),
        ("  a\u00ad-b\u200f ", ["a\u00ad", "b\u200f"]),
        ("\u200fقال", ["قال"]),
        ("中国", ["中", "国"]),
        (EMOJI + " 𝔘𝔫𝔦 x", ["𝔘𝔫𝔦", "x"]),
        ("a\ud83d\ude00b", ["a", "b"]),  # two lone surrogates are two code points
        ("3½", ["3", "½", "½"]),
    ],
)
def test_span_of_a_word(text, cuts):
    """A span runs from the first letter to the separator, in code points."""
    assert [text[start:end] for start, end in spans(text)] == cuts


@settings(deadline=None)  # the first call loads compiled code
@given(st.lists(texts(max_size=20), max_size=8))
def test_texts_do_not_touch(batch):
    """Texts in one call have the columns that each has alone."""
    columns = columns_of(batch)
    assert columns.offsets.size == len(batch) + 1
    for number, text in enumerate(batch):
        cut = slice(*columns.offsets[number : number + 2])
        alone = columns_of([text])
        np.testing.assert_array_equal(columns.tokens[cut], alone.tokens)
        np.testing.assert_array_equal(columns.starts[cut], alone.starts)
        np.testing.assert_array_equal(columns.ends[cut], alone.ends)


def test_many_texts():
    """More texts than are packed at once come out in order."""
    batch = [f"article {number} " + "word " * (number % 90) for number in range(9000)]
    columns = columns_of(batch)
    sizes = np.diff(columns.offsets)
    assert sizes.tolist() == [2 + number % 90 for number in range(9000)]
    assert columns.tokens[columns.offsets[:-1] + 1].tolist() == [
        word_hash(str(number)) for number in range(9000)
    ]


def test_no_texts():
    """No texts have columns of no words."""
    columns = columns_of([])
    assert columns.tokens.size == columns.starts.size == columns.ends.size == 0
    assert columns.offsets.tolist() == [0]


MASKS = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)).map(sorted), max_size=4)


@settings(deadline=None)  # the first call loads compiled code
@given(st.lists(st.tuples(texts(max_size=25), MASKS), max_size=4))
def test_masked_words_are_left_out(batch):
    """A word stays if and only if it shares no code point with a mask of its text."""
    masks = [
        [Mask(span=(start, end), reason="x") for start, end in of_text] for _, of_text in batch
    ]
    columns = columns_of([text for text, _ in batch], masks)
    for number, (text, of_text) in enumerate(batch):
        covered = {place for start, end in of_text for place in range(start, end)}
        whole = columns_of([text])
        kept = [
            (token, start, end)
            for token, start, end in zip(whole.tokens, whole.starts, whole.ends, strict=True)
            if covered.isdisjoint(range(start, end))
        ]
        cut = slice(*columns.offsets[number : number + 2])
        arrays = (columns.tokens[cut], columns.starts[cut], columns.ends[cut])
        assert list(zip(*arrays, strict=True)) == kept


def test_masks_must_match_texts():
    """Masks for another number of texts are refused."""
    with pytest.raises(ValueError, match="2 texts and masks for 1"):
        columns_of(["a", "b"], [()])
