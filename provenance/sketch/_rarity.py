"""How rare a key is before any corpus is known.

Five articles are no corpus to count words in.  Short words are common and long ones rare in every
language, numbers of few digits recur, skeletons of few consonants collide: shares of texts estimated
from kind and length alone.  Words without content of their own are left out altogether.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files

from provenance.text.folding import fold_text

__all__ = ["fold_word", "function_words", "name_prior", "number_prior", "stem_prior"]


def fold_word(word: str) -> str:
    """Return the folded form of one token, which stays one token."""
    return fold_text(word).replace(" ", "")


def number_prior(value: str) -> float:
    """Return the share of texts that hold a number of this many characters."""
    return (0.3, 0.1, 0.03)[len(value) - 1] if len(value) <= 3 else 0.02


def name_prior(consonants: int) -> float:
    """Return the share of texts that hold a skeleton of this length: eleven classes collide often."""
    return max(0.0015, 0.12 * math.exp(-1.1 * (min(consonants, 8) - 3)))


def stem_prior(letters: int) -> float:
    """Return the share of texts that hold a word of this length."""
    return max(0.01, 0.12 * math.exp(-0.3 * (letters - 2)))


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the folded words of a language that say nothing about a text's subject."""
    table = json.loads(
        files("provenance.text").joinpath("data", "languages.json").read_text(encoding="utf-8")
    )
    words = {
        word
        for languages in table["scripts"].values()
        for word in languages.get(language, {"words": ""})["words"].split()
    }
    return frozenset(map(fold_word, words))
