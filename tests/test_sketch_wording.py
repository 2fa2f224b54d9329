"""Wording: what the columns of stems say about texts, against a plain reading of the same texts."""

import math
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.model import Mask
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.text.folding import fold_text
from provenance.text.stems import is_ideograph, language_group, stem_words

WORDS = [
    "الوزير",
    "وزير",
    "elections",
    "election",
    "Wahl",
    "2024",
    "国",
    "國",
    "会",
    "議",
    "データ",
    "で",
]
PARTS = st.sampled_from([*(f"{word} " for word in WORDS), *"国國会議", "، ", "\n"])
TEXTS = st.lists(st.lists(PARTS, max_size=25).map("".join), max_size=6)
LANGUAGES = ["ar", "en", "zh-TW", "zh", "ja", ""]


def worded(texts, languages, masks=()):
    return wording_of(columns_of(texts, masks), texts, languages)


def plainly(text, language):
    """Stem and span of each word, ideographs that touch each other in pairs: the oracle."""
    columns = columns_of([text])
    spans = list(zip(columns.starts.tolist(), columns.ends.tolist(), strict=True))
    stems = [
        stem_words([fold_text(text[start:end]).replace(" ", "")], language)[0]
        for start, end in spans
    ]
    found = []
    for place, (stem, (start, end)) in enumerate(zip(stems, spans, strict=True)):
        touched = [
            is_ideograph(stem) and is_ideograph(stems[other]) and spans[left][1] == spans[right][0]
            if 0 <= other < len(stems)
            else False
            for other, left, right in (
                (place - 1, place - 1, place),
                (place + 1, place, place + 1 if place + 1 < len(stems) else place),
            )
        ]
        if touched[1]:
            found.append((stem + stems[place + 1], start, spans[place + 1][1]))
        elif not touched[0]:
            found.append((stem, start, end))
    return found


def read(wording: Wording, text):
    part = slice(wording.offsets[text], wording.offsets[text + 1])
    columns = (wording.stems[part], wording.starts[part], wording.ends[part])
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=60)
@given(TEXTS, st.data())
def test_columns_agree_with_a_plain_reading(texts, data):
    """Types, spans and counts are those of stems read one by one; languages share no type."""
    languages = data.draw(
        st.lists(st.sampled_from(LANGUAGES), min_size=len(texts), max_size=len(texts))
    )
    wording = worded(texts, languages)
    types: dict[tuple[str, str], set[int]] = {}
    texts_with: dict[int, set[int]] = {}
    for number, (text, language) in enumerate(zip(texts, languages, strict=True)):
        expected = plainly(text, language)
        found = read(wording, number)
        assert [row[1:] for row in found] == [row[1:] for row in expected]
        for (type_, *_), (stem, *_) in zip(found, expected, strict=True):
            types.setdefault((language_group(language), stem), set()).add(type_)
            texts_with.setdefault(type_, set()).add(number)
    assert all(len(numbers) == 1 for numbers in types.values())
    assert len({min(numbers) for numbers in types.values()}) == len(types) == wording.weights.size
    counts = np.bincount(wording.stems, minlength=wording.weights.size)
    assert wording.occurrences.tolist() == counts.tolist() == sorted(counts, reverse=True)
    assert wording.holders.tolist() == [len(texts_with[type_]) for type_ in range(counts.size)]


@given(TEXTS)
def test_words_are_finer_than_stems(texts):
    """Equal words have equal stems, and the counts of texts that hold a word are right."""
    wording = worded(texts, ["ar"] * len(texts))
    stem_of = {}
    for word, stem in zip(wording.words.tolist(), wording.stems.tolist(), strict=True):
        assert stem_of.setdefault(word, stem) == stem
    assert sorted(stem_of) == list(range(wording.word_holders.size))
    texts_of = np.repeat(np.arange(len(texts)), np.diff(wording.offsets))
    held = {*zip(wording.words.tolist(), texts_of.tolist(), strict=True)}
    assert int(wording.word_holders.sum()) == len(held)


@given(TEXTS, st.randoms())
def test_types_do_not_depend_on_the_order_of_the_texts(texts, random):
    """The same texts in another order have the same stems, weights and counts."""
    order = list(range(len(texts)))
    random.shuffle(order)
    languages = [LANGUAGES[len(text) % len(LANGUAGES)] for text in texts]
    straight = worded(texts, languages)
    shuffled = worded([texts[place] for place in order], [languages[place] for place in order])
    for there, here in enumerate(order):
        assert read(shuffled, there) == read(straight, here)
    assert np.array_equal(straight.weights, shuffled.weights)
    assert np.array_equal(straight.holders, shuffled.holders)


def test_a_stem_weighs_less_the_more_texts_hold_it():
    """Of two stems of a language the one that more texts hold weighs less; a function word least."""
    texts = ["the minister met envoys", "the minister left", "the harbor", *["the rain"] * 97]
    wording = worded(texts, ["en"] * 100)
    weight = dict(zip(wording.stems.tolist(), wording.weights[wording.stems].tolist(), strict=True))
    the, minister, met, envoys = wording.stems[:4].tolist()
    assert weight[the] < weight[minister] < weight[met] == weight[envoys]
    assert weight[envoys] == pytest.approx(-math.log((1 + 100 * 0.003) / 200))


def test_articles_on_something_else_change_no_weight_of_a_few():
    """Below a hundred texts of a language only what is believed beforehand counts."""
    few = worded(["the minister met envoys"], ["en"])
    more = worded(["the minister met envoys", *["envoys of rain"] * 98], ["en"] * 99)
    for word in range(4):
        assert few.weights[few.stems[word]] == more.weights[more.stems[word]]


@pytest.mark.parametrize("language", ["ar", "en", "de", "es", "ru", "fa"])
def test_weights_of_a_handful_are_those_of_thousands(language):
    """A word of two texts in two weighs about as much as a word of two texts in two thousand."""
    few = worded(["zzyzx"] * 2, [language] * 2)
    many = worded(["zzyzx"] * 2 + ["qwrtp"] * 1998, [language] * 2000)
    ratio = many.weights[many.stems[0]] / few.weights[0]
    assert 1 < ratio < 2


def test_a_language_is_weighed_among_its_own_texts():
    """Texts in another language do not make a stem rarer."""
    alone = worded(["zebra"], ["en"])
    among = worded(["zebra", *["ثعلب"] * 500], ["en", *["ar"] * 500])
    assert among.weights[among.stems[0]] == alone.weights[0]


def test_masked_words_are_left_out():
    """A masked word has no stem, and its neighbors keep their spans."""
    text = "one masked three"
    wording = worded([text], ["en"], [[Mask(span=(4, 10), reason="credit")]])
    spans = zip(wording.starts.tolist(), wording.ends.tolist(), strict=True)
    assert [text[start:end] for start, end in spans] == ["one", "three"]


def test_ideographs_that_do_not_touch_stay_single():
    """Punctuation and other words part ideographs; marks between them do not change their spans."""
    text = "東京、東 京で会議"
    wording = worded([text], ["ja"])
    spans = zip(wording.starts.tolist(), wording.ends.tolist(), strict=True)
    assert [text[start:end] for start, end in spans] == ["東京", "東", "京", "で", "会議"]


def test_counts_must_agree():
    """Texts, languages and columns come in equal numbers."""
    columns = columns_of(["a", "b"])
    with pytest.raises(ValueError, match="columns of 2 texts, 1 texts, 2 languages"):
        wording_of(columns, ["a"], ["en", "en"])


def test_threads_agree():
    """Threads that stem the same new words at once find the same stems."""
    texts = [" ".join(f"walk{chr(97 + n)}{suffix}" for n in range(26)) for suffix in ("s", "ing")]
    results = [None] * 4

    def work(place):
        results[place] = worded(texts, ["en", "en"])

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(results[0].stems, other.stems) for other in results[1:])


def test_the_memory_for_words_is_bounded(monkeypatch):
    """Words beyond the bound are forgotten and found again."""
    monkeypatch.setattr("provenance.sketch.wording._REMEMBERED", 8)
    texts = [" ".join(f"w{chr(97 + n)}x{m}" for n in range(20)) for m in range(3)]
    first = worded(texts, ["en"] * 3)
    from provenance.sketch import wording

    assert len(wording._remembered) <= 8
    assert np.array_equal(first.stems, worded(texts, ["en"] * 3).stems)
