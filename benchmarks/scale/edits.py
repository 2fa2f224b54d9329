"""What happens to a text between its original and a copy of it.

An edit takes the words of the original, fresh words nobody else has, and a random generator, and
returns the words of the copy.  Words are numbers of a vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["CLUSTER", "KINDS", "RETYPED", "Kind", "measure_overlap", "retype_arabic"]

Words = NDArray[np.uint32]
Edit = Callable[[Words, Words, np.random.Generator], Words]


@attrs.frozen
class Kind:
    """A kind of copy.

    Attributes:
        edit: Makes the copy's words.
        fresh: Fresh words it may take: this many times the words of the original, and a few.
    """

    edit: Edit
    fresh: float = 0


#: Words of a shingle, for targets and for the overlap in the truth file.
_WIDTH = 3

#: Words of a passage that stands inside another text.
_PASSAGE = 60


def _exact(words: Words, _fresh: Words, _random: np.random.Generator) -> Words:
    return words


def _dateline(words: Words, fresh: Words, _random: np.random.Generator) -> Words:
    return np.concatenate([fresh[:4], words])


def _inserted(words: Words, fresh: Words, random: np.random.Generator) -> Words:
    return np.insert(words, random.integers(1, words.size), fresh[0])


def _tail_cut(words: Words, _fresh: Words, _random: np.random.Generator) -> Words:
    return words[: words.size - round(words.size * 0.08)]


def _half_cut(words: Words, _fresh: Words, _random: np.random.Generator) -> Words:
    return words[: words.size // 2]


def _replaced(share: float) -> Edit:
    def edit(words: Words, fresh: Words, random: np.random.Generator) -> Words:
        count = max(1, round(words.size * share))
        changed = words.copy()
        changed[random.choice(words.size, count, replace=False)] = fresh[:count]
        return changed

    return edit


def _moved(words: Words, _fresh: Words, random: np.random.Generator) -> Words:
    """A fifth of the text, somewhere in its second half, becomes the beginning."""
    size = words.size // 5
    start = int(random.integers(words.size // 2, words.size - size + 1))
    paragraph = words[start : start + size]
    return np.concatenate([paragraph, words[:start], words[start + size :]])


def _similar(jaccard: float) -> Edit:
    """Of two texts of n shingles each, 2J / (1 + J) of n in common make Jaccard J.

    What is common stands in one to four runs, in their order, with fresh words before, between and
    behind them, because a copy that keeps half of a text rarely keeps it in one piece.
    """

    def edit(words: Words, fresh: Words, random: np.random.Generator) -> Words:
        shingles = words.size - _WIDTH + 1
        common = round(shingles * 2 * jaccard / (1 + jaccard))
        # A run needs two words more than it has shingles, and a fresh word before the next one.
        runs = int(min(random.integers(1, 5), max(1, (words.size - common) // _WIDTH)))
        sizes = _parts(common, runs, random) + _WIDTH - 1
        gaps = _parts(words.size - int(sizes.sum()) - (runs - 1), runs + 1, random)
        gaps[1:-1] += 1
        pieces, at, taken = [], 0, 0
        for size, gap in zip([*sizes.tolist(), 0], gaps.tolist(), strict=True):
            pieces.append(fresh[taken : taken + gap])
            at, taken = at + gap, taken + gap
            pieces.append(words[at : at + size])
            at += size
        return np.concatenate(pieces)

    return edit


def _parts(total: int, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Cut a number into so many, at random."""
    cuts = np.sort(random.integers(0, total + 1, count - 1))
    return np.diff(cuts, prepend=0, append=total)


def _excerpt(words: Words, _fresh: Words, random: np.random.Generator) -> Words:
    """A passage of the text stands alone."""
    size = min(words.size, max(_PASSAGE, words.size // 4))
    start = int(random.integers(0, words.size - size + 1))
    return words[start : start + size]


def _embedded(words: Words, fresh: Words, random: np.random.Generator) -> Words:
    """The whole text stands within twice as many fresh words."""
    before = int(random.integers(1, 2 * words.size))
    return np.concatenate([fresh[:before], words, fresh[before : 2 * words.size]])


def _clustered(words: Words, fresh: Words, random: np.random.Generator) -> Words:
    """What becomes of a wire item in many hands: own dateline, own cut, a few own words."""
    words = words[: words.size - int(random.integers(0, words.size // 10))]
    return _dateline(_replaced(0.01)(words, fresh[4:], random), fresh, random)


#: Kind whose copies are altered letter by letter, see :func:`retype_arabic`.
RETYPED = "retyped"

#: Kind of the members of one large cluster.
CLUSTER = "cluster"

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "exact": Kind(_exact),
        "dateline": Kind(_dateline),
        "inserted": Kind(_inserted),
        "tail_cut": Kind(_tail_cut),
        "replaced_1": Kind(_replaced(0.01), 0.01),
        "replaced_5": Kind(_replaced(0.05), 0.05),
        "moved": Kind(_moved),
        "half_cut": Kind(_half_cut),
        "jaccard_8": Kind(_similar(0.8), 1),
        "jaccard_5": Kind(_similar(0.5), 1),
        "jaccard_3": Kind(_similar(0.3), 1),
        "excerpt": Kind(_excerpt),
        "embedded": Kind(_embedded, 2),
        RETYPED: Kind(_exact),
        CLUSTER: Kind(_clustered, 0.01),
    }
)


def measure_overlap(a: Words, b: Words) -> tuple[float, float]:
    """Return Jaccard similarity, and the share of the smaller set, of word shingles as planted.

    Words count as they are written here, so that this does not rest on what is to be measured with it.
    """
    first, second = _shingles(a), _shingles(b)
    shared = np.intersect1d(first, second, assume_unique=True).size
    return (
        shared / max(1, first.size + second.size - shared),
        shared / max(1, min(first.size, second.size)),
    )


def _shingles(words: Words) -> NDArray[np.uint64]:
    wide = words.astype(np.uint64)
    bits = np.uint64(21)  # two million words of a vocabulary, and three of them in 64 bits
    return np.unique(wide[:-2] << (bits + bits) | wide[1:-1] << bits | wide[2:])


_HABITS = tuple(
    str.maketrans(dict(zip(written, typed, strict=True)))
    for written, typed in (
        # Hamza left out.
        (
            "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}",
            "\N{ARABIC LETTER ALEF}" * 2,
        ),
        ("\N{ARABIC LETTER ALEF WITH MADDA ABOVE}", "\N{ARABIC LETTER ALEF}"),
        # Final letters that look alike on paper.
        ("\N{ARABIC LETTER TEH MARBUTA}", "\N{ARABIC LETTER HEH}"),
        ("\N{ARABIC LETTER ALEF MAKSURA}", "\N{ARABIC LETTER YEH}"),
        # A Persian keyboard.
        (
            "\N{ARABIC LETTER YEH}\N{ARABIC LETTER KAF}",
            "\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER KEHEH}",
        ),
        # Digits and commas of the other side.
        ("0123456789", "".join(chr(0x0660 + digit) for digit in range(10))),
        ("".join(chr(0x0660 + digit) for digit in range(10)), "0123456789"),
        ("\N{ARABIC COMMA}", ","),
    )
)

#: Put behind letters here and there: what stretches a line, and what helps reading aloud.
_ADDED = (
    "\N{ARABIC TATWEEL}",
    "\N{ARABIC FATHA}",
    "\N{ARABIC DAMMA}",
    "\N{ARABIC KASRA}",
    "\N{ARABIC SHADDA}",
)
_FIRST_LETTER, _LAST_LETTER = "\N{ARABIC LETTER BEH}", "\N{ARABIC LETTER MEEM}"


def retype_arabic(text: str, random: np.random.Generator) -> str:
    """Return the text as somebody else types it: the same words, other letters, marks and digits."""
    for habit in _HABITS:
        if random.random() < 0.6:
            text = text.translate(habit)
    letters = list(text)
    for place in random.integers(0, len(letters), len(letters) // 50).tolist():
        if _FIRST_LETTER <= letters[place][0] <= _LAST_LETTER:
            letters[place] += _ADDED[random.integers(len(_ADDED))]
    return "".join(letters)
