"""The packaged marker grammar, compiled from ``seeds/catalogue/markers`` and loaded when first used."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

import attrs

from provenance.attribution.calques import Sign
from provenance.attribution.grammar import Rule

__all__ = ["Markers", "load_markers"]


@attrs.frozen(kw_only=True)
class Markers:
    """The rules of every language.

    Attributes:
        rules: Compiled markers; their numbers are their places here.
        agency_words: Language and expression of the words that mean "agency" around a name, and
            letters one of which must occur for it.
        cues: Matches a word for "agency".
        cue_letters: One of these occurs wherever `cues` matches.
        guards: Matches a word that no dateline has.
        widgets: Matches the folded line of a page widget below a story.
        buttons: Matches a page's button at the end of a text, with no blank before it.
        button_words: The buttons themselves.
        signs: Traces of translation machines.
        enough: Points of such traces that a text needs.
    """

    rules: tuple[Rule, ...]
    agency_words: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]
    cues: re.Pattern[str]
    cue_letters: tuple[str, ...]
    guards: re.Pattern[str]
    widgets: re.Pattern[str]
    buttons: re.Pattern[str]
    button_words: tuple[str, ...]
    signs: tuple[Sign, ...]
    enough: float


@cache
def load_markers() -> Markers:
    """Return the packaged markers."""
    data = json.loads(
        files("provenance.attribution").joinpath("data/markers.json").read_text("utf-8")
    )
    return Markers(
        rules=tuple(
            Rule(
                **{
                    **rule,
                    **{
                        key: tuple(rule.get(key, ()))
                        for key in (
                            "triggers",
                            "words",
                            "zones",
                            "kinds",
                            "scopes",
                            "starts",
                            "needs",
                        )
                    },
                }
            )
            for rule in data["rules"]
        ),
        agency_words=tuple(
            (language, re.compile(regex), tuple(words))
            for language, regex, words in data["agency_words"]
        ),
        cues=re.compile("|".join(data["cues"])),
        cue_letters=tuple(
            {
                **{
                    word: None
                    for *_, words in data["agency_words"]
                    for word in words
                    if word.isalnum()
                },
                **dict.fromkeys(data["cue_words"]),
            }
        ),
        guards=re.compile("|".join(data["guards"])),
        widgets=re.compile(data["widgets"]),
        buttons=_glued(data["buttons"]),
        button_words=tuple(data["buttons"]),
        signs=tuple(
            Sign(**sign | {key: re.compile(sign[key]) for key in ("regex", "gate") if key in sign})
            for sign in data["signs"]
        ),
        enough=data["enough"],
    )


def _glued(buttons: list[str]) -> re.Pattern[str]:
    """Match a button right behind a word: by its capital, or where there is no case by more than a clitic."""
    capital = "|".join(re.escape(word) for word in buttons if word[0].isupper())
    other = "|".join(re.escape(word) for word in buttons if not word[0].isupper())
    # a letter behind a single letter belongs to an abbreviation
    own = "".join(rf"(?<!(?<!\b\w )\b{clitic})" for clitic in _CLITICS)
    return re.compile(
        rf"(?:(?<=[^\W\d_A-Z])|(?<=[A-Z][A-Z])|(?<=[)\"'.\u00bb\u2026]))(?:{capital})\W*\Z"
        rf"|(?<=\S){own}(?:{other})\W*\Z"
    )


_LAM, _ALEF = "\N{ARABIC LETTER LAM}", "\N{ARABIC LETTER ALEF}"
_WAW, _BEH = "\N{ARABIC LETTER WAW}", "\N{ARABIC LETTER BEH}"
#: Words of one letter and the article, that may stand glued before any Arabic word.
_CLITICS = (
    _WAW, _BEH, _LAM, _ALEF + _LAM, _LAM + _LAM, _WAW + _LAM, _WAW + _BEH,
    _WAW + _ALEF + _LAM, _BEH + _ALEF + _LAM,
)  # fmt: skip
