"""Words without what inflection adds: what two writers of one word in different sentences have in common.

The one door to stemmers.  Four ways, by language: a list of cuts (``data/affixes.tsv``) for Arabic, and
where Snowball has no stemmer or a poorer one; the algorithms of Snowball; the first six letters, where
words are inflected at the end and there is neither; else the word as it is.

Arabic inflects inside the word and writes particles onto it.  Cut down to its consonants, with one
article, preposition, prefix of a verb and ending less, a word meets its plural, its verb and its spelling
in dialect.  That joins words that have nothing to do with each other as well, so what counts stems must
not count on one of them: two independent translations are told from strangers by far more than with
Snowball's Arabic stemmer, and pairs of rare words are looked for among words as written.

A run of Japanese kana with a borrowed name in it is taken for the name.  Ideographs are mapped from
traditional to simplified (``data/simplified.tsv``), for Chinese is written in both.

Words come folded, so letters have lost their marks: the German stemmer sees ``baume``, and Hindi has no
vowel signs left to cut.  What matters is that two forms of a word meet, and they do.

Limits: no dictionary; roots that change their consonants stay apart.  ``snowballstemmer`` calls the C
library ``PyStemmer`` where that is installed: the same stems in a twentieth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from provenance.text.folding import fold_text

__all__ = ["is_ideograph", "language_group", "simplified_characters", "stem_words"]

#: Tags of one written language, by the tag that stands for all.
_GROUPS: Final = {
    **dict.fromkeys(("prs", "pes"), "fa"),
    **dict.fromkeys(("arz", "ary", "apc", "ajp", "acm", "aeb", "afb", "arb"), "ar"),
    **dict.fromkeys(("nb", "nn"), "no"),
    **dict.fromkeys(("yue", "cmn", "lzh"), "zh"),
    "iw": "he",
    "tl": "fil",
}

_SNOWBALL: Final = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}

#: Inflected at the end, without a stemmer for folded letters.
_INFLECTED: Final = frozenset(
    {"be", "bg", "bs", "hr", "kk", "ky", "lv", "mk", "sk", "sl", "sr", "uk"}
)
_LETTERS: Final = 6

_Step = tuple[str, int, tuple[str, ...]]
_BEGINNING, _ENDING, _INSIDE = "beginning", "ending", "inside"

_KATAKANA: Final = re.compile(
    "[\N{KATAKANA LETTER SMALL A}-\N{KATAKANA LETTER VO}"
    "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}]{2,}"
)

# First and last of the ideographs that folding makes words of their own.
_IDEOGRAPHS: Final = (
    ("\N{IDEOGRAPHIC ITERATION MARK}", "\N{IDEOGRAPHIC ITERATION MARK}"),
    ("\N{IDEOGRAPHIC NUMBER ZERO}", "\N{IDEOGRAPHIC NUMBER ZERO}"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\U00020000", "\U0003fffd"),
)


def language_group(language: str) -> str:
    """Return the tag under which words of a language are compared.

    >>> language_group("zh-Hant"), language_group("prs")
    ('zh', 'fa')
    """
    primary = language.split("-", maxsplit=1)[0].lower()
    return _GROUPS.get(primary, primary)


def is_ideograph(word: str) -> bool:
    """Tell whether a folded word is a single ideograph, which is a piece of a word at most."""
    return len(word) == 1 and any(first <= word <= last for first, last in _IDEOGRAPHS)


def stem_words(words: Sequence[str], language: str) -> list[str]:
    """Return the stem of each word.

    Args:
        words: Folded words (:func:`provenance.text.folding.fold_text`); best none twice, a stemmer in
            Python takes 10 to 100 microseconds a word.
        language: BCP 47 tag; empty if unknown.

    Returns:
        As many stems, none empty.

    >>> stem_words(["elections", "election", "2024"], "en")
    ['elect', 'elect', '2024']
    """
    simplify = simplified_characters()
    stem = _stemmer(language_group(language))
    return [
        simplify.get(word, word)
        if is_ideograph(word)
        else word
        if "0" <= word[0] <= "9"  # a number, in every language
        else stem(word) or word
        for word in words
    ]


def _stemmer(group: str) -> Callable[[str], str]:
    """Return the way of a language; a new one, for a Snowball stemmer has a state that threads spoil."""
    if group in _steps():
        steps = _steps()[group]
        return lambda word: _cut(word, steps)
    if group in _SNOWBALL:
        import snowballstemmer

        if _SNOWBALL[group] in snowballstemmer.algorithms():  # an old C library knows fewer
            stem: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[group]).stemWord
            return stem
    if group in _INFLECTED:
        return lambda word: word[:_LETTERS]
    return _borrowed if group == "ja" else str


def _cut(word: str, steps: Iterable[_Step]) -> str:
    for where, remainder, affixes in steps:
        if where == _INSIDE:
            shorter = word[0] + "".join(letter for letter in word[1:] if letter not in affixes)
            word = shorter if len(shorter) >= remainder else word
            continue
        for affix in affixes:
            if len(word) - len(affix) < remainder:
                continue
            if where == _BEGINNING and word.startswith(affix):
                word = word[len(affix) :]
                break
            if where == _ENDING and word.endswith(affix):
                word = word[: -len(affix)]
                break
    return word


def _borrowed(word: str) -> str:
    """Return the longest run of katakana, the name in a run of kana; the word if it has none."""
    return max(_KATAKANA.findall(word), key=len, default=word)


@cache
def _steps() -> dict[str, list[_Step]]:
    """What is cut of a language's words, in order: where, letters that must remain, folded affixes."""
    steps: dict[str, list[_Step]] = {}
    for language, where, remainder, affixes in _rows("affixes.tsv"):
        longest = sorted(map(fold_text, affixes.split()), key=len, reverse=True)
        steps.setdefault(language, []).append((where, int(remainder), tuple(longest)))
    return steps


@cache
def simplified_characters() -> dict[str, str]:
    """Return the simplified form of each traditional Chinese character that has one."""
    return {row[0]: row[1] for row in _rows("simplified.tsv")}


def _rows(name: str) -> list[list[str]]:
    text = files("provenance.text").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
