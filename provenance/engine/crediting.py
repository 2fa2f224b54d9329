"""One article on its own: its credits, its furniture, its dates.

This is the only pass that looks at strings.  Markers are read before anything is masked, because
frequency-based cleaning deletes exactly the credit lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import attrs

from provenance.attribution.dating import date_interval
from provenance.attribution.reading import reader_for, restore_mentions
from provenance.attribution.sources import Standing, read_standing
from provenance.model import Article, ArticleId, Dates, Field, Mask, Mention, Span
from provenance.text.furniture import find_furniture
from provenance.text.language import detect_language
from provenance.text.layout import lines_of
from provenance.text.repair import Repair, repair_article

__all__ = [
    "Credits",
    "Reading",
    "as_article",
    "attribute",
    "read_all",
    "read_article",
    "read_credits",
]

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
        accidents: What had happened to its letters, such as ``UTF-8 read as cp1256``; it was read as if
            it had not, and every span is one of the text as found.
    """

    language: str
    mentions: tuple[Mention, ...]
    masks: tuple[Mask, ...]
    dates: Dates
    accidents: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Credits:
    """What one article says about its sources.

    Attributes:
        mentions: Every source the text names, sorted by field and place.
        standing: What they come to.
        accidents: As in :class:`Reading`.
    """

    mentions: tuple[Mention, ...]
    standing: Standing
    accidents: tuple[str, ...] = ()


def as_article(text: Article | str, *, name: str = "text") -> Article:
    """Return `text` as an article; a bare string gets the identifier `name`."""
    return text if isinstance(text, Article) else Article(id=ArticleId(name), text=text)


def attribute(
    article: Article | str, *, language: str = "", catalogue: Path | None = None
) -> list[Mention]:
    """Read the sources that a text itself names; needs no corpus.

    Args:
        article: An article, or a bare text.
        language: BCP 47; detected where empty.
        catalogue: File with agencies and names beyond the packaged ones; see
            :func:`provenance.attribution.catalogue.load_catalogue`.

    Returns:
        Every mention with role, zone and span, sorted by field and place.

    Raises:
        SettingError: The catalogue makes no sense.

    Example:
        >>> [m.agency for m in attribute("LONDON (Reuters) - Prices fell on Monday.")]
        ['reuters']
    """
    item = as_article(article)
    return list(reader_for(catalogue).read(item, language=language or item.language))


def read_credits(article: Article, *, language: str = "", catalogue: Path | None = None) -> Credits:
    """Read the sources that an article names, and what they come to; arguments as in `attribute`."""
    meant, repairs = repair_article(article)
    language = language or article.language or detect_language(meant.text)
    mentions = reader_for(catalogue).read_meant(meant, language=language)
    standing = read_standing(mentions, text=meant.text, language=language)
    return Credits(
        mentions=restore_mentions(mentions, article, repairs) if repairs else mentions,
        standing=standing,
        accidents=_accidents(repairs),
    )


def read_article(article: Article, *, catalogue: Path | None = None) -> Reading:
    """Read one article: language, mentions, masks, dates.

    Args:
        article: The article as found.
        catalogue: File with agencies and names beyond the packaged ones.

    Raises:
        SettingError: The catalogue makes no sense.
    """
    meant, repairs = repair_article(article)
    language = article.language or detect_language(meant.text)
    mentions = reader_for(catalogue).read_meant(meant, language=language)
    lines = lines_of(meant.text)
    credited = _standing_alone(mentions)
    masks = find_furniture(meant.text, title=meant.title, credits=credited, lines=lines)
    dates = date_interval(meant, mentions, lines=lines)
    if repairs:
        mentions = restore_mentions(mentions, article, repairs)
        if "text" in repairs:
            original = repairs["text"].original
            masks = tuple(attrs.evolve(mask, span=original(mask.span)) for mask in masks)
    return Reading(
        language=language,
        mentions=mentions,
        masks=masks,
        dates=dates,
        accidents=_accidents(repairs),
    )


def _accidents(repairs: Mapping[Field, Repair]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(repair.accident for repair in repairs.values()))


def read_all(
    articles: Sequence[Article],
    *,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
    catalogue: Path | None = None,
) -> list[Reading]:
    """Read every article, in order; the result does not depend on `jobs`.

    Raises:
        SettingError: The catalogue makes no sense; before anything is read.
    """
    reader_for(catalogue)
    readings: list[Reading] = []
    if jobs < 2 or len(articles) < _WORTH_PROCESSES:
        for article in articles:
            readings.append(read_article(article, catalogue=catalogue))
            if progress and len(readings) % _SLICE == 0:
                progress(len(readings))
        return readings
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for part in pool.map(partial(_read_slice, catalogue=catalogue), _slices(articles)):
            readings.extend(part)
            if progress:
                progress(len(readings))
    return readings


def _read_slice(articles: Sequence[Article], catalogue: Path | None) -> list[Reading]:
    return [read_article(article, catalogue=catalogue) for article in articles]


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
