"""Whose text a document is: its own credit, the credit of a copy, or a statement it was told.

About a third of all copies have lost the credit they came with, some outlets dropping it nine times
in ten.  A copy that kept it speaks for the others: where one of two near-copies names an agency, the
other one names a different agency in less than one case in a hundred.

Every credited copy of another text supports its agencies with ``-ln(1 - 0.97 v)``, shared among the
agencies it names; ``v`` is the share of the document that stands in the copy, or 0.8 of the reverse
where the document holds most of the copy.  The best-supported agency is named.  Support counts
independent copies, so the probability is read off what was measured: right in 0.93 of cases where
the best leads the second by less than 1, 0.98 below 2, 0.99 and more above; 0.72 where another
agency has support at all.

Limits: an agency that retransmits another one's item leaves two true credits; both are listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log

import attrs

from provenance.config import LineageSpec
from provenance.lineage.credits import Credits
from provenance.lineage.odds import logistic
from provenance.model import ArticleId, Basis, Link, Mention, Origin

__all__ = ["Support", "credited_copies", "join_origins", "rank_origins", "same_bodies"]

#: How far a text that is all in a credited copy shares its origin.
_AGREEMENT = 0.97

#: What a text that contains a credited copy gains, against one contained in it.
_REVERSE = 0.8

#: ``1 / (1 + exp(-(2.4 + 0.8 lead)))`` gives 0.94, 0.97 and 0.998 at leads of 0.5, 1.5 and 5.
_BASE, _SLOPE = 2.4, 0.8

#: Where a rival agency has support, the best one is right in 70 to 75 cases of 100.
_CONTESTED = 0.72

#: Nothing inferred is surer than the agreement of printed credits themselves (99.1 %).
_CEILING = 0.99

#: An agency's own published item: as sure as anything gets here.
_ISSUED = 0.99


@attrs.frozen(kw_only=True)
class Support:
    """What the credited copies of one document say of its origin.

    Attributes:
        agency: Catalogue identifier.
        probability: That the document's text is the agency's.
        strength: Summed support, for ordering.
        witness: The credit line of the copy that says so loudest; ``None`` if an agency's own item.
        copy: The article that `witness` stands in.
        contested: Another agency has at least half as much support.
    """

    agency: str
    probability: float
    strength: float
    copy: ArticleId
    witness: Mention | None
    contested: bool = False


def same_bodies(members: Sequence[ArticleId], links: Iterable[Link]) -> dict[ArticleId, ArticleId]:
    """Map every member to the smallest identifier among those with all its shingles and no others.

    In a large group of copies the links are a few anchors for each member; identical bodies have the
    same neighbors all the same, so they are joined before anything spreads along links.
    """
    leader = {member: member for member in members}

    def find(member: ArticleId) -> ArticleId:
        while leader[member] != member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    for link in links:
        if link.overlap.jaccard >= 1.0:
            first, second = sorted((find(link.a), find(link.b)))
            leader[second] = first
    return {member: find(member) for member in members}


def credited_copies(
    links: Sequence[Link],
    named: Mapping[ArticleId, Credits],
    covered: Callable[[ArticleId, ArticleId], float],
    spec: LineageSpec,
) -> dict[ArticleId, tuple[Support, ...]]:
    """Say for every document which agencies its credited copies name, best supported first.

    Args:
        links: Links that claim reuse, inside one story.
        named: What every member credits.
        covered: How much of one linked document stands in another, 0 to 1.
        spec: How much must be shared.

    Returns:
        Documents without a credited copy are left out.
    """
    body = same_bodies(tuple(named), links)
    shares: dict[ArticleId, dict[ArticleId, float]] = defaultdict(dict)
    for link in links:
        for one, other in ((link.a, link.b), (link.b, link.a)):
            share = _shared_origin(covered(one, other), covered(other, one), spec)
            known = shares[body[one]].get(body[other], 0.0)
            if body[one] != body[other] and share > known:
                shares[body[one]][body[other]] = share
    members: dict[ArticleId, list[ArticleId]] = defaultdict(list)
    for member in sorted(named):
        members[body[member]].append(member)
    found: dict[ArticleId, tuple[Support, ...]] = {}
    for lead, bodies in members.items():
        near = {lead: 1.0, **shares[lead]}
        witnesses = [
            (copy, share)
            for other, share in sorted(near.items())
            for copy in members[other]
            if named[copy].agencies
        ]
        found.update(_rank_each(bodies, witnesses, named))
    return {member: ranked for member, ranked in found.items() if ranked}


def _rank_each(
    bodies: Sequence[ArticleId],
    witnesses: Sequence[tuple[ArticleId, float]],
    named: Mapping[ArticleId, Credits],
) -> dict[ArticleId, tuple[Support, ...]]:
    """Rank what all witnesses but itself say for each of some documents with one body.

    Documents that credit the same agencies lose the same voice, unless it is the loudest one.
    """
    loudest = {support.copy for support in _rank(witnesses, named)}
    found: dict[ArticleId, tuple[Support, ...]] = {}
    known: dict[frozenset[str], tuple[Support, ...]] = {}
    for member in bodies:
        agencies = named[member].agencies
        ranked = None if member in loudest else known.get(agencies)
        if ranked is None:
            ranked = _rank([(c, s) for c, s in witnesses if c != member], named)
        if member not in loudest:
            known[agencies] = ranked
        found[member] = ranked
    return found


def rank_origins(own: Credits, supports: Sequence[Support]) -> tuple[Origin, ...]:
    """List the possible origins of a document, likeliest first.

    Its own whole credit comes before what copies say, which then only shows as a conflict; a named
    part or a told passage stands beside either.  Where nothing names an agency the one entry says so.
    """
    origins: list[Origin] = []
    if own.issuer:
        origins.append(Origin(agency=own.issuer, probability=_ISSUED, basis="own credit"))
    for agency, mention in (*own.whole.items(), *own.part.items()):
        probability = logistic(mention.weight)
        origins.append(Origin(agency=agency, probability=probability, basis="own credit"))
    whole = [origin.probability for origin in origins if origin.agency in own.agencies]
    left = 1.0 - max(whole, default=0.0)
    for support in supports:
        probability = support.probability * left
        origins.append(
            Origin(agency=support.agency, probability=probability, basis="credited copy")
        )
    if not whole:
        for agency, mention in own.told.items():
            probability = logistic(mention.weight)
            origins.append(Origin(agency=agency, probability=probability, basis="told"))
    if not origins and own.generic:
        unnamed = logistic(max(own.generic.weight, _UNNAMED))
        origins.append(Origin(agency=None, probability=unnamed, basis="own credit"))
    return join_origins(origins)


def join_origins(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    """Make one entry an agency, likeliest first, with its best probability and firmest basis.

    A named agency does away with an unnamed source; no entry at all becomes one that says so.
    """
    joined: dict[str | None, Origin] = {}
    for origin in origins:
        known = joined.get(origin.agency, origin)
        joined[origin.agency] = Origin(
            agency=origin.agency,
            probability=max(origin.probability, known.probability),
            basis=min(origin.basis, known.basis, key=_FIRMEST.index),
        )
    if len(joined) > 1:
        joined.pop(None, None)
    if not joined:
        return (Origin(agency=None, probability=1.0, basis="none"),)
    return tuple(sorted(joined.values(), key=lambda o: (-o.probability, o.agency or "")))


#: A text's own credit is firmer than a copy's, and that than a passage told.
_FIRMEST: tuple[Basis, ...] = ("own credit", "credited copy", "told", "none")

#: "Agencies" without a name, as log-odds that the text is not the outlet's own.
_UNNAMED = 2.0


def _shared_origin(own: float, reverse: float, spec: LineageSpec) -> float:
    """How far a credit of the other text holds for this one, 0 to 1."""
    if own >= spec.copy_containment:
        return own
    if reverse >= spec.source_containment and own >= spec.least_containment:
        return _REVERSE * reverse
    return 0.0


def _rank(
    witnesses: Sequence[tuple[ArticleId, float]], named: Mapping[ArticleId, Credits]
) -> tuple[Support, ...]:
    strength: dict[str, float] = defaultdict(float)
    loudest: dict[str, tuple[float, ArticleId]] = {}
    for copy, share in witnesses:
        agencies = sorted(named[copy].agencies)
        gain = -log(1.0 - _AGREEMENT * share) / len(agencies)
        for agency in agencies:
            strength[agency] += gain
            if agency not in loudest or gain > loudest[agency][0]:
                loudest[agency] = (gain, copy)
    ranked = sorted(strength, key=lambda agency: (-strength[agency], agency))
    if not ranked:
        return ()
    second = strength[ranked[1]] if len(ranked) > 1 else 0.0
    contested = second > strength[ranked[0]] / 2
    rivals = sum(strength[agency] for agency in ranked[1:])
    best = min(_CEILING, logistic(_BASE + _SLOPE * (strength[ranked[0]] - second)))
    if rivals:
        best = max(min(best, strength[ranked[0]] / (strength[ranked[0]] + rivals)), _CONTESTED)
    supports = []
    for position, agency in enumerate(ranked):
        probability = best if position == 0 else (1.0 - best) * strength[agency] / rivals
        copy = loudest[agency][1]
        supports.append(
            Support(
                agency=agency,
                probability=probability,
                strength=strength[agency],
                copy=copy,
                witness=named[copy].whole.get(agency),
                contested=contested,
            )
        )
    return tuple(supports)
