"""Articles about a news agency, in which its name says nothing about where the text is from.

"The agency said in a statement" is how such an article quotes its subject, and looks like a credit.  A
text is about an agency when its title speaks of it, or when it keeps naming it without reporting
anything from it.  Credits of the whole text (author line, dateline, closing bracket) are no sentences
and stay what they are: agencies do write about themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from provenance.model import Mention

__all__ = ["guard_topics"]

#: Roles that a sentence about the agency can be mistaken for.
_SENTENCES = frozenset(
    {"told_outlet", "cited_report", "official_agency_as_source", "relayed_quote"}
)
_UNQUOTED = 3  # mentions in the text that report nothing ...
_BESIDE_TITLE = 1  # ... or so many where the title names the agency as its topic


def guard_topics(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Return `mentions` with those of an agency that the article is about as ``topic_mention``.

    Args:
        mentions: All of one article's, in any order; order and places are kept.
    """
    unquoted: Counter[str] = Counter()
    reported: Counter[str] = Counter()
    titled: set[str] = set()
    for mention in mentions:
        if mention.agency is None:
            continue
        if mention.role == "topic_mention":
            if mention.field == "title":
                titled.add(mention.agency)
            elif mention.field == "text":
                unquoted[mention.agency] += 1
        elif mention.role in _SENTENCES:
            reported[mention.agency] += 1
    about = {
        agency
        for agency, count in unquoted.items()
        if count > reported[agency] and count >= (_BESIDE_TITLE if agency in titled else _UNQUOTED)
    }
    if not about:
        return tuple(mentions)
    return tuple(
        attrs.evolve(mention, role="topic_mention", weight=0.0, rule=f"{mention.rule}.topic")
        if mention.agency in about and mention.role in _SENTENCES
        else mention
        for mention in mentions
    )
