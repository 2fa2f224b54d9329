"""The report of a trace: one HTML file, no network, readable in both directions of writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from provenance.attribution.catalogue import load_catalogue
from provenance.model import Article, ArticleId, Link, Mask, Mention, Story
from provenance.report.templating import load_template
from provenance.report.views import view_story

__all__ = ["render_report"]

#: Characters of articles shown in full, the largest stories first, but at least one story: with its
#: pairs side by side a page grows to about four times that, and ten megabytes open well.  The
#: rest is counted and stands in ``stories.jsonl``.
_MOST_TEXT = 2_500_000

#: Articles that stand alone are listed up to here.
_MOST_ALONE = 200


def render_report(
    *,
    articles: Sequence[Article],
    links: Sequence[Link],
    mentions: Sequence[Mention],
    stories: Sequence[Story],
    masks: Mapping[ArticleId, Sequence[Mask]],
    run: Mapping[str, Any],
) -> str:
    """Return the page of a finished trace.

    Stories of several articles come first, the largest on top; articles that stand alone follow in
    one table.
    """
    by_id = {article.id: article for article in articles}
    own: dict[ArticleId, list[Mention]] = {}
    for mention in mentions:
        own.setdefault(mention.id, []).append(mention)
    ranked = sorted(stories, key=lambda story: (-len(story.members), story.story))
    told = [story for story in ranked if len(story.members) > 1]
    shown = _affordable(told, by_id)
    inside = _links_by_story(shown, links)
    alone = [story for story in ranked if len(story.members) == 1][:_MOST_ALONE]
    names = _agency_names()
    page: str = load_template("page.html").render(
        stories=[view_story(s, by_id, inside[s.story], own, masks, names) for s in shown],
        alone=[view_story(s, by_id, (), own, masks, names) for s in alone],
        left_out=len(ranked) - len(shown) - len(alone),
        story_count=len(told),
        alone_count=len(ranked) - len(told),
        counts=run.get("counts", {}),
        masked=f"{run.get('masked_share', 0):.1%}",
    )
    return page


def _affordable(stories: Sequence[Story], articles: Mapping[ArticleId, Article]) -> list[Story]:
    """The first stories whose texts fit on a page."""
    totals = accumulate(sum(len(articles[m].text) for m in story.members) for story in stories)
    return [
        story
        for n, (story, total) in enumerate(zip(stories, totals, strict=True))
        if n == 0 or total <= _MOST_TEXT
    ]


def _links_by_story(stories: Sequence[Story], links: Sequence[Link]) -> dict[str, list[Link]]:
    story_of = {member: story.story for story in stories for member in story.members}
    inside: dict[str, list[Link]] = {story.story: [] for story in stories}
    for link in links:
        home = story_of.get(link.a)
        if home is not None and home == story_of.get(link.b):
            inside[home].append(link)
    return inside


def _agency_names() -> dict[str, str]:
    return {agency.id: agency.name for agency in load_catalogue().agencies.values()}
