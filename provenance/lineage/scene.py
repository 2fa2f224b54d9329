"""One story laid out for drawing: who shares what with whom, and what everybody says.

Everything here is looked up many times while a lineage is drawn, and worked out once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from statistics import median
from typing import cast

import attrs

from provenance.config import LineageSpec
from provenance.lineage.credits import Credits, outlet_name, read_credits
from provenance.lineage.direction import (
    NAMED,
    is_directed,
    minute_of,
    order_in_time,
)
from provenance.lineage.edges import HiddenNames
from provenance.lineage.origins import Support, credited_copies, rank_origins
from provenance.lineage.passages import Passages
from provenance.model import (
    Article,
    ArticleId,
    Dates,
    EdgeKind,
    Evidence,
    Link,
    Mask,
    Mention,
    Origin,
)

__all__ = ["Scene", "set_scene"]

_UNKNOWN = Dates()

#: From this share on, a text is all there: the line that link kinds are drawn at.
_WHOLE = 0.8

#: In minutes.
_LATE = 11 * 1440


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
        origins: Of every article by itself and its copies, likeliest first.
        passages: What the texts share.
        mentions: What every article names, as given.
        masks: What is no words of a text: furniture and credits.
        takers: By agency, the documents whose text it is, counted by language.
        issued: By agency, its own published items, early ones first.
        by_language: Articles in each language, early ones first; unknown languages left out.
        hidden: How nodes that nobody collected are called.
        late: Articles whose date is that of a visit rather than of publication: more than eleven days
            past the middle of those they are linked with, where stories last a week.
        family: By article, the first of those it is linked with, directly or through others.
    """

    spec: LineageSpec
    articles: Mapping[ArticleId, Article]
    credits: Mapping[ArticleId, Credits]
    dates: Mapping[ArticleId, Dates]
    links: Sequence[Link]
    near: Mapping[ArticleId, Mapping[ArticleId, Link]]
    supports: Mapping[ArticleId, Sequence[Support]]
    origins: Mapping[ArticleId, Sequence[Origin]]
    passages: Passages
    mentions: Mapping[ArticleId, Sequence[Mention]]
    masks: Mapping[ArticleId, Sequence[Mask]]
    takers: Mapping[str, Mapping[str, int]] = attrs.field(init=False)
    issued: Mapping[str, Sequence[ArticleId]] = attrs.field(init=False)
    by_language: Mapping[str, Sequence[ArticleId]] = attrs.field(init=False)
    hidden: HiddenNames = attrs.field(init=False)

    family: Mapping[ArticleId, ArticleId] = attrs.field(init=False)
    late: frozenset[ArticleId] = attrs.field(init=False)

    @takers.default
    def _count_takers(self) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for member, article in self.articles.items():
            for agency in self.agencies(member):
                found[agency][article.language] += 1
        return dict(found)

    @issued.default
    def _list_issued(self) -> Mapping[str, Sequence[ArticleId]]:
        found: dict[str, list[ArticleId]] = defaultdict(list)
        for member in sorted(self.articles, key=self.rank):
            issuer = self.credits[member].issuer
            if issuer:
                found[issuer].append(member)
        return dict(found)

    @by_language.default
    def _sort_languages(self) -> Mapping[str, Sequence[ArticleId]]:
        found: dict[str, list[ArticleId]] = defaultdict(list)
        for member in sorted(self.articles, key=self.rank):
            language = self.articles[member].language
            if language:
                found[language].append(member)
        return dict(found)

    @hidden.default
    def _name_hidden(self) -> HiddenNames:
        return HiddenNames.beside(self.articles)

    @late.default
    def _find_late(self) -> frozenset[ArticleId]:
        known: dict[ArticleId, list[float]] = defaultdict(list)
        minutes = {member: self.minutes(member) for member in self.articles}
        for member, value in minutes.items():
            if value is not None:
                known[self.family[member]].append(value)
        middle = {family: median(values) for family, values in known.items()}
        return frozenset(
            member
            for member, value in minutes.items()
            if value is not None and value > middle[self.family[member]] + _LATE
        )

    @family.default
    def _find_families(self) -> Mapping[ArticleId, ArticleId]:
        found = {member: member for member in self.articles}
        for start in self.articles:
            if found[start] is not start:
                continue
            waiting = [start]
            while waiting:
                for other in self.near[waiting.pop()]:
                    if other != start and found[other] is other:
                        found[other] = start
                        waiting.append(other)
        return found

    def elsewhere(self, member: ArticleId) -> Iterator[ArticleId]:
        """Return the articles in another language than an article's, early ones first."""
        own = self.articles[member].language
        others = [found for name, found in self.by_language.items() if own and name != own]
        return merge(*others, key=self.rank)

    def order(self, first: ArticleId, second: ArticleId) -> float | None:
        """Return by how many minutes one came before the other; ``None`` if not known."""
        if first in self.late or second in self.late:
            return None
        return order_in_time(
            self.articles[first], self.articles[second], self.dates[first], self.dates[second]
        )

    def minutes(self, member: ArticleId) -> float | None:
        """Return when an article was published, in minutes of the common era, by the day at least."""
        return minute_of(self.articles[member], self.dates[member])

    def same_outlet(self, one: ArticleId, other: ArticleId) -> bool:
        """Say whether one outlet published both."""
        name = outlet_name(self.articles[one].publisher)
        return bool(name) and name == outlet_name(self.articles[other].publisher)

    def way(self, parent: ArticleId, child: ArticleId) -> tuple[float, float]:
        """Return the probabilities that `child` took from `parent`, and that a third gave both."""
        link = self.near[child][parent]
        direction = link.direction
        taken = direction.a_to_b if link.a == parent else direction.b_to_a
        return taken, direction.common_source

    def names(self, parent: ArticleId, child: ArticleId) -> bool:
        """Say whether `child` credits the very outlet or agency's item of `parent`, or is its translation.

        The latter by its own notice, where the two are found to be translations.
        """
        link = self.near[child][parent]
        toward = "a_to_b" if link.a == parent else "b_to_a"
        return any(
            item.toward == toward
            and (
                (item.type in ("outlet", "credit", "declared") and item.weight >= NAMED)
                or (item.type == "translation" and item.weight > 0)
            )
            for item in link.evidence
        )

    def may_have_taken(self, parent: ArticleId, child: ArticleId, *, besides: str = "") -> bool:
        """Say whether something explicit supports this way, and time does not forbid it.

        Reasons of the kind `besides` are not counted.
        """
        link = self.near[child][parent]
        toward = "a_to_b" if link.a == parent else "b_to_a"
        reasons = [item for item in link.evidence if item.type != besides]
        if not is_directed(reasons, toward):
            return False
        minutes = self.order(parent, child)
        return minutes is None or minutes > 0

    def kind(self, parent: ArticleId, child: ArticleId) -> EdgeKind:
        """Return the kind of an edge by how much of either text stands in the other.

        A child that is more than its source has reworked it.
        """
        link = self.near[child][parent]
        if link.kind not in ("repost", "excerpt"):
            return cast(EdgeKind, link.kind)
        held, taken = self.passages.covered(parent, child), self.passages.covered(child, parent)
        if held >= _WHOLE > taken:
            return "rewrite"
        return "repost" if held >= _WHOLE else "excerpt"

    def adds(self, words: int, explained: int) -> bool:
        """Say whether a set of words is a source of its own beside what is explained already."""
        return (words & ~explained).bit_count() >= self.spec.passage and (
            words & explained
        ).bit_count() <= self.spec.passage_repeats * explained.bit_count()

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
    hidden = {
        member: (*masks.get(member, ()), *_said(mentions.get(member, ()))) for member in articles
    }
    passages = Passages(articles, near, hidden)
    supports = credited_copies(inside, named, passages.covered, spec)
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
        passages=passages,
        mentions=mentions,
        masks=hidden,
    )


def _said(mentions: Sequence[Mention]) -> list[Mask]:
    """Credits are evidence and no words of the text."""
    return [
        Mask(span=mention.span, reason="credit")
        for mention in mentions
        if mention.field == "text" and mention.zone != "body"
    ]


def _overlap_of(link: Link) -> Evidence:
    share_a, share_b = link.overlap.containment_a, link.overlap.containment_b
    return Evidence(
        type="overlap",
        text=f"{share_a:.0%} of {link.a} stands in {link.b}, {share_b:.0%} the other way",
        weight=0.0,
        toward="related",
    )
