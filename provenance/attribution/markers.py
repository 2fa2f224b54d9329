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
        signs: Traces of translation machines.
        enough: Points of such traces that a text needs.
    """

    rules: tuple[Rule, ...]
    agency_words: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]
    cues: re.Pattern[str]
    cue_letters: tuple[str, ...]
    guards: re.Pattern[str]
    widgets: re.Pattern[str]
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
                        for key in ("triggers", "words", "zones", "kinds", "scopes", "starts")
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
            {word: None for *_, words in data["agency_words"] for word in words if word.isalnum()}
        ),
        guards=re.compile("|".join(data["guards"])),
        widgets=re.compile(data["widgets"]),
        signs=tuple(
            Sign(**sign | {key: re.compile(sign[key]) for key in ("regex", "gate") if key in sign})
            for sign in data["signs"]
        ),
        enough=data["enough"],
    )
