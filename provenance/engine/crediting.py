"""One article on its own: its credits, its furniture, its dates.

This is the only pass that looks at strings.  Markers are read before anything is masked, because
frequency-based cleaning deletes exactly the credit lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

import attrs

from provenance.attribution.dating import date_interval
from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId, Dates, Mask, Mention, Span
from provenance.text.furniture import find_furniture
from provenance.text.language import detect_language

__all__ = ["Reading", "as_article", "attribute", "read_all", "read_article"]

#: Articles a worker process takes at a time: large enough to hide the cost of sending them.
_SLICE = 500

#: Below it, starting processes costs more than they bring (about a second on two cores).
_WORTH_PROCESSES = 4000


@attrs.frozen(kw_only=True)
class Reading:
    """What one article says, without a look at any other.

    Attributes:
        language: BCP 47, given or detected; empty if unknown.
        mentions: Every source the text names, sorted by field and place.
        masks: Furniture and credit lines, sorted, not overlapping.
        dates: When it can have been written.
    """

    language: str
    mentions: tuple[Mention, ...]
    masks: tuple[Mask, ...]
    dates: Dates


def as_article(text: Article | str, *, name: str = "text") -> Article:
    """Return `text` as an article; a bare string gets the identifier `name`."""
    return text if isinstance(text, Article) else Article(id=ArticleId(name), text=text)


def attribute(article: Article | str, *, language: str = "") -> list[Mention]:
    """Read the sources that a text itself names; needs no corpus.

    Args:
        article: An article, or a bare text.
        language: BCP 47; detected where empty.

    Returns:
        Every mention with role, zone and span, sorted by field and place.

    Example:
        >>> [m.agency for m in attribute("LONDON (Reuters) - Prices fell on Monday.")]
        ['reuters']
    """
    item = as_article(article)
    return list(read_mentions(item, language=language or item.language))


def read_article(article: Article) -> Reading:
    """Read one article: language, mentions, masks, dates."""
    language = article.language or detect_language(article.text)
    mentions = read_mentions(article, language=language)
    return Reading(
        language=language,
        mentions=mentions,
        masks=find_furniture(article.text, title=article.title, credits=_standing_alone(mentions)),
        dates=date_interval(article, mentions),
    )


def read_all(
    articles: Sequence[Article],
    *,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> list[Reading]:
    """Read every article, in order; the result does not depend on `jobs`."""
    readings: list[Reading] = []
    if jobs < 2 or len(articles) < _WORTH_PROCESSES:
        for article in articles:
            readings.append(read_article(article))
            if progress and len(readings) % _SLICE == 0:
                progress(len(readings))
        return readings
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for part in pool.map(_read_slice, _slices(articles)):
            readings.extend(part)
            if progress:
                progress(len(readings))
    return readings


def _read_slice(articles: Sequence[Article]) -> list[Reading]:
    return [read_article(article) for article in articles]


def _slices(articles: Sequence[Article]) -> list[list[Article]]:
    # Other people's keys are not read here, and may hold what no process can be sent.
    rest = (attrs.evolve(article, extra={}) for article in articles)
    return list(iter(lambda: list(islice(rest, _SLICE)), []))


#: Roles whose words are not part of the story that is told: taken out of comparison, so that a kept,
#: replaced or lost credit neither makes nor hides a copy.
_APART = frozenset(
    {
        "syndicated_copy",
        "contribution",
        "additional_sources",
        "composite_credit",
        "generic_agencies",
        "photo_credit",
        "translation_human",
        "translation_machine",
        "translation_ai_reviewed",
        "republication_notice",
        "autoblog_source_link",
        "publisher_self_credit",
        "agency_staff_credit",
        "agency_end_marker",
        "syndication_disclaimer",
        "social_embed",
    }
)


def _standing_alone(mentions: Sequence[Mention]) -> tuple[Span, ...]:
    """Spans of credits.  A trace of machine translation inside the body is a word of the story."""
    return tuple(
        m.span
        for m in mentions
        if m.field == "text"
        and m.role in _APART
        and not (m.role == "translation_machine" and m.zone == "body")
    )
