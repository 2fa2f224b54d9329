"""One story laid out for drawing: who shares what with whom, and what everybody says.

Everything here is looked up many times while a lineage is drawn, and worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from provenance.config import LineageSpec
from provenance.lineage.credits import Credits, read_credits
from provenance.lineage.direction import is_directed, order_in_time
from provenance.lineage.origins import Support, credited_copies, rank_origins
from provenance.lineage.passages import Words
from provenance.model import (
    Article,
    ArticleId,
    Dates,
    Evidence,
    Link,
    Mask,
    Mention,
    Origin,
    Span,
)

__all__ = ["Scene", "set_scene"]

_UNKNOWN = Dates()


@attrs.frozen(kw_only=True)
class Scene:
    """A story's articles with their links, credits, dates and origins.

    Attributes:
        spec: The settings.
        articles: By identifier, in identifier order.
        credits: Of every article.
        dates: Of every article.
        links: Pairs that claim reuse, both ends inside, in identifier order.
        near: By article, the articles it is linked with and by what, in identifier order.
        supports: What credited copies say, where there are any.
        origins: Of every article, likeliest first.
    """

    spec: LineageSpec
    articles: Mapping[ArticleId, Article]
    credits: Mapping[ArticleId, Credits]
    dates: Mapping[ArticleId, Dates]
    links: Sequence[Link]
    near: Mapping[ArticleId, Mapping[ArticleId, Link]]
    supports: Mapping[ArticleId, Sequence[Support]]
    origins: Mapping[ArticleId, Sequence[Origin]]
    _masks: Mapping[ArticleId, Sequence[Mask]]
    _words: dict[ArticleId, Words] = attrs.field(factory=dict, init=False)
    _common: dict[tuple[ArticleId, ArticleId], int] = attrs.field(factory=dict, init=False)

    def words(self, member: ArticleId) -> Words:
        """Return the words of a text."""
        if member not in self._words:
            masks = self._masks.get(member, ())
            self._words[member] = Words(self.articles[member].text, masks)
        return self._words[member]

    def common(self, member: ArticleId, other: ArticleId) -> int:
        """Return the set of `member`'s words that stand in passages shared with `other`."""
        known = self._common.get((member, other))
        if known is None:
            link = self.near[member].get(other)
            spans: list[Span] = []
            if link is not None:
                spans = [s.a if link.a == member else s.b for s in link.spans]
            known = self._common[member, other] = self.words(member).inside(spans) if spans else 0
        return known

    def covered(self, member: ArticleId, other: ArticleId) -> float:
        """Return how much of `member` stands in `other`, 0 to 1, by passages or by shingles."""
        link = self.near[member][other]
        own = link.overlap.containment_a if link.a == member else link.overlap.containment_b
        return max(own, self.words(member).share(self.common(member, other)) if link.spans else 0)

    def order(self, first: ArticleId, second: ArticleId) -> float | None:
        """Return by how many minutes one came before the other; ``None`` if not known."""
        return order_in_time(
            self.articles[first], self.articles[second], self.dates[first], self.dates[second]
        )

    def way(self, parent: ArticleId, child: ArticleId) -> tuple[float, float]:
        """Return the probabilities that `child` took from `parent`, and that a third gave both."""
        link = self.near[child][parent]
        direction = link.direction
        taken = direction.a_to_b if link.a == parent else direction.b_to_a
        return taken, direction.common_source

    def may_have_taken(self, parent: ArticleId, child: ArticleId) -> bool:
        """Say whether something explicit supports this way, and time does not forbid it."""
        link = self.near[child][parent]
        toward = "a_to_b" if link.a == parent else "b_to_a"
        if not is_directed(link.evidence, toward):
            return False
        minutes = self.order(parent, child)
        return minutes is None or minutes > 0

    def reasons(self, link: Link) -> tuple[Evidence, ...]:
        """Return a pair's reasons, each said of the document that it makes the source."""
        names = {"a_to_b": str(link.a), "b_to_a": str(link.b)}
        said = tuple(
            attrs.evolve(item, toward=names.get(item.toward, item.toward)) for item in link.evidence
        )
        return (_overlap_of(link), *said)

    def agencies(self, member: ArticleId) -> frozenset[str]:
        """Return the agencies whose text a document is, as far as likelier than not."""
        return frozenset(
            origin.agency
            for origin in self.origins[member]
            if origin.agency is not None and origin.probability >= self.spec.min_probability
        )

    def rank(self, member: ArticleId) -> tuple[str, ArticleId]:
        """Return a key that puts early documents first and undated ones last."""
        dates = self.dates[member]
        stamp = self.articles[member].published
        day = dates.earliest or dates.latest or "9999"
        return (stamp if stamp[:10] == day else day, member)


def set_scene(
    members: Sequence[Article],
    links: Sequence[Link],
    mentions: Mapping[ArticleId, Sequence[Mention]],
    dates: Mapping[ArticleId, Dates],
    spec: LineageSpec,
    *,
    masks: Mapping[ArticleId, Sequence[Mask]],
    agencies: Mapping[str, str] | None,
) -> Scene:
    """Lay out a story; the order of `members` and `links` does not matter."""
    articles = {article.id: article for article in sorted(members, key=lambda item: item.id)}
    inside = sorted(
        (
            link
            for link in links
            if link.kind != "same_story" and link.a in articles and link.b in articles
        ),
        key=lambda link: (link.a, link.b),
    )
    near: dict[ArticleId, dict[ArticleId, Link]] = {member: {} for member in articles}
    for link in inside:
        near[link.a][link.b] = near[link.b][link.a] = link
    named = {
        member: read_credits(article, mentions.get(member, ()), agencies)
        for member, article in articles.items()
    }
    supports = credited_copies(inside, named, spec)
    return Scene(
        spec=spec,
        articles=articles,
        credits=named,
        dates={member: dates.get(member, _UNKNOWN) for member in articles},
        links=inside,
        near=near,
        supports=supports,
        origins={
            member: rank_origins(named[member], supports.get(member, ())) for member in articles
        },
        masks=masks,
    )


def _overlap_of(link: Link) -> Evidence:
    share_a, share_b = link.overlap.containment_a, link.overlap.containment_b
    return Evidence(
        type="overlap",
        text=f"{share_a:.0%} of {link.a} stands in {link.b}, {share_b:.0%} the other way",
        weight=0.0,
        toward="related",
    )
