"""Hypothesis strategies for the texts that break text processing.

:func:`texts` mixes what news contains with what only adversaries and broken scrapers write: marks in
runs, ligatures of several words, presentation forms, Hangul letters, astral letters, emoji, lone
surrogates and NUL.  :func:`articles` makes plausible running text, whose words repeat, for laws about
likeness.
"""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["articles", "texts", "words"]

_BLANKS = " \n\t\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}\N{ZERO WIDTH SPACE}\N{LINE SEPARATOR}"
_INVISIBLE = (
    "\N{SOFT HYPHEN}\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\N{RIGHT-TO-LEFT MARK}"
    "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH NO-BREAK SPACE}"
    "\N{HANGUL FILLER}\N{ARABIC TATWEEL}\N{VARIATION SELECTOR-16}"
)
_SPELLED = (
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}\N{ARABIC LIGATURE JALLAJALALOUHOU}"
    "\N{ARABIC LIGATURE LAM WITH ALEF ISOLATED FORM}\N{ARABIC LIGATURE ALLAH ISOLATED FORM}"
    "\N{RIAL SIGN}\N{VULGAR FRACTION ONE HALF}\N{LATIN SMALL LIGATURE FFI}"
    "\N{LATIN SMALL LETTER SHARP S}\N{SQUARE CORPORATION}\N{PARENTHESIZED DIGIT ONE}"
    "\N{TRADE MARK SIGN}\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}\N{HORIZONTAL ELLIPSIS}"
)
_ASTRAL = (
    "\N{GRINNING FACE}\N{MATHEMATICAL FRAKTUR CAPITAL U}\N{MATHEMATICAL BOLD DIGIT SEVEN}"
    "\N{ADLAM CAPITAL LETTER ALIF}\N{CJK UNIFIED IDEOGRAPH-20000}\N{REGIONAL INDICATOR SYMBOL LETTER S}"
    "\N{ARABIC MATHEMATICAL ALEF}\N{VARIATION SELECTOR-17}"
)
_PUNCTUATION = (
    ".,;:!?\"'()-/%\N{ARABIC COMMA}\N{ARABIC SEMICOLON}\N{ARABIC QUESTION MARK}«»\N{EN DASH}"
)

_RANGES = [
    (0x0000, 0x007F),  # ASCII with its controls
    (0x00A0, 0x024F),  # Latin
    (0x0300, 0x0345),  # combining marks
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x0590, 0x05F4),  # Hebrew with points
    (0x0600, 0x06FF),  # Arabic with vowels and signs
    (0x0750, 0x077F),
    (0x0900, 0x097F),  # Devanagari
    (0x0E00, 0x0EDF),  # Thai, Lao
    (0x1100, 0x11FF),  # Hangul letters
    (0x2000, 0x206F),  # spaces, dashes, directions
    (0x2100, 0x218F),  # letter-like signs, fractions, Roman numerals
    (0x3000, 0x30FF),  # kana
    (0x4E00, 0x4EFF),  # ideographs
    (0xAC00, 0xAD00),  # Hangul syllables
    (0xD800, 0xDFFF),  # lone surrogates
    (0xF900, 0xF9FF),  # compatibility ideographs
    (0xFB00, 0xFDFF),  # ligatures
    (0xFE00, 0xFFFF),  # presentation forms, half and full width, noncharacters
    (0x10000, 0x10FFFF),
]


def _characters() -> st.SearchStrategy[str]:
    named = "".join(
        [_BLANKS, _INVISIBLE, _SPELLED, _ASTRAL, _PUNCTUATION, "\N{ARABIC LETTER WAW} "]
    )
    ranges = [st.integers(first, last).map(chr) for first, last in _RANGES]
    return st.one_of(st.sampled_from(named), st.sampled_from(_BLANKS), *ranges)


def texts(*, max_size: int = 60) -> st.SearchStrategy[str]:
    """Return a strategy for any text at all, weighted towards what goes wrong.

    Args:
        max_size: Characters at most.
    """
    return st.text(_characters(), max_size=max_size)


def words() -> st.SearchStrategy[str]:
    """Return a strategy for words of one script, Arabic most often, without separators."""
    arabic = [chr(code) for code in range(0x0621, 0x064B) if code not in range(0x063B, 0x0640)]
    latin = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    cyrillic = [chr(code) for code in range(0x0430, 0x0450)]
    scripts = [arabic, arabic, latin, cyrillic]
    return st.one_of([st.text(st.sampled_from(s), min_size=2, max_size=8) for s in scripts])


def articles(*, min_words: int = 20, max_words: int = 80) -> st.SearchStrategy[str]:
    """Return a strategy for running text over a small vocabulary.

    Args:
        min_words: Words at least.
        max_words: Words at most.
    """
    separators = st.sampled_from([" ", " ", " ", ", ", ". ", "\n", "\N{ARABIC COMMA} "])
    return st.lists(words(), min_size=5, max_size=40).flatmap(
        lambda vocabulary: st.lists(
            st.tuples(st.sampled_from(vocabulary), separators).map("".join),
            min_size=min_words,
            max_size=max_words,
        ).map("".join)
    )
