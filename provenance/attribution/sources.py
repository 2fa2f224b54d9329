"""From single mentions to whose text it may be, each possibility with a probability and a basis.

The weights of an agency's mentions add up, each role once: the same name in byline and dateline is one
statement, not two.  Sources of a composite credit stand side by side; nothing here decides between
them.  A text that says only "agencies" gets an unnamed source, and so does one that a plugin has taken
from a page it does not name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import attrs

from provenance.attribution.editions import edition_of
from provenance.attribution.weights import NOT_ORIGINAL, PRIOR
from provenance.model import Basis, Mention, Origin

__all__ = ["Standing", "read_sources", "read_standing"]

_CREDITS = frozenset(
    {
        "syndicated_copy",
        "contribution",
        "additional_sources",
        "composite_credit",
        "agency_staff_credit",
        "agency_end_marker",
        "syndication_disclaimer",
        "republication_notice",
    }
)
_UNNAMED = frozenset(
    {
        "generic_agencies",
        "composite_credit",
        "autoblog_source_link",
        "syndication_disclaimer",
        "republication_notice",
    }
)
_REST = 40  # characters behind a notice that still belong to it
_OWN_DESK = ".follow_up"
_AGAINST = frozenset({"cited_report"})


#: Roles each of which says, alone, that the whole text is the agency's.
_WHOLE = frozenset({"syndicated_copy", "agency_staff_credit", "republication_notice"})
_TRANSLATIONS = frozenset(
    {"translation_human", "translation_machine", "translation_ai_reviewed", "agency_staff_credit"}
)


@attrs.frozen(kw_only=True)
class Standing:
    """What one article says, all in all, about whose text it is.

    Attributes:
        origins: Possible origins, likeliest first; see :func:`read_sources`.
        not_original: Probability that the text is not the outlet's own, whoever's it is: by all of its
            credits together, or by a notice of translation.
        edition: Language, as BCP 47, of the edition that it was taken or translated from, where the text
            says so: an agency sells its items in several, and each is a text of its own.
        translated: Whether it calls itself a translation.
        conflicts: Statements of the text that cannot both hold, one sentence each.
    """

    origins: tuple[Origin, ...] = ()
    not_original: float = 0.0
    edition: str = ""
    translated: bool = False
    conflicts: tuple[str, ...] = ()


def read_standing(mentions: Sequence[Mention], *, text: str = "", language: str = "") -> Standing:
    """Return what the mentions of one article come to.

    Args:
        mentions: What :func:`~provenance.attribution.reading.read_mentions` found in it.
        text: The article's text, for the words behind a notice ("... from Spanish").
        language: Language of the text, BCP 47.
    """
    origins = read_sources(mentions)
    translated = any(mention.role.startswith("translation_") for mention in mentions)
    # a translation says "not written here" as plainly as "agencies" does
    chances = [origin.probability for origin in origins]
    chances += [_probability(NOT_ORIGINAL)] if translated else []
    notices = (_notice(m, text) for m in mentions if m.role in _TRANSLATIONS)
    editions = (edition_of(notice, own=language) for notice in notices)
    return Standing(
        origins=origins,
        not_original=1 - math.prod(1 - chance for chance in chances) if chances else 0.0,
        edition=next((edition for edition in editions if edition), ""),
        translated=translated,
        conflicts=tuple(_conflicts(mentions)),
    )


def _notice(mention: Mention, text: str) -> str:
    """Return a mention with the rest of its sentence."""
    if mention.field != "text" or not text:
        return mention.text
    end = mention.span[1]
    return mention.text + re.split("[.\n]", text[end : end + _REST])[0]


def _conflicts(mentions: Sequence[Mention]) -> Iterable[str]:
    whole: dict[str, Mention] = {}
    for mention in mentions:
        if mention.role in _WHOLE and mention.agency is not None:
            whole.setdefault(mention.agency, mention)
    if len(whole) > 1:
        places = ", ".join(f"{agency} ({mention.zone})" for agency, mention in whole.items())
        yield f"the whole text is credited to each of {places}"
    own = [m for m in mentions if m.role == "publisher_self_credit" and m.zone == "byline"]
    if own and whole:
        yield f"the author line claims the text for the outlet, the {_zones(whole)} for an agency"
    person = any(m.role == "translation_human" for m in mentions)
    if person and any(m.role == "translation_machine" and m.zone != "body" for m in mentions):
        yield "one notice names a translator, another a machine"


def _zones(whole: dict[str, Mention]) -> str:
    return " and ".join(dict.fromkeys(mention.zone for mention in whole.values()))


def read_sources(mentions: Iterable[Mention]) -> tuple[Origin, ...]:
    """Return the possible origins of one article, likeliest first.

    Args:
        mentions: What :func:`~provenance.attribution.reading.read_mentions` found in it.

    Returns:
        One origin per credited agency, and one with agency ``None`` if the text says it is not the
        outlet's own without naming a source.  Empty if it makes no such statement.  Probabilities are
        of each origin by itself; they need not add up to one.
    """
    named: dict[str, dict[str, float]] = {}
    unnamed = 0.0
    for mention in mentions:
        role = mention.role
        if mention.agency is None:
            if role in _UNNAMED and not mention.rule.endswith(_OWN_DESK):
                unnamed = max(unnamed, mention.weight, NOT_ORIGINAL)
        elif role in _CREDITS or role == "told_outlet" or role in _AGAINST:
            roles = named.setdefault(mention.agency, {})
            roles[role] = max(roles.get(role, mention.weight), mention.weight)
    origins = [
        Origin(agency=agency, probability=_probability(sum(roles.values())), basis=_basis(roles))
        for agency, roles in named.items()
        if set(roles) - _AGAINST
    ]
    if unnamed:
        origins.append(Origin(agency=None, probability=_probability(unnamed), basis="own credit"))
    return tuple(sorted(origins, key=lambda o: (-o.probability, o.agency or "")))


def _basis(roles: Iterable[str]) -> Basis:
    return "own credit" if set(roles) & _CREDITS else "told"


def _probability(weight: float) -> float:
    return 1 / (1 + math.exp(-(PRIOR + weight)))
