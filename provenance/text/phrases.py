"""The phrases that web pages put around articles, and how a line is held against them.

The list is curated in ``seeds/catalogue/furniture.csv``, one phrase a row with its language, reason and
way of matching, and compiled by ``seeds/build_furniture.py`` into ``data/furniture.json``.  Ways:

* ``line``: the line is the phrase and nothing else;
* ``last``: the same, among the last lines of the text only;
* ``start``: the line begins with it, and the whole line goes; a colon that ends the phrase is required;
* ``lead``: the line begins with it, and the phrase alone goes;
* ``from``: the line begins with it, and everything to the end of the text goes;
* ``rest``: it stands anywhere, and the rest of the line goes.

Lines and phrases are compared folded, and every run of digits counts as one zero.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import Literal, get_args

import attrs
import orjson

from provenance.errors import SettingError
from provenance.model import Mask, Span
from provenance.text.layout import Line, fold_line, line_number

__all__ = ["WAYS", "Phrase", "Way", "phrase_spans", "phrases_by_word"]

Way = Literal["line", "last", "start", "lead", "from", "rest"]
WAYS: tuple[Way, ...] = get_args(Way)

# Labels that carry their own content; a sentence of an article does not begin so.
_SURE = frozenset({"comment_form", "copyright", "columnist", "embed", "end_mark"})
_LABEL_END = re.compile(r"\s*[:|\N{FULLWIDTH COLON}]")
# An item of the article's own list, not the label of a list.
_ITEM = re.compile(r"[-*\N{BULLET}\N{EN DASH}]\s*\w[^-*]*$")
# A longer line that begins like a notice is a paragraph.
_NOTICE = 250
# How many headlines a list of related articles has, and how near the end a closing line stands.
_LIST = 12
_LAST = 4


@attrs.frozen(kw_only=True)
class Phrase:
    """One phrase of page furniture.

    Attributes:
        words: Folded words.
        way: How it is matched and what it takes along; see the module.
        reason: Reason code of the mask.
        colon: A colon, bar or line end must follow.
    """

    words: tuple[str, ...]
    way: Way
    reason: str
    colon: bool


@cache
def phrases_by_word() -> Mapping[str, tuple[Phrase, ...]]:
    """Return all phrases by their first word, the longest first.

    Raises:
        SettingError: The compiled list names an unknown way of matching.
    """
    source = resources.files("provenance.text").joinpath("data/furniture.json")
    found: defaultdict[str, list[Phrase]] = defaultdict(list)
    for folded, way, reason, colon in orjson.loads(source.read_bytes())["phrases"]:
        if way not in WAYS:
            msg = f"furniture.json: unknown way {way!r} of {folded!r}; one of {', '.join(WAYS)}"
            raise SettingError(msg)
        words = tuple(folded.split())
        found[words[0]].append(Phrase(words=words, way=way, reason=reason, colon=colon))
    return {
        first: tuple(sorted(phrases, key=lambda p: (-len(p.words), WAYS.index(p.way))))
        for first, phrases in found.items()
    }


@cache
def _rest_pattern() -> re.Pattern[str]:
    """The phrases of way ``rest``, in the spellings that folding makes equal."""
    phrases = {p for held in phrases_by_word().values() for p in held if p.way == "rest"}
    spelled = sorted((r"\W+".join(map(_spellings, p.words)) for p in phrases), reverse=True)
    return re.compile("|".join(spelled), re.IGNORECASE)


def _spellings(word: str) -> str:
    """Return a pattern for the letters that Arabic writers interchange."""
    table = {
        "\N{ARABIC LETTER ALEF}": "[\u0622\u0623\u0625\u0627\u0671]",
        "\N{ARABIC LETTER YEH}": "[\u0649\u064a\u06cc]",
        "\N{ARABIC LETTER HEH}": "[\u0629\u0647]",
    }
    return "".join(table.get(letter, re.escape(letter)) for letter in word)


def phrase_spans(text: str, lines: Sequence[Line]) -> Iterator[Mask]:
    """Mask what the phrases of the list take out, line by line."""
    table = phrases_by_word()
    opened = [number for number, line in enumerate(lines) if line.first_word in table]
    if opened:
        yield from _opening_spans(lines, opened)
    for match in _rest_pattern().finditer(text):
        line = lines[line_number(lines, match.start())]
        yield Mask(span=(match.start(), line.end), reason="columnist")


def _opening_spans(lines: Sequence[Line], opened: Sequence[int]) -> Iterator[Mask]:
    """Mask what phrases take out that begin one of the lines `opened`."""
    table = phrases_by_word()
    bodies = [number for number, line in enumerate(lines) if line.is_body]
    first, last = (bodies[0], bodies[-1]) if bodies else (len(lines), -1)
    above = list(accumulate((len(line.text) for line in lines), initial=0))
    running = list(accumulate((len(line.text) if line.is_body else 0 for line in lines), initial=0))
    for number in opened:
        line = lines[number]
        for phrase in table[line.first_word]:
            if line.words[: len(phrase.words)] != phrase.words:
                continue
            late = above[number] > running[-1] - running[number + 1]
            span = _span_of(lines, number, phrase, after_body=number > first, late=late)
            if span:
                yield Mask(span=span, reason=phrase.reason)
                if phrase.reason == "related" and _fills(line, phrase):
                    yield from _headlines_after(lines, number, at_tail=number > last)
                break


def _fills(line: Line, phrase: Phrase) -> bool:
    return line.is_short and line.words == phrase.words


def _span_of(
    lines: Sequence[Line], number: int, phrase: Phrase, *, after_body: bool, late: bool
) -> Span | None:
    """Return what a phrase that begins a line takes out, None if it does not fit.

    Args:
        lines: All lines.
        number: Which of them begins with the phrase.
        phrase: The phrase.
        after_body: Whether running text stands above.
        late: Whether more stands above than running text below.
    """
    line = lines[number]
    fits = False
    if phrase.way in {"line", "last"}:
        near = phrase.way == "line" or number >= len(lines) - _LAST
        fits = near and _fills(line, phrase) and not _ITEM.match(line.text)
    elif phrase.way == "lead":
        return line.start, line.start + _raw_length(line.text, phrase.words)
    elif phrase.way == "from":
        if after_body and late:
            return line.start, lines[-1].end
        fits = True
    elif phrase.way == "start":
        fits = _fills(line, phrase) or _is_notice(line, phrase, after_body=after_body)
    return line.span if fits else None


def _is_notice(line: Line, phrase: Phrase, *, after_body: bool) -> bool:
    """Whether a line that begins with a phrase is furniture, not a sentence of the article."""
    rest = line.text[_raw_length(line.text, phrase.words) :]
    labels = _LABEL_END.match(rest) is not None
    if phrase.colon and not labels:
        return False
    if phrase.reason in _SURE:
        return len(line.text) <= _NOTICE
    if phrase.reason == "related" and not after_body:
        return False
    return line.is_short and (labels or not line.ends_sentence)


def _headlines_after(lines: Sequence[Line], number: int, *, at_tail: bool) -> Iterator[Mask]:
    """Mask the headlines under a label such as "read also": one in the body, a list at the end."""
    for line in lines[number + 1 : number + 1 + (_LIST if at_tail else 1)]:
        if not line.is_short or line.is_body or line.text.endswith("."):
            return
        if len(line.words) > 2:
            yield Mask(span=line.span, reason="related")


def _raw_length(text: str, words: tuple[str, ...]) -> int:
    """Return how many code points the first folded words of a line take."""
    end = 0
    for match in re.finditer(r"\w+", text):
        if len(fold_line(text[: match.start()])) >= len(words):
            break
        end = match.end()
    return end
