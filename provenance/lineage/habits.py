"""What outlets do with the credits of agencies: keep them, put their own name there, or drop them.

Counted over all documents whose text is an agency's, by their own credit or by that of a copy.  A habit is a
prior: it tells what to expect of an outlet's next document, and nothing about this one, so it is shown and
never counted as evidence.

Limits: a document whose copies have all lost the credit is not counted, so that dropping is underrated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from provenance.lineage.credits import WHOLE
from provenance.model import Article, ArticleId, Mention, Story

__all__ = ["Habit", "count_habits"]

_LIKELY = 0.5


@attrs.frozen(kw_only=True)
class Habit:
    """One outlet's documents whose text is one agency's.

    Attributes:
        publisher: The outlet.
        agency: Catalogue identifier.
        kept: Documents that credit the agency.
        unnamed: That credit "agencies" without a name.
        replaced: That carry the outlet's own name in place of a credit.
        dropped: That carry nothing.
    """

    publisher: str
    agency: str
    kept: int = 0
    unnamed: int = 0
    replaced: int = 0
    dropped: int = 0

    @property
    def documents(self) -> int:
        """All of them."""
        return self.kept + self.unnamed + self.replaced + self.dropped


def count_habits(
    stories: Iterable[Story], articles: Iterable[Article], mentions: Iterable[Mention]
) -> tuple[Habit, ...]:
    """Count what became of agencies' credits, by outlet and agency.

    Args:
        stories: With the origins of their documents.
        articles: For their outlets; documents without one are passed over, and an agency's own items.
        mentions: Of the articles.

    Returns:
        In the order of outlet and agency.
    """
    outlets = {article.id: article.publisher for article in articles if article.publisher}
    said: dict[ArticleId, list[Mention]] = {}
    for mention in mentions:
        said.setdefault(mention.id, []).append(mention)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for story in stories:
        for document in story.documents:
            publisher = outlets.get(document.id)
            best = document.origins[0] if document.origins else None
            if not publisher or best is None or not best.agency or best.probability < _LIKELY:
                continue
            fate = _fate(best.agency, said.get(document.id, ()))
            if fate != "kept" and best.basis == "own credit":
                continue  # the agency's own item, without a credit line
            counts = found.setdefault((publisher, best.agency), {})
            counts[fate] = counts.get(fate, 0) + 1
    return tuple(_habit(key, counts) for key, counts in sorted(found.items()))


def _habit(key: tuple[str, str], counts: Mapping[str, int]) -> Habit:
    publisher, agency = key
    return Habit(publisher=publisher, agency=agency, **counts)


def _fate(agency: str, mentions: Iterable[Mention]) -> str:
    """What became of the credit in one document."""
    roles = set()
    for mention in mentions:
        if mention.agency == agency and mention.role in WHOLE:
            return "kept"
        roles.add(mention.role)
    if "generic_agencies" in roles:
        return "unnamed"
    return "replaced" if "publisher_self_credit" in roles else "dropped"
