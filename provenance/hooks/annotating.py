"""What every hook does: records in, and for each what the tracker says about it.

A hook turns the things of its framework into records (mappings), hands them over in batches, and puts the
:class:`Annotation` of each where the users of the framework look for such things.  The default is to
annotate and nothing else; *drop* and *route* take out what is a copy of an earlier article, and are
asked for by name.

A record needs no identifier.  Without one it is called after its address; without that, after what
the framework calls it, or its own text.  The name matters: the same name and text is the same delivery,
which a tracker answers as it did before, and the same name with another text is a new version.
Two records without name and address that hold the same text are therefore one record to hooks
whose framework names nothing.

Nothing of a record but the fields of an article reaches the store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, Protocol, cast, get_args

import attrs
import xxhash

from provenance.errors import InputError, SettingError
from provenance.ingest.fields import FIELDS, article_from_values, parse_fields
from provenance.model import Article, ArticleId, Link, Mention

__all__ = [
    "ANNOTATION",
    "Action",
    "Annotation",
    "Fields",
    "Observed",
    "Observer",
    "OpenObserver",
    "Rejection",
    "agencies_of",
    "annotate_articles",
    "annotate_records",
    "annotation_of",
    "article_from_record",
    "check_action",
    "check_fields",
    "is_service",
    "opener_of",
    "positional_name",
]

ANNOTATION = "_prov"
"""Key of a record that the annotation is put under, as ``provenance dedupe --annotate`` does."""

Action = Literal["annotate", "drop", "route"]

Fields = Mapping[str, str] | str
"""Key of a record to read for a field: ``{"text": "content"}`` or ``"text=content"``."""


class Observed(Protocol):
    """What a tracker says about one article."""

    @property
    def verdict(self) -> str:
        """What the article is, in a word."""

    @property
    def story(self) -> str:
        """The story it belongs to."""

    @property
    def links(self) -> Sequence[Link]:
        """Its links to other articles."""

    @property
    def mentions(self) -> Sequence[Mention]:
        """The sources that its text names."""


class Observer(Protocol):
    """What a hook needs of a tracker."""

    def observe_many(self, articles: Sequence[Article], /) -> Sequence[Observed]:
        """Observe articles in this order, durably, and say what each is."""


OpenObserver = Callable[[], AbstractContextManager[Observer]]


@attrs.frozen(kw_only=True)
class Annotation:
    """What a hook hands on about one record.

    Attributes:
        id: What the record is called in links.
        verdict: What the article is, in a word.
        story: The story it belongs to.
        links: ``{"id": other, "kind": kind, "related": probability}`` each.
        agencies: Agencies that the text says it derives from, the strongest first.
    """

    id: str
    verdict: str
    story: str
    links: tuple[Mapping[str, Any], ...]
    agencies: tuple[str, ...]

    @property
    def is_repost(self) -> bool:
        """Whether it is a whole copy of an article that came before."""
        return any(link["kind"] == "repost" for link in self.links)

    def to_record(self) -> dict[str, Any]:
        """Return the annotation as plain values, which every framework can carry."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "story": self.story,
            "links": [dict(link) for link in self.links],
            "agencies": list(self.agencies),
        }


@attrs.frozen(kw_only=True)
class Rejection:
    """Why a record is no article."""

    reason: str


def check_action(action: str) -> Action:
    """Return what is to be done with copies.

    Raises:
        SettingError: There is no such action.
    """
    if action not in get_args(Action):
        msg = f"there is no action {action!r}; there are {', '.join(get_args(Action))}"
        raise SettingError(msg)
    return cast(Action, action)


def check_fields(fields: Fields | None) -> Mapping[str, str]:
    """Return which key to read for which field.

    Raises:
        SettingError: Articles have no such field.
    """
    if fields is None:
        return {}
    if isinstance(fields, str):
        return parse_fields(fields)
    for field in fields:
        if field not in FIELDS:
            msg = f"articles have no field {field!r}; there are {', '.join(FIELDS)}"
            raise SettingError(msg)
    return fields


def opener_of(store: str | Observer) -> OpenObserver:
    """Return what gives a tracker when it is entered, and closes it if it opened it.

    Args:
        store: Path or address of a store, or of a service (``http://host:port``, its token in the
            environment variable ``PROVENANCE_TOKEN``), or an open tracker, which is left open.

    Raises:
        SettingError: It is empty.
    """
    if not isinstance(store, str):
        return lambda: nullcontext(store)
    if not store:
        msg = "no store is named; give the path of one, such as news.db (it is made where it is not there)"
        raise SettingError(msg)

    def open_tracker() -> AbstractContextManager[Observer]:
        if is_service(store):
            from provenance.hooks.remote import RemoteTracker

            return RemoteTracker(store, token=os.environ.get("PROVENANCE_TOKEN", ""))
        from provenance.engine.tracking import Tracker

        return Tracker.open(store)

    return open_tracker


def is_service(store: str) -> bool:
    """Say whether this is the address of a service, which many may write to at once."""
    return store.startswith(("http://", "https://"))


def positional_name(position: int, text: str) -> str:
    """Return what a record without a name is called by its place, as the command line does."""
    return f"{position:06d}_{_digest(text)[:16]}"


def article_from_record(
    record: Mapping[str, Any], fields: Mapping[str, str], *, name: str = ""
) -> Article:
    """Return the article that a record is, without the keys that mean nothing.

    Args:
        record: The record.
        fields: Key to read for a field, where it is not the field's own name.
        name: What the framework calls the record, for want of an identifier and an address.

    Raises:
        InputError: There is no text, or a value is not of the type its field has.
    """
    article = article_from_values(_settled(record, fields), fields)
    own = article.id or article.url or name or _digest(article.text)
    return attrs.evolve(article, id=ArticleId(own), extra={})


def annotate_records(
    records: Sequence[Mapping[str, Any]],
    observer: Observer,
    *,
    fields: Mapping[str, str],
    names: Sequence[str] = (),
) -> list[Annotation | Rejection]:
    """Observe the articles among some records.

    Args:
        records: What came, in this order.
        observer: Where they are observed; all in one call.
        fields: Key to read for a field, where it is not the field's own name.
        names: What the framework calls each record, if it does.

    Returns:
        For every record its annotation, or why it is no article.
    """
    read: list[Article | Rejection] = []
    for position, record in enumerate(records):
        name = names[position] if names else ""
        try:
            read.append(article_from_record(record, fields, name=name))
        except InputError as error:
            read.append(Rejection(reason=error.reason))
    articles = [item for item in read if isinstance(item, Article)]
    annotations = iter(annotate_articles(articles, observer))
    return [item if isinstance(item, Rejection) else next(annotations) for item in read]


def annotate_articles(articles: Sequence[Article], observer: Observer) -> list[Annotation]:
    """Observe articles, and return what is to be handed on about each."""
    observed = observer.observe_many(articles) if articles else ()
    return [annotation_of(*pair) for pair in zip(articles, observed, strict=True)]


def annotation_of(article: Article, seen: Observed) -> Annotation:
    """Return what is to be handed on about an article that was observed."""
    return Annotation(
        id=article.id,
        verdict=seen.verdict,
        story=seen.story,
        links=tuple(
            {
                "id": link.b if link.a == article.id else link.a,
                "kind": link.kind,
                "related": round(link.related, 4),  # as in links.jsonl
            }
            for link in seen.links
        ),
        agencies=agencies_of(seen.mentions),
    )


def agencies_of(mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Return the agencies that some mentions speak for, the strongest first.

    An agency that is only quoted, shown or declined as the source has no weight, or a negative one.
    """
    weights: dict[str, float] = {}
    for mention in mentions:
        if mention.agency is not None:
            weights[mention.agency] = weights.get(mention.agency, 0.0) + mention.weight
    speaking = [agency for agency, weight in weights.items() if weight > 0]
    return tuple(sorted(speaking, key=lambda agency: (-weights[agency], agency)))


def _settled(record: Mapping[str, Any], fields: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the record with strings where scrapers leave lists of them: one value, or several authors."""
    settled: dict[str, Any] = {}
    for field in FIELDS:
        key = fields.get(field, field)
        value = record.get(key)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            continue
        if len(value) < 2 or field == "byline":
            settled[key] = ", ".join(value) or None
    return {**record, **settled}


def _digest(text: str) -> str:
    return xxhash.xxh3_128_hexdigest(text.encode("utf-8", "surrogatepass"))
