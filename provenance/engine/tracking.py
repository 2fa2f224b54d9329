"""A tracker: articles come one by one, for years, and at each it says what was seen before.

A new article asks the store for documents that share a key with it, is measured against the few that
may matter, judged, and written with its links in one transaction.  Whoever delivers an article twice,
because the first acknowledgement was lost, gets the same answer and changes nothing.

What holds, and what does not:

* Pairs are found by the rules of a batch, one by one, so that the order of arrival does not matter for
  which pairs are measured; except in a crowd of more than fifty documents around one key, and for a short
  text that arrives after a longer one it stands in (:mod:`provenance.index.keys`).
* Whether a pair is a link depends on how common its phrases are, and that changes with every article.
  An observation says how it stands when the article comes.  :meth:`Tracker.settle` judges all pairs
  anew, as a batch of everything that is there would; then links are those of
  :func:`~provenance.engine.batch.trace` (verbatim view), whatever the order of arrival was.
* Forms filled in twice are known when a tracker is settled, and not before; neither are lines that an
  outlet prints under every article.

Limits: the verbatim view only.  Rewrites and translations need look-ups of their own, whose keys go
into the same store under other families.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from provenance.closing import Closing
from provenance.config import Profile
from provenance.engine.linking import agencies_among
from provenance.engine.meeting import Candidates, entries_of, meet
from provenance.engine.observing import (
    Judged,
    Kept,
    Observation,
    join_stories,
    judge,
    kept_of,
    verdict_of,
)
from provenance.engine.packing import unpack_link
from provenance.engine.preparing import Prepared, key_articles, prepare, sketch_articles
from provenance.engine.settling import judge_anew, with_gaps
from provenance.engine.stored import manifest_of
from provenance.engine.threads import Threads
from provenance.errors import SettingError
from provenance.lineage.graph import draw_story
from provenance.lineage.stories import story_id
from provenance.model import Article, ArticleId, Link, Story
from provenance.stores.contract import Batch, Document, Entries, StoredLink
from provenance.verify.rarity import Rarity

if TYPE_CHECKING:
    from provenance.stores.contract import Store

__all__ = ["Tracker", "manifest_of"]

#: Articles of one commit: enough to hide its cost, few enough to lose nothing by doing them again.
_BATCH = 1000

#: Documents that are sketched again at once when something is made anew.
_SLICE = 2000

#: Documents whose phrases are counted again where the counts were lost: as many as counts reach back.
_RECENT = 40_000

#: Documents have 32-bit numbers below this.
_NO_DOCUMENT = (1 << 32) - 1

_STATE = "rarity"


class Tracker(Closing):
    """Observes articles, and remembers them in a store.

    Safe to call from several threads, which wait for each other.

    Args:
        store: Open.
        profile: Settings; they must be those the store was made with.
        attribute: Read sources, furniture and dates of every article, as a batch does.  Without it an
            observation costs a fraction of the time, has no mentions, and its links say who shares text
            with whom, not who took it.
        catalogue: File with agencies and names beyond the packaged ones.
    """

    def __init__(
        self,
        store: Store,
        *,
        profile: Profile | None = None,
        attribute: bool = True,
        catalogue: Path | None = None,
    ) -> None:
        self._store = store
        self._settings = profile or Profile()
        self._attribute = attribute
        self._catalogue = catalogue
        self._lock = RLock()
        self._agencies: dict[str, dict[str, str]] = {}
        self._changed = False

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        profile: Profile | None = None,
        attribute: bool | None = None,
        catalogue: Path | None = None,
        readonly: bool = False,
        sync: bool = True,
        rebuild: bool = False,
    ) -> Tracker:
        """Open the embedded store in a folder or the store at an address, or make one.

        Args:
            path: The folder, or an address as :func:`provenance.stores.opening.open_store` takes them.
            profile: Settings; the defaults where left out.
            attribute: See the class; as the store was made where left out, and true for a new one.
            catalogue: See the class.
            readonly: Only ask; another process may write meanwhile.
            sync: Wait until what is written is on the disk.  Without it nothing is lost when the
                process dies, and the last observations may be when the machine does.
            rebuild: Make all keys anew from the articles, and do not look at those that are there: what to
                do where a file of keys is damaged.

        Raises:
            StoreLocked: Another process writes to it.
            FormatMismatch: It was made with other settings or by another version.
            StoreDamaged: A file of it is not what was written.
            SettingError: `path` is something else, or on a disk of another machine.
        """
        from provenance.stores.opening import open_store, stored_settings

        settings = profile or Profile()
        if attribute is None:
            attribute = (stored_settings(path) or {}).get("attribute", True)
        manifest = manifest_of(settings, attribute=attribute)
        store = open_store(path, manifest, readonly=readonly, sync=sync, rebuild=rebuild)
        tracker = cls(store, profile=settings, attribute=attribute, catalogue=catalogue)
        if rebuild:
            try:
                tracker.compact(rebuild=True)
            except BaseException:
                store.close()
                raise
        return tracker

    def close(self) -> None:
        """Close the store."""
        with self._lock:
            if self._changed:
                self._store.save_state(_STATE, self._rarity.to_bytes())
                self._changed = False
            self._store.close()

    # -- observing --------------------------------------------------------------------------------

    def observe(self, article: Article) -> Observation:
        """Say what is known of an article, and remember it; see :meth:`observe_many`."""
        return self.observe_many([article])[0]

    def observe_many(self, articles: Iterable[Article]) -> list[Observation]:
        """Say of each article what was known before it, and remember them.

        Each thousand is one transaction: when this returns, all of them are kept; when it raises, some
        thousands may be, and may be delivered again.

        Returns:
            One observation an article, in their order.

        Raises:
            InputError: An identifier is empty, or no text that can be stored.
            OSError: The disk is full.
            StoreDamaged: What would have to be read is not what was written.
        """
        with self._lock, Threads(1) as ahead:
            # The next articles are read and sketched while the store takes these.
            return [
                seen
                for batch in ahead.in_order(self._preparation, _batches(articles))
                for seen in self._observe_batch(batch, remember=True)
            ]

    def query(self, article: Article) -> Observation:
        """Say what :meth:`observe` would, and remember nothing."""
        return self.query_many([article])[0]

    def query_many(self, articles: Iterable[Article]) -> list[Observation]:
        """Say of each article what is known, not counting the others of the batch; remember nothing."""
        with self._lock:
            return [
                self._observe_batch(self._preparation([article]), remember=False)[0]
                for article in articles
            ]

    def _preparation(self, articles: Sequence[Article]) -> Prepared:
        return prepare(
            articles, self._settings, attribute=self._attribute, catalogue=self._catalogue
        )

    def _observe_batch(self, batch: Prepared, *, remember: bool) -> list[Observation]:
        packed = batch.packed
        known = self._store.find([article.id for article, _, _ in packed])
        versions = [(article.id, pack.digest) for article, _, pack in packed]
        outdated = self._store.superseded(versions) if any(known) else [False] * len(packed)
        fresh = [
            place
            for place, ((_, _, pack), document) in enumerate(zip(packed, known, strict=True))
            if not outdated[place] and (document is None or document.digest != pack.digest)
        ]
        seen: dict[int, Observation] = {}
        again = sorted(set(range(len(packed))).difference(fresh))
        answers = self._answers([known[p] for p in again], [outdated[p] for p in again])
        seen.update(zip(again, answers, strict=True))
        if fresh:
            if again:
                batch = key_articles([packed[place] for place in fresh], self._settings)
            found = self._take(batch, [known[place] for place in fresh], remember=remember)
            seen.update(zip(fresh, found, strict=True))
        return [seen[place] for place in range(len(packed))]

    def _answers(
        self, known: Sequence[Document | None], outdated: Sequence[bool]
    ) -> list[Observation]:
        """Say again what was said of articles that are there."""
        documents = [document for document in known if document is not None]
        links = self._links_by_late([document.number for document in documents])
        names = self._story_names({document.story for document in documents})
        answers = []
        for document, late in zip(documents, outdated, strict=True):
            kept = kept_of(document)
            own = links.get(document.number, ())
            answers.append(
                Observation(
                    id=kept.article.id,
                    links=tuple(own),
                    mentions=kept.reading.mentions,
                    story=names[document.story],
                    verdict="outdated" if late else verdict_of(own, replaces=False),
                )
            )
        return answers

    def _links_by_late(self, numbers: Sequence[int]) -> dict[int, list[Link]]:
        wanted = set(numbers)
        rows = [row for row in self._store.links(numbers) if row.kind and row.late in wanted]
        ids = self._ids({n for row in rows for n in (row.late, row.early)})
        links: dict[int, list[Link]] = {}
        for row in rows:
            link = unpack_link(row.record, ids[row.late], ids[row.early])
            links.setdefault(row.late, []).append(link)
        return {late: sorted(own, key=_ends) for late, own in links.items()}

    def _ids(self, numbers: Iterable[int]) -> dict[int, str]:
        return {d.number: d.id for d in self._store.documents(sorted(numbers)) if d}

    def _story_names(self, stories: Iterable[int]) -> dict[int, str]:
        return {number: story_id([one], [""]) for number, one in self._ids(stories).items()}

    def _take(
        self,
        batch: Prepared,
        replaced: Sequence[Document | None],
        *,
        remember: bool,
    ) -> list[Observation]:
        """Judge articles that are not there, and remember them."""
        settings, store = self._settings, self._store
        rarity = self._rarity
        # What is only asked gets numbers that no document has, also not one that comes meanwhile.
        first = store.next_number if remember else _NO_DOCUMENT - len(batch.packed)
        candidates = self._candidates(batch, first, [d.number for d in replaced if d])
        kept = {
            first + place: Kept(number=first + place, story=first + place, article=a, reading=r)
            for place, (a, r, _) in enumerate(batch.packed)
        }
        old = sorted({n for n in candidates.pairs.ravel().tolist() if n < first})
        for document in store.documents(old):
            if document:
                kept[document.number] = kept_of(document)
        new = range(first, first + len(batch.packed))
        judged = judge(
            candidates,
            kept,
            batch.sketches,
            first,
            rarity,
            settings,
            agencies=self._agencies_of(kept.values()) if self._attribute else None,
            count=remember,
        )
        renamed = self._renamed([document for document in replaced if document])
        stories = join_stories(
            {n: renamed.get(item.story, item.story) for n, item in kept.items()},
            [(pair.late, pair.early) for pair in judged if pair.link],
        )
        stories.update({old: stories.get(story, story) for old, story in renamed.items()})
        if remember:
            self._write(batch, replaced, judged, kept, stories)
            rarity.reach = new.stop
            self._changed = True
        return self._observations(kept, new, judged, stories, replaced)

    def _renamed(self, replaced: Sequence[Document]) -> dict[int, int]:
        """Return the stories that lose the document they are called by, with what is left of them."""
        gone = {document.number for document in replaced}
        roots = sorted({document.story for document in replaced} & gone)
        left = [
            [number for number in members if number not in gone]
            for members in self._store.members(roots)
        ]
        return {root: members[0] for root, members in zip(roots, left, strict=True) if members}

    def _observations(
        self,
        kept: Mapping[int, Kept],
        new: Sequence[int],
        judged: Sequence[Judged],
        stories: Mapping[int, int],
        replaced: Sequence[Document | None],
    ) -> list[Observation]:
        links: dict[int, list[Link]] = {number: [] for number in new}
        for pair in judged:
            if pair.link:
                links[pair.late].append(pair.link)
        roots = {stories[kept[number].story] for number in new}
        ids = {n: kept[n].article.id for n in roots if n in kept}
        missing = roots - set(ids)
        ids.update({n: ArticleId(one) for n, one in self._ids(missing).items()} if missing else {})
        return [
            Observation(
                id=kept[number].article.id,
                links=tuple(sorted(links[number], key=_ends)),
                mentions=kept[number].reading.mentions,
                story=story_id([ids[stories[kept[number].story]]], [""]),
                verdict=verdict_of(links[number], replaces=document is not None),
            )
            for number, document in zip(new, replaced, strict=True)
        ]

    def _write(
        self,
        batch: Prepared,
        replaced: Sequence[Document | None],
        judged: Sequence[Judged],
        kept: Mapping[int, Kept],
        stories: Mapping[int, int],
    ) -> None:
        first = self._store.next_number
        # A clock that was set back must not reorder what came.
        observed = max(time.time_ns() // 1_000_000, self._store.last_observed)
        self._store.commit(
            Batch(
                documents=[
                    Document(
                        number=first + place,
                        id=article.id,
                        digest=pack.digest,
                        observed=observed,
                        story=stories[kept[first + place].story],
                        content=pack.content,
                    )
                    for place, (article, _, pack) in enumerate(batch.packed)
                ],
                entries=batch.entries,
                links=[_stored(pair) for pair in judged],
                stories={old: new for old, new in stories.items() if old != new and old < first},
                superseded=[document.number for document in replaced if document],
            )
        )

    def _candidates(self, batch: Prepared, first: int, replaced: Sequence[int]) -> Candidates:
        candidates = meet(batch.keys, batch.entries, first, self._store, self._settings)
        if not replaced:
            return candidates
        stays = ~np.isin(candidates.pairs, np.array(replaced)).any(axis=1)
        return attrs.evolve(
            candidates, pairs=candidates.pairs[stays], sampled=candidates.sampled[stays]
        )

    def _agencies_of(self, kept: Iterable[Kept]) -> dict[str, str]:
        names = {item.article.publisher for item in kept}
        for name in names - set(self._agencies):
            self._agencies[name] = agencies_among([name], self._catalogue)
        return {k: v for name in names for k, v in self._agencies[name].items()}

    @cached_property
    def _rarity(self) -> Rarity:
        """How common phrases are, counted up to the last document."""
        state = self._store.load_state(_STATE)
        rarity = Rarity.from_bytes(state) if state else Rarity()
        lost = self._store.next_number - rarity.reach
        if lost > _RECENT:
            rarity = Rarity()
        start = max(rarity.reach, self._store.next_number - _RECENT)
        for numbers in _ranges(start, self._store.next_number):
            kept = [kept_of(d) for d in self._store.documents(numbers) if d]
            sketches, _ = sketch_articles(
                [k.article for k in kept], [k.reading for k in kept], self._settings
            )
            rarity.count(sketches.shingles, sketches.offsets)
        rarity.reach = self._store.next_number
        return rarity

    # -- asking -----------------------------------------------------------------------------------

    def articles(self) -> Iterator[Article]:
        """Yield all articles, in the order they came."""
        for kept in self._all():
            yield kept.article

    def get(self, identifier: str) -> Observation | None:
        """Return what was said of an article when it came, as it stands now; ``None`` if unknown."""
        with self._lock:
            (document,) = self._store.find([identifier])
            return self._answers([document], [False])[0] if document else None

    def links(self, ids: Iterable[str] | None = None) -> list[Link]:
        """Return the links of some articles, or all, sorted by both identifiers."""
        with self._lock:
            if ids is None:
                numbers = self._store.numbers().tolist()
            else:
                numbers = [d.number for d in self._store.find(list(ids)) if d]
            rows = [row for row in self._store.links(numbers) if row.kind]
            names = self._ids({n for row in rows for n in (row.late, row.early)})
            links = [unpack_link(row.record, names[row.late], names[row.early]) for row in rows]
            return sorted(links, key=_ends)

    def story(self, identifier: str) -> Story | None:
        """Draw the story that an article is in, as of now; ``None`` if the article is not known.

        It holds the articles that links tie to each other; those that report the same event in their
        own words are not brought together here.
        """
        with self._lock:
            (document,) = self._store.find([identifier])
            if not document:
                return None
            (members,) = self._store.members([document.story])
            kept = [kept_of(d) for d in self._store.documents(members) if d]
            articles = [
                attrs.evolve(k.article, language=k.article.language or k.reading.language)
                for k in kept
            ]
            return draw_story(
                self._story_names([document.story])[document.story],
                sorted(articles, key=lambda article: article.id),
                self.links([article.id for article in articles]),
                {k.article.id: k.reading.mentions for k in kept},
                {k.article.id: k.reading.dates for k in kept},
                self._settings.lineage,
                masks={k.article.id: k.reading.masks for k in kept},
                agencies=self._agencies_of(kept),
            )

    def info(self) -> Mapping[str, Any]:
        """Return figures on the store."""
        with self._lock:
            return self._store.info()

    # -- keeping house ----------------------------------------------------------------------------

    def settle(self) -> int:
        """Judge all pairs that share much as a batch of all articles would; return how many changed.

        Memory: about 6 KB an article of 300 words.
        """
        with self._lock:
            kept = sorted(self._all(), key=lambda item: item.article.id)
            rows = self._store.links(self._store.numbers().tolist())
            agencies = self._agencies_of(kept) if self._attribute else None
            changed, stories = judge_anew(kept, rows, self._settings, agencies)
            moved = {k.number: stories[k.number] for k in kept if stories[k.number] != k.story}
            self._store.rejudge(changed, moved)
            return len(changed)

    def remove(self, ids: Iterable[str]) -> int:
        """Erase articles and all that was derived from them; return how many there were.

        Their rows are overwritten at once.  Their keys, which are hashes, go with the next merge; call
        :meth:`compact` to have them gone now.
        """
        with self._lock:
            documents = [d for d in self._store.find(list(ids)) if d]
            gone = {document.number for document in documents}
            members = self._store.members(sorted({document.story for document in documents}))
            left = [n for group in members for n in group if n not in gone]
            ties = [
                (row.late, row.early)
                for row in self._store.links(left)
                if row.kind and row.late not in gone and row.early not in gone
            ]
            return self._store.remove(
                sorted(gone), join_stories({number: number for number in left}, ties)
            )

    def expire(self, before: datetime) -> int:
        """Erase articles that were observed before a time; return how many there were.

        The time of observation, not of publication: dates of publication are sometimes wrong by years.
        """
        if before.tzinfo is None:
            msg = f"{before} has no time zone; say which one is meant"
            raise SettingError(msg)
        with self._lock:
            return self._store.expire(int(before.timestamp() * 1000))

    def compact(self, *, rebuild: bool = False) -> None:
        """Bring the store into its smallest and fastest form.

        Args:
            rebuild: Make all keys anew from the articles.
        """
        with self._lock:
            if rebuild:
                self._store.replace_entries(self._entries_anew())
            self._store.compact()

    def check(self) -> None:
        """Read all of the store.

        Raises:
            StoreDamaged: Something is not what was written.
        """
        with self._lock:
            self._store.check()
            for _ in self._all():
                pass

    def _entries_anew(self) -> Iterator[tuple[int, Entries]]:
        """Sketch all articles again."""
        for numbers in _ranges(0, self._store.next_number, _RECENT // 2):
            kept = [kept_of(d) for d in self._store.documents(numbers) if d]
            if kept:
                sketches, keys = sketch_articles(
                    [k.article for k in kept], [k.reading for k in kept], self._settings
                )
                places = [k.number - numbers[0] for k in kept]
                yield numbers[0], with_gaps(entries_of(sketches, keys), places, len(numbers))

    def _all(self) -> Iterator[Kept]:
        numbers = self._store.numbers().tolist()
        for start in range(0, len(numbers), _SLICE):
            for document in self._store.documents(numbers[start : start + _SLICE]):
                if document:
                    yield kept_of(document)


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Cut articles into batches in which no identifier comes twice."""
    batch: list[Article] = []
    ids: set[str] = set()
    for article in articles:
        if len(batch) == _BATCH or article.id in ids:
            yield batch
            batch, ids = [], set()
        batch.append(article)
        ids.add(article.id)
    if batch:
        yield batch


def _ranges(start: int, stop: int, size: int = _SLICE) -> Iterator[range]:
    for first in range(start, stop, size):
        yield range(first, min(first + size, stop))


def _stored(pair: Judged) -> StoredLink:
    kind = pair.link.kind if pair.link else ""
    return StoredLink(late=pair.late, early=pair.early, kind=kind, record=pair.record)


def _ends(link: Link) -> tuple[str, str]:
    return link.a, link.b
