"""The main job: a corpus in, links, mentions, stories and lineage out.

The stages know nothing of each other; here is the one place where they meet::

    article -> text -> sketch -> index -> verify -+-> lineage -> export / report
         |                                    |
         +-> attribution ---------------------+

The result depends on the articles and the profile alone: not on their order, not on `jobs`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs

from provenance.config import Profile
from provenance.engine.crediting import Reading, read_all
from provenance.engine.linking import NO_DIRECTION, agencies_among, link_matches
from provenance.engine.rewording import match_wording
from provenance.engine.translating import match_translations
from provenance.errors import DuplicateId
from provenance.index.candidates import candidate_pairs
from provenance.lineage.graph import draw_story
from provenance.lineage.stories import Stories, group_stories
from provenance.model import (
    Article,
    ArticleId,
    Dates,
    Link,
    LinkKind,
    Mask,
    Mention,
    Overlap,
    Story,
)
from provenance.sketch.anchoring import anchors_of
from provenance.sketch.figures import figures_of
from provenance.sketch.signatures import sketch_columns
from provenance.sketch.wording import wording_of
from provenance.text.columns import columns_of
from provenance.text.furniture import find_repeated_lines, merge_masks
from provenance.verify.matching import Match, match_pairs

__all__ = ["Trace", "trace"]

Progress = Callable[[str, int, int], None]


@attrs.frozen(kw_only=True)
class Trace:
    """What a run found.

    Attributes:
        articles: The input, in identifier order, languages filled in.
        links: Verified pairs, sorted by both identifiers.
        possible: Pairs that may be related, each with its probability; no part of any story.
        mentions: Sources named by the texts, sorted by article and place.
        stories: Every article is in exactly one.
        masks: Spans left out of comparison, by article.
        dates: When each article can have been written.
        run: Profile, versions, counts, masked share and seconds by stage.
    """

    articles: tuple[Article, ...]
    links: tuple[Link, ...]
    possible: tuple[Link, ...]
    mentions: tuple[Mention, ...]
    stories: tuple[Story, ...]
    masks: Mapping[ArticleId, tuple[Mask, ...]]
    dates: Mapping[ArticleId, Dates]
    run: Mapping[str, Any]

    def write(self, directory: Path | str) -> None:
        """Write all files of a trace into `directory`, each complete or not at all."""
        from provenance.engine.writing import write_trace

        write_trace(
            Path(directory),
            articles=self.articles,
            links=self.links,
            possible=self.possible,
            mentions=self.mentions,
            stories=self.stories,
            masks=self.masks,
            run=self.run,
        )


def trace(
    articles: Iterable[Article],
    *,
    profile: Profile | None = None,
    kinds: Collection[LinkKind] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    catalogue: Path | None = None,
) -> Trace:
    """Find the copies in a corpus, read its credits, and draw who took what from whom.

    Args:
        articles: The corpus; identifiers must differ.
        profile: Settings; the defaults where left out.
        kinds: Kinds of links wanted; all where left out.  Stories and lineage are drawn from these.
        jobs: Processes for the reading of strings.
        progress: Called with a stage's name, how much of it is done, and how much there is.
        catalogue: File with agencies and names beyond the packaged ones; see
            :func:`provenance.attribution.catalogue.load_catalogue`.

    Returns:
        The trace; the same for the same articles in any order.

    Raises:
        DuplicateId: Two articles carry the same identifier.
        SettingError: The catalogue makes no sense.
    """
    settings = profile or Profile()
    clock = _Clock(progress)
    corpus = sorted(articles, key=lambda article: article.id)
    _refuse_duplicates(corpus)

    clock.start("read", len(corpus))
    readings = read_all(corpus, jobs=jobs, progress=clock.advance, catalogue=catalogue)
    corpus = [
        article if article.language else attrs.evolve(article, language=reading.language)
        for article, reading in zip(corpus, readings, strict=True)
    ]
    texts = [article.text for article in corpus]
    masks = _all_masks(corpus, readings)

    clock.start("match", len(corpus))
    columns = columns_of(texts, masks)
    sketches = sketch_columns(columns, settings.sketch)
    pairs = candidate_pairs(sketches, settings.index)
    matches = match_pairs(
        pairs,
        sketches,
        columns,
        settings.verify,
        texts=texts,
        publishers=[article.publisher for article in corpus],
        published=[article.published for article in corpus],
    )
    languages = [article.language for article in corpus]
    copies = list(matches)
    maybe: list[Match] = []
    clock.start("reword", len(corpus))
    wording = wording_of(columns, texts, languages)
    if kinds is None or "rewrite" in kinds:
        reworded = match_wording(wording, sketches, corpus, copies, settings)
        matches += reworded.sure
        maybe += reworded.possible

    clock.start("translate", len(corpus))
    anchors = anchors_of(columns, texts, languages) if len(set(languages)) > 1 else None
    if anchors and (kinds is None or "translation" in kinds):
        translated = match_translations(anchors, corpus, copies, settings)
        matches += translated.sure
        maybe += translated.possible
    matches = [match for match in matches if kinds is None or match.kind in kinds]

    clock.start("stories", len(corpus))
    stories = group_stories(
        corpus,
        wording,
        anchors,
        figures_of(columns, texts, languages, masks),
        [(match.a, match.b) for match in matches],
        [(reading.dates.earliest, reading.dates.latest) for reading in readings],
        settings.story,
    )

    clock.start("lineage", len(stories.groups))
    agencies = agencies_among((article.publisher for article in corpus), catalogue)
    links = link_matches(matches, corpus, readings, agencies)
    possible = link_matches(maybe, corpus, readings, agencies)
    if kinds is None or "same_story" in kinds:
        links = _with_story_links(links, stories, corpus)
    drawn = _draw(stories, corpus, readings, masks, links, settings, agencies)
    clock.stop()

    return Trace(
        articles=tuple(corpus),
        links=tuple(links),
        possible=tuple(possible),
        mentions=tuple(mention for reading in readings for mention in reading.mentions),
        stories=tuple(sorted(drawn, key=lambda story: story.story)),
        masks={article.id: m for article, m in zip(corpus, masks, strict=True)},
        dates={article.id: r.dates for article, r in zip(corpus, readings, strict=True)},
        run={
            "profile": attrs.asdict(settings),
            "counts": {
                "articles": len(corpus),
                "candidates": len(pairs),
                "links": len(links),
                "possible": len(possible),
                "mentions": sum(len(reading.mentions) for reading in readings),
                "stories": len(drawn),
            },
            "masked_share": _masked_share(texts, masks),
            "seconds": clock.seconds,
        },
    )


def _refuse_duplicates(corpus: Sequence[Article]) -> None:
    for before, after in pairwise(corpus):
        if before.id == after.id:
            msg = f"two articles have the identifier {after.id!r}; identifiers must differ"
            raise DuplicateId(msg)


def _all_masks(corpus: Sequence[Article], readings: Sequence[Reading]) -> list[tuple[Mask, ...]]:
    """Each article's own furniture, and the lines its outlet prints everywhere."""
    repeated = find_repeated_lines(
        [article.text for article in corpus],
        [article.publisher for article in corpus],
        [
            tuple(mention.span for mention in r.mentions if mention.field == "text")
            for r in readings
        ],
    )
    return [
        merge_masks((*reading.masks, *lines))
        for reading, lines in zip(readings, repeated, strict=True)
    ]


def _with_story_links(
    links: Sequence[Link], stories: Stories, corpus: Sequence[Article]
) -> list[Link]:
    """Add the links that hold stories together where no copy does."""
    known = {(link.a, link.b) for link in links}
    added = []
    for held in stories.links:
        a, b = sorted((corpus[held.a].id, corpus[held.b].id))
        if (a, b) in known:
            continue
        added.append(
            Link(
                a=a,
                b=b,
                kind="same_story",
                related=held.probability,
                direction=NO_DIRECTION,
                overlap=Overlap(jaccard=0.0, containment_a=0.0, containment_b=0.0),
            )
        )
    return sorted((*links, *added), key=lambda link: (link.a, link.b))


def _draw(
    stories: Stories,
    corpus: Sequence[Article],
    readings: Sequence[Reading],
    masks: Sequence[tuple[Mask, ...]],
    links: Sequence[Link],
    settings: Profile,
    agencies: Mapping[str, str],
) -> list[Story]:
    """One lineage a story, from the links inside it."""
    group_of = {
        corpus[number].id: position
        for position, group in enumerate(stories.groups)
        for number in group
    }
    inside: list[list[Link]] = [[] for _ in stories.groups]
    for link in links:
        if link.kind != "same_story" and group_of[link.a] == group_of[link.b]:
            inside[group_of[link.a]].append(link)
    return [
        draw_story(
            story_id,
            [corpus[number] for number in group],
            held,
            {corpus[number].id: readings[number].mentions for number in group},
            {corpus[number].id: readings[number].dates for number in group},
            settings.lineage,
            masks={corpus[number].id: masks[number] for number in group},
            agencies=agencies,
        )
        for story_id, group, held in zip(stories.ids, stories.groups, inside, strict=True)
    ]


def _masked_share(texts: Sequence[str], masks: Sequence[tuple[Mask, ...]]) -> float:
    """Code points left out of comparison, over all."""
    masked = sum(mask.span[1] - mask.span[0] for group in masks for mask in group)
    return round(masked / max(1, sum(map(len, texts))), 4)


class _Clock:
    """Seconds by stage, and the caller's progress bar."""

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._stage = ""
        self._total = 0
        self._since = 0.0

    def start(self, stage: str, total: int) -> None:
        self.stop()
        self._stage, self._total, self._since = stage, total, time.perf_counter()
        self.advance(0)

    def advance(self, done: int) -> None:
        if self._progress:
            self._progress(self._stage, done, self._total)

    def stop(self) -> None:
        if self._stage:
            self.seconds[self._stage] = round(time.perf_counter() - self._since, 3)
            self.advance(self._total)
