"""From single mentions to whose text it may be, each possibility with a probability and a basis.

The weights of an agency's mentions add up, each role once: the same name in byline and dateline is one
statement, not two.  Sources of a composite credit stand side by side; nothing here decides between
them.  A text that says only "agencies" gets an unnamed source, and so does one that a plugin has taken
from a page it does not name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from provenance.attribution.weights import NOT_ORIGINAL, PRIOR
from provenance.model import Basis, Mention, Origin

__all__ = ["read_sources"]

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
_OWN_DESK = ".follow_up"
_AGAINST = frozenset({"cited_report"})


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
