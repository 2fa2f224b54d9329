"""How strongly each role speaks for "this text derives from that source": log-odds to start from.

Measured on 31,030 Arabic articles of 14 outlets by whether texts that overlap carry the same credit;
starting weights, good to a few points.
"""

from __future__ import annotations

from provenance.model import Role

__all__ = ["NOT_ORIGINAL", "PRIOR", "weight_of"]

#: Log-odds, before any evidence, that a text which names a source at all derives from it.
PRIOR = -1.0

#: What "agencies", unnamed, says for "not this outlet's own text".
NOT_ORIGINAL = 2.0

_WEIGHTS: dict[str, float] = {
    "syndicated_copy": 4.0,
    "agency_staff_credit": 4.0,
    "agency_end_marker": 4.0,
    "syndication_disclaimer": 4.0,
    "republication_notice": 4.0,
    "autoblog_source_link": 4.0,
    "told_outlet": 2.0,
    "contribution": 2.0,
    "composite_credit": 1.5,
    "additional_sources": 1.0,
    "publisher_self_credit": -0.3,
    "cited_report": -0.5,
}


def weight_of(role: Role) -> float:
    """Return the role's weight; roles that say nothing about the text's origin weigh nothing."""
    return _WEIGHTS.get(role, 0.0)
