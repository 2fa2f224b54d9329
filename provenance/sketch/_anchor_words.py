"""What one word of a language gives: places and months it names, letters, consonants.

Everything here is done for many distinct words at once and once for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch._skeletons import LATIN_LANGUAGES, rows_of, script_of
from provenance.sketch.gazetteer import (
    COARSE,
    DELETION,
    KIND_BITS,
    NUMBER,
    SKELETON,
    WORD,
    gazetteer_of,
    key_of,
)
from provenance.text.columns import columns_of

__all__ = ["Keyed", "name_keys", "sizes_of", "word_keys"]

#: Hangul syllables; the classes of their initial and final consonants in the order of Unicode.
_HANGUL: Final = "\N{HANGUL SYLLABLE GA}", "\N{HANGUL SYLLABLE HIH}"
_INITIALS: Final = "KKNTTRMPPSS-SSSKTP-"
_FINALS: Final = "-KKKNNNTLKMLLLLLMPPTTNSSKTP-"
_VOWELS: Final = 21

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

#: A number between an Arabic or Hebrew preposition and letters; Korean powers of ten by their zeros.
_GLUED: Final = re.compile(r"(?=.*[^\W\d_])[^\W\d_]{0,2}(\d+)([^\W\d_]?)[^\W\d_]{0,4}")
_ZEROS: Final = {"\N{HANGUL SYLLABLE MAN}": "0" * 4, "\N{HANGUL SYLLABLE EOG}": "0" * 8}

_CASED: Final = frozenset({"latin", "cyrillic", "greek"})

#: How surely a word means a key: a capital marks a name, but in German every noun has one, and
#: scripts without capitals make any word one; lower case hardly is one.
_CAPITAL, _NOUN, _UNCASED, _LOWER = 1.0, 0.8, 0.8, 0.55
#: A Latin word in another script was worth keeping to its writer.
_KEPT = 1.2
#: An adjective is guessed by its beginning; a number word may be an article or a pronoun.
_GUESSED, _COUNTED = 0.8, 0.8
#: One consonant differs; or only the coarse classes were compared.
_SLIPPED, _COARSENED = 0.6, 0.7

#: Consonants of the shortest name, and of the shortest lower-case word taken for one.
_NAME, _LOWER_NAME = 3, 4
_LETTERS = 3  # of the shortest word kept in its own letters

#: Where the length of a skeleton with a class left out stands in its key.
_LENGTH_BITS: Final = np.uint64(48)


@attrs.frozen(kw_only=True, eq=False)
class Keyed:
    """Keys of W words in R rows.

    Attributes:
        owners: int64[R], number of the word.
        keys: uint64[R].
        factors: float32[R], how surely the word means the key.
        openers: uint64[W], token with which it may begin a name of several words, 0 for none.
    """

    owners: Ints
    keys: Keys
    factors: Floats
    openers: Keys


class _Rows:
    """Rows as they are found."""

    def __init__(self) -> None:
        self._owners: list[Ints] = []
        self._keys: list[Keys] = []
        self._factors: list[Floats] = []

    def add(self, owners: Any, keys: Any, factors: Any) -> None:
        self._owners.append(np.asarray(owners, np.int64))
        self._keys.append(np.asarray(keys, np.uint64))
        self._factors.append(np.broadcast_to(np.asarray(factors, np.float32), len(owners)))

    def keyed(self, openers: Keys) -> Keyed:
        return Keyed(
            owners=np.concatenate(self._owners),
            keys=np.concatenate(self._keys),
            factors=np.concatenate(self._factors),
            openers=openers,
        )


def word_keys(
    words: Sequence[str],
    found: Sequence[str],
    tokens: Keys,
    tongues: Ints,
    capital: npt.NDArray[np.bool_],
    languages: Sequence[str],
) -> Keyed:
    """Return what distinct words give.

    Args:
        words: Folded words.
        found: The same as they stand in a text.
        tokens: uint64[W], their token hashes.
        tongues: int64[W], number of each word's language.
        capital: bool[W], whether it begins with a capital letter.
        languages: Primary subtags.
    """
    rows = _Rows()
    spelled = [_in_known_letters(word, form) for word, form in zip(words, found, strict=True)]
    forms = _forms(spelled, tongues, tuple(languages))
    scripts = list(map(script_of, words))
    latin = np.fromiter((script == "latin" for script in scripts), np.bool_, len(words))
    cased = np.fromiter((script in _CASED for script in scripts), np.bool_, len(words))
    kept = latin & ~np.array([name in LATIN_LANGUAGES for name in languages], np.bool_)[tongues]
    capital = capital | kept
    german = np.array([name == "de" for name in languages], np.bool_)[tongues]
    by_case = np.where(capital, np.where(german, _NOUN, _CAPITAL), _LOWER)
    factors = np.where(cased, by_case, _UNCASED).astype(np.float32)

    digits = np.fromiter((word.isdigit() for word in words), np.bool_, len(words))
    numbers = np.flatnonzero(digits)
    rows.add(numbers, [number_key(words[w]) for w in numbers.tolist()], 1.0)
    _add_glued(rows, words)
    counted, openers = _named(rows, words, spelled, forms, tokens, tongues, digits, languages)
    plain = ~(counted | digits)
    long = np.fromiter((len(word) >= _LETTERS for word in words), np.bool_, len(words))
    letters = np.flatnonzero(plain & latin & capital & long)
    rows.add(
        letters,
        [key_of(WORD, words[w]) for w in letters.tolist()],
        np.where(kept[letters], _KEPT, factors[letters]),
    )
    owners, skeletons = forms.owners, forms.skeletons
    size = sizes_of(skeletons)
    shortest = np.where(cased & ~capital, _LOWER_NAME, _NAME)
    fit = plain[owners] & (size >= shortest[owners])
    _add_skeletons(rows, owners[fit], skeletons[fit], size[fit], factors[owners[fit]])
    return rows.keyed(openers)


def _add_glued(rows: _Rows, words: Sequence[str]) -> None:
    """Enter numbers that a letter is written onto: a preposition, an ordinal's ending, a unit."""
    found = [(w, match) for w, word in enumerate(words) if (match := _GLUED.fullmatch(word))]
    keys = [number_key(match[1] + _ZEROS.get(match[2], "")) for _, match in found]
    rows.add([w for w, _ in found], keys, _COUNTED)


def number_key(digits: str) -> int:
    """Return the key of a number in ASCII digits, perhaps with a decimal point."""
    return key_of(NUMBER, digits.lstrip("0") or "0")


def sizes_of(skeletons: Keys) -> Ints:
    """int64[R]: classes of each skeleton."""
    size = np.zeros(len(skeletons), np.int64)
    rest = skeletons.copy()
    while rest.any():
        size += rest > 0
        rest >>= np.uint64(4)
    return size


@lru_cache(maxsize=1 << 16)
def name_keys(name: str, language: str = "") -> tuple[tuple[int, float], ...]:
    """Return the keys of a folded name that stands beside the words of its text, and their factors."""
    forms = _forms([name], np.zeros(1, np.int64), (language,))
    size = sizes_of(forms.skeletons)
    fit = size >= _NAME
    rows = _Rows()
    _add_skeletons(
        rows,
        forms.owners[fit],
        forms.skeletons[fit],
        size[fit],
        np.full(int(fit.sum()), _UNCASED, np.float32),
    )
    keyed = rows.keyed(np.zeros(1, np.uint64))
    return tuple(zip(keyed.keys.tolist(), keyed.factors.tolist(), strict=True))


def _in_known_letters(word: str, found: str) -> str:
    """A folded word, in Latin letters where its own script has no table of consonants."""
    if (
        not word
        or script_of(word)
        or word.isdigit()
        or "\N{HIRAGANA LETTER SMALL A}" <= word[0] <= "\u9fff"
        or _HANGUL[0] <= word[0] <= _HANGUL[1]
    ):
        return word
    if "\N{DEVANAGARI SIGN INVERTED CANDRABINDU}" <= word[0] <= "\N{DEVANAGARI LETTER BBA}":
        return found  # folding drops the nasal mark with the vowel signs
    from anyascii import anyascii

    return str(anyascii(found)).lower()


@attrs.frozen(kw_only=True, eq=False)
class _Forms:
    """The forms of W words and the skeletons of these.

    Attributes:
        edges: int64[W, FORMS, 2], begin and end of each form in its word, -1 for none.
        skeletons: uint64[S].
        owners: int64[S].
    """

    edges: Ints
    skeletons: Keys
    owners: Ints


def _forms(words: Sequence[str], tongues: Ints, languages: tuple[str, ...]) -> _Forms:
    from provenance.sketch.name_kernels import FORMS, READINGS, read_names

    words = [word if max(word, default="") <= "\uffff" else "" for word in words]
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in words])]).astype(np.int64)
    points = np.frombuffer("".join(words).encode("utf-16-le", "replace"), np.uint16)
    forms = np.empty((len(words), FORMS, 2), np.int64)
    skeletons = np.empty(len(words) * FORMS * READINGS, np.uint64)
    owners = np.empty(len(skeletons), np.int64)
    affixes, edges, beginnings, endings = _affixes(languages)
    groups, readings, counts = _letters()
    count = read_names(
        points,
        offsets,
        tongues,
        affixes,
        edges,
        beginnings,
        endings,
        groups,
        readings,
        counts,
        forms,
        skeletons,
        owners,
    )
    inside = np.where(forms >= 0, forms - offsets[:-1, None, None], -1)
    return _Forms(edges=inside, skeletons=skeletons[:count], owners=owners[:count])


def _named(
    rows: _Rows,
    words: Sequence[str],
    spelled: Sequence[str],
    forms: _Forms,
    tokens: Keys,
    tongues: Ints,
    digits: npt.NDArray[np.bool_],
    languages: Sequence[str],
) -> tuple[npt.NDArray[np.bool_], Keys]:
    """Enter places, months and the like; tell which words are numbers, and which begin longer names."""
    owners, numbers = np.nonzero(forms.edges[:, 1:, 0] >= 0)
    cut = [
        spelled[w][slice(*forms.edges[w, form + 1])]
        for w, form in zip(owners.tolist(), numbers.tolist(), strict=True)
    ]
    columns = columns_of(cut)
    whole = np.diff(columns.offsets) == 1
    hashes = np.zeros(len(cut), np.uint64)
    hashes[whole] = columns.tokens[columns.offsets[:-1][whole]]
    readings: list[list[tuple[int, str]]] = [
        [reading] for reading in zip(tokens.tolist(), words, strict=True)
    ]
    for w, token, form in zip(owners.tolist(), hashes.tolist(), cut, strict=True):
        readings[w].append((token, form))

    known = [gazetteer_of(language) for language in languages]
    counted, openers = np.zeros(len(words), np.bool_), np.zeros(len(words), np.uint64)
    its, keys, factors = [], [], []
    for w, tongue in enumerate(tongues.tolist()):
        if digits[w]:
            continue
        names, factor = known[tongue], _CAPITAL
        openers[w] = next((token for token, _ in readings[w] if token in names.openers), 0)
        key = next((names.words[t] for t, _ in readings[w] if t in names.words), 0)
        if not key:
            key = next(filter(None, (names.adjective(form) for _, form in readings[w])), 0)
            factor = _GUESSED
        if key:
            counted[w] = key >> KIND_BITS == NUMBER
            its.append(w)
            keys.append(key)
            factors.append(_COUNTED if counted[w] else factor)
    rows.add(its, np.array(keys, np.uint64), np.array(factors, np.float32))
    return counted, openers


def _add_skeletons(rows: _Rows, owners: Ints, skeletons: Keys, size: Ints, factors: Floats) -> None:
    """Enter skeletons as they are, with each class left out, and in coarse classes."""
    from provenance.sketch.name_kernels import coarsened

    rows.add(owners, skeletons | np.uint64(SKELETON << KIND_BITS), factors)
    # One slip is forgiven: skeletons meet that differ by a class left out or exchanged.
    kind, weak = np.uint64(DELETION << KIND_BITS), factors * np.float32(_SLIPPED)
    rows.add(owners, skeletons | size.astype(np.uint64) << _LENGTH_BITS | kind, weak)
    for place in range(int(size.max(initial=0))):
        long = (size > _NAME) & (size > place)
        some, low = skeletons[long], np.uint64(4 * place)
        left = some >> (low + np.uint64(4)) << low | some & ((np.uint64(1) << low) - np.uint64(1))
        length = (size[long] - 1).astype(np.uint64) << _LENGTH_BITS
        rows.add(owners[long], left | length | kind, weak[long])
    classes = coarsened(skeletons)
    fit = sizes_of(classes) >= _NAME
    kind = np.uint64(COARSE << KIND_BITS)
    rows.add(owners[fit], classes[fit] | kind, factors[fit] * np.float32(_COARSENED))


@cache
def _affixes(languages: tuple[str, ...]) -> tuple[Any, ...]:
    """Beginnings and endings of languages, as the kernel reads them."""
    table = {cells[0]: (cells[1].split(), cells[2].split()) for cells in _affix_rows()}
    letters: list[str] = []
    edges = []
    for side in (0, 1):
        starts = [len(letters)]
        for language in languages:
            letters += table.get(language, ([], []))[side]
            starts.append(len(letters))
        edges.append(np.array(starts, np.int64))
    cuts = np.concatenate([[0], np.cumsum([len(affix) for affix in letters])]).astype(np.int64)
    return np.frombuffer("".join(letters).encode("utf-16-le"), np.uint16), cuts, *edges


def _affix_rows() -> Iterator[list[str]]:
    for cells in rows_of("name_affixes.tsv"):
        yield [*cells, "", ""][:3]


@cache
def _letters() -> tuple[Any, ...]:
    """Groups of letters with their readings, as the kernel reads them."""
    from provenance.sketch.name_kernels import CLASSES

    table = {}
    for _, letters, readings in rows_of("letters.tsv"):
        group = 0
        for letter in letters:
            group = group << 16 | ord(letter)
        table[group] = [
            [CLASSES.index(c) for c in reading.replace("-", "")] for reading in readings.split("|")
        ]
    for syllable in range(ord(_HANGUL[0]), ord(_HANGUL[1]) + 1):
        rest, final = divmod(syllable - ord(_HANGUL[0]), len(_FINALS))
        sounds = _INITIALS[rest // _VOWELS] + _FINALS[final]
        table[syllable] = [[CLASSES.index(c) for c in sounds.replace("-", "")]]
    groups = np.array(sorted(table), np.uint64)
    places, counts = np.zeros((len(groups), 3, 2), np.uint8), np.zeros(len(groups), np.int64)
    for row, group in enumerate(groups.tolist()):
        counts[row] = len(table[group])
        for choice, reading in enumerate(table[group]):
            places[row, choice, : len(reading)] = reading
    return groups, places, counts
