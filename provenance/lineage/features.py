"""What speaks for and against every possible parent of a story's documents, as numbers.

An arrow leads from any document to any other that it is linked with, unless time forbids; besides, every document may be its
outlet's own, or have a parent that nobody collected.  What is measured of an arrow: how much of each text
it explains and what it leaves to others (coverage), small differences and who bears witness to either
reading (:mod:`.differences`), dates, credits, and furniture.  What is measured of a document alone stands
for the other two possibilities, in one list with two sets of weights.

The names are those of the weights in ``data/tree_weights.json``; ``benchmarks/cascades/fit.py`` fits them.

Limits: which outlet usually takes from which is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import log, log1p

import attrs
import numpy as np
import numpy.typing as npt

from provenance.lineage.credits import is_outlet, quoted_names
from provenance.lineage.differences import COUNTS, count_differences
from provenance.lineage.scene import Scene
from provenance.model import ArticleId, Link
from provenance.text.columns import Columns, columns_of

__all__ = ["Features", "read_features"]

#: Less than this share of a text is no relation worth counting.
_RELATED = 0.15

#: From this share on, a text is all there.
_ALL = 0.95

_AT_ONCE = 5.0


@attrs.frozen(kw_only=True, eq=False)
class Features:
    """One story in numbers.

    Attributes:
        members: Its documents; numbers count them.
        arrows: int64[E, 2], parent and child.
        arrow_names: Names of the columns of `arrow_values`.
        arrow_values: float64[E, F].
        root_names: Names of the columns of `root_values`.
        root_values: float64[N, G].
    """

    members: tuple[ArticleId, ...]
    arrows: npt.NDArray[np.int64]
    arrow_names: tuple[str, ...]
    arrow_values: npt.NDArray[np.float64]
    root_names: tuple[str, ...]
    root_values: npt.NDArray[np.float64]


def read_features(scene: Scene) -> Features:
    """Measure a story; the documents in identifier order."""
    return _Reader(scene).read()


class _Reader:
    """Looks everything up once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._members = tuple(scene.articles)
        self._number = {member: place for place, member in enumerate(self._members)}
        self._covered: dict[tuple[ArticleId, ArticleId], float] = {}
        self._all: dict[ArticleId, int] = {}  # words that any other document has
        self._twice: dict[ArticleId, int] = {}  # words that two others have
        for member in self._members:
            once = twice = 0
            for other in scene.near[member]:
                common = scene.passages.common(member, other)
                twice |= once & common
                once |= common
                self._covered[member, other] = scene.passages.covered(member, other)
            self._all[member], self._twice[member] = once, twice
        self._most = {
            member: max((self._covered[member, other] for other in scene.near[member]), default=0.0)
            for member in self._members
        }
        self._minutes = {member: scene.minutes(member) for member in self._members}
        self._names: dict[ArticleId, set[ArticleId]] = {
            member: {other for other in near if self._weight(other, member, "outlet") > 0}
            for member, near in scene.near.items()
        }
        self._issued: dict[ArticleId, set[str]] = {member: set() for member in self._members}
        self._credited: set[ArticleId] = set()
        self._dated: set[ArticleId] = set()
        for member, c in scene.credits.items():
            family = scene.family[member]
            if c.issuer:
                self._issued[family].add(c.issuer)
            if c.whole or c.own or c.generic or c.republished or self._names[member]:
                self._credited.add(family)
            if self._minutes[member] is not None and member not in scene.late:
                self._dated.add(family)

        # Families that credit an agency and have no item of any agency.
        self._absent = {scene.family[member]: False for member in self._members}
        for member, c in scene.credits.items():
            family = scene.family[member]
            self._absent[family] |= bool(set(c.whole) - self._issued[family])

    def read(self) -> Features:
        counts = self._counts()
        arrows, values = [], []
        names: tuple[str, ...] = ()
        for child in self._members:
            for parent in self._scene.near[child]:
                if (self._scene.order(parent, child) or 0.0) < 0.0:
                    continue
                row = self._arrow(parent, child, counts)
                arrows.append((self._number[parent], self._number[child]))
                values.append(tuple(row.values()))
                names = tuple(row)
        roots = [self._root(member, counts) for member in self._members]
        return Features(
            members=self._members,
            arrows=np.array(arrows, np.int64).reshape(-1, 2),
            arrow_names=names,
            arrow_values=np.array(values, np.float64).reshape(len(values), len(names)),
            root_names=tuple(roots[0]) if roots else (),
            root_values=np.array([tuple(row.values()) for row in roots], np.float64),
        )

    def _counts(self) -> dict[tuple[ArticleId, ArticleId], dict[str, int]]:
        """Counts of differences by parent and child."""
        scene = self._scene
        if not scene.links:
            return {}
        columns = columns_of(
            [article.text for article in scene.articles.values()],
            [scene.masks[member] for member in self._members],
        )
        pairs = np.array([(self._number[k.a], self._number[k.b]) for k in scene.links], np.int64)
        found = count_differences(
            columns, pairs, [self._spans(columns, link) for link in scene.links]
        )
        counts = {}
        for link, row in zip(scene.links, found.tolist(), strict=True):
            there = dict(zip(COUNTS, row, strict=True))
            counts[link.a, link.b] = there
            counts[link.b, link.a] = {_turned(name): value for name, value in there.items()}
        return counts

    def _spans(self, columns: Columns, link: Link) -> list[tuple[int, int, int, int]]:
        """The passages of a pair, in words."""
        found = []
        ends = []
        for end in (link.a, link.b):
            first, last = columns.offsets[self._number[end]], columns.offsets[self._number[end] + 1]
            ends.append(columns.starts[first:last])
        for span in link.spans:
            if span.view == "verbatim":
                a, b = np.searchsorted(ends[0], span.a), np.searchsorted(ends[1], span.b)
                found.append((int(a[0]), int(a[1]), int(b[0]), int(b[1])))
        return found

    def _weight(self, parent: ArticleId, child: ArticleId, kind: str) -> float:
        """What reasons of one kind weigh for `child` having taken from `parent`."""
        link = self._scene.near[child][parent]
        toward = "a_to_b" if link.a == parent else "b_to_a"
        return sum(
            (item.weight for item in link.evidence if item.type == kind and item.toward == toward),
            0.0,
        )

    def _is_detour(self, parent: ArticleId, child: ArticleId, kind: str) -> bool:
        """Say whether a pair is tied by other words only, where the child has a nearer relative."""
        near = self._scene.near[child]
        return near[parent].kind == kind and any(
            link.kind not in (kind, "translation") for link in near.values()
        )

    def _stated(self, parent: ArticleId, child: ArticleId) -> float:
        """Log-odds of what no cascade has and the texts or their carriers say themselves."""
        return sum(
            max(0.0, self._weight(parent, child, kind)) for kind in ("declared", "translation")
        )

    def _arrow(
        self,
        parent: ArticleId,
        child: ArticleId,
        counts: Mapping[tuple[ArticleId, ArticleId], Mapping[str, int]],
    ) -> dict[str, float]:
        scene = self._scene
        p, c = scene.credits[parent], scene.credits[child]
        taken, held = self._covered[child, parent], self._covered[parent, child]
        words_p, words_c = scene.passages.words(parent), scene.passages.words(child)
        common = scene.passages.common(child, parent)
        count = counts[parent, child]
        aligned = count["equal"] + count["changed_b"]
        row: dict[str, float] = {
            "bias": 1.0,
            "taken": taken,
            "held": held,
            "held_all": held > _ALL,
            "gap": self._most[child] - taken,
            "elsewhere": words_c.share(self._all[child] & ~common),
            "alone": log1p((common & ~self._twice[child]).bit_count()),
            "lack_both": min(1.0 - taken, 1.0 - held),
            "same_body": taken > 0.97 and held > 0.97,
            "longer": log((len(words_p) + 1) / (len(words_c) + 1)),
            "new_p": 1.0 - words_p.share(self._all[parent]),
            "new_c": 1.0 - words_c.share(self._all[child]),
            "only_pair": len(scene.near[child]) == 1,
            "reworded": self._is_detour(parent, child, "rewrite"),
            "translated": self._is_detour(parent, child, "translation"),
            "identity": count["equal"] / aligned if aligned else 0.0,
            "events": log1p(count["events"]),
            "events_parent": log1p(count["alone_a"]),
            "events_child": log1p(count["alone_b"]),
            "events_both": log1p(count["both"]),
            "events_neither": log1p(count["neither"]),
            "cuts": log1p(count["blocks_a"]),
            "cuts_inside": log1p(count["inner_blocks_a"]),
            "additions": log1p(count["blocks_b"]),
            "additions_inside": log1p(count["inner_blocks_b"]),
            "exclusive": log1p(count["exclusive"]),
        }
        row.update(self._arrow_dates(parent, child))
        same = scene.same_outlet(parent, child)
        common_credit = bool(p.agencies & c.agencies)
        named = parent in self._names[child]
        row.update(
            same_outlet=same,
            same_outlet_later=same and row["later"],
            agency_p=p.issuer is not None,
            agency_c=c.issuer is not None and not same,
            agency_credited=p.issuer is not None
            and (p.issuer in c.agencies or p.issuer in c.part or p.issuer in c.told),
            credit_same=common_credit and p.issuer is None,
            credit_p=bool(p.whole) and not c.agencies,
            credit_c=bool(c.whole) and not p.agencies,
            credit_other=bool(p.agencies and c.agencies) and not common_credit,
            wire_absent=self._absent[scene.family[child]],
            credit_agency_here=bool(c.agencies & self._issued[scene.family[child]])
            and p.issuer is None,
            told_c=bool(set(c.told) - set(p.told)),
            told_p=bool(set(p.told) - set(c.told)),
            unnamed_c=c.generic is not None,
            unnamed_p=p.generic is not None,
            own_c=c.own is not None,
            own_p=p.own is not None,
            stated=self._stated(parent, child) - self._stated(child, parent),
            names=named,
            names_back=child in self._names[parent],
            names_other=bool(self._names[child] - {parent} - self._names[parent]),
            source_c=bool(c.republished),
            source_p=bool(p.republished),
            wrapper_p=p.wrapper is not None,
            wrapper_c=c.wrapper is not None,
            wrapper_both=p.wrapper is not None and c.wrapper is not None,
            end_p=_ended(scene, parent),
            end_only_c=_ended(scene, child) and not _ended(scene, parent),
        )
        return {name: float(value) for name, value in row.items()}

    def _arrow_dates(self, parent: ArticleId, child: ArticleId) -> dict[str, float]:
        minutes = self._scene.order(parent, child)
        row = {
            "later": minutes is not None,
            "at_once": minutes is not None and minutes < _AT_ONCE,
            "delay": log1p(minutes / 60) if minutes is not None else 0.0,
            "visited_later": 0.0,
        }
        if minutes is None:
            first, second = self._minutes[parent], self._minutes[child]
            if first is not None and second is not None:
                row["visited_later"] = float(np.sign(second - first))
        return row

    def _root(
        self,
        member: ArticleId,
        counts: Mapping[tuple[ArticleId, ArticleId], Mapping[str, int]],
    ) -> dict[str, float]:
        scene = self._scene
        own = scene.credits[member]
        near = [o for o in scene.near[member] if self._related(member, o)]
        some = bool(near)
        taken = {other: self._covered[member, other] for other in near}
        held = {other: self._covered[other, member] for other in near}
        words = scene.passages.words(member)
        minutes = None if member in scene.late else self._minutes[member]
        orders = [scene.order(member, other) for other in near]
        first = some and minutes is not None and all(o is None or o > 0 for o in orders)
        after = minutes is not None and any(o is not None and o < 0 for o in orders)
        foreign = bool(own.whole)
        agencies = {other: scene.credits[other] for other in near}
        by_agency = max((taken[o] for o, c in agencies.items() if c.issuer), default=0.0)
        credited = max(
            (taken[o] for o, c in agencies.items() if c.whole and not c.issuer), default=0.0
        )
        item = max(
            (
                taken[o]
                for o, c in agencies.items()
                if c.issuer and (not own.agencies or c.issuer in own.agencies)
            ),
            default=0.0,
        )
        lack = float(np.mean([1.0 - held[o] for o in near])) if near else 0.0
        changed = [
            counts[o, member]["changed_b"] / max(1, counts[o, member]["equal"]) for o in near
        ]
        others_share = max((self._lacked(o, member) for o in near), default=0.0)
        most, most_held = max(taken.values(), default=0.0), max(held.values(), default=0.0)
        lack_both = [min(1.0 - taken[o], 1.0 - held[o]) for o in near]
        no_credit = some and scene.family[member] not in self._credited
        no_date = some and scene.family[member] not in self._dated
        unmet = bool(own.republished) and not self._names[member]
        innovations = sum(counts[o, member]["alone_b"] for o in near)
        row: dict[str, float] = {
            "bias": 1.0,
            "related": some,
            "most": most,
            "most_held": most_held,
            "new": 1.0 - words.share(self._all[member]),
            "first": first,
            "after": after,
            "undated": minutes is None,
            "credit": foreign,
            "told": bool(own.told),
            "agency": own.issuer is not None,
            "own": own.own is not None,
            "unnamed": own.generic is not None,
            "names": bool(self._names[member]),
            "names_unmet": unmet,
            "foreign_name": _foreign_name(scene, member),
            "wrapper": own.wrapper is not None,
            "end": _ended(scene, member) and own.issuer is None,
            "end_agency": _ended(scene, member) and own.issuer is not None,
            "credited_copy": credited,
            "by_agency": by_agency,
            "lack": lack,
            "changed": float(np.mean(changed)) if changed else 0.0,
            "innovations": log1p(innovations),
            "others_share": others_share,
            "others_share_some": others_share > 0.05,
            "lack_both": max(lack_both, default=0.0),
            "least_left": min((1.0 - value for value in taken.values()), default=1.0)
            if some
            else 0.0,
            "length": log((len(words) + 1) / 100),
            "first_agency": first and own.issuer is not None,
            "credit_no_item": foreign and by_agency < 0.3,
            "credit_no_own_item": (foreign or bool(own.told)) and item < _RELATED,
            "wire_absent": some and self._absent[scene.family[member]],
            "wire_absent_most": self._absent[scene.family[member]] * most,
            "no_agency": some and not self._issued[scene.family[member]],
            "no_agency_most": (not self._issued[scene.family[member]]) * most,
            "no_agency_held": (not self._issued[scene.family[member]]) * most_held,
            "same_bodies": most > 0.9 and most_held > 0.9,
            "in_all": some and all(value > 0.9 for value in held.values()),
            "credits_alike": some and all(c.agencies == own.agencies for c in agencies.values()),
            "no_credit": no_credit,
            "no_date": no_date,
            "no_credit_most": no_credit * most,
            "no_date_held": no_date * most_held,
            "no_either": no_credit and no_date,
            "no_date_lack": no_date * lack,
            "no_date_share": no_date * others_share,
            "no_date_innovations": no_date * log1p(innovations),
        }
        return {name: float(value) for name, value in row.items()}

    def _related(self, member: ArticleId, other: ArticleId) -> bool:
        return max(self._covered[member, other], self._covered[other, member]) >= _RELATED

    def _lacked(self, other: ArticleId, member: ArticleId) -> float:
        """The share of another text that a third has and `member` has not."""
        scene = self._scene
        common = scene.passages.common(other, member)
        return scene.passages.words(other).share(self._all[other] & ~common)


def _turned(name: str) -> str:
    """The name of a count with both texts exchanged."""
    if name.endswith("_a"):
        return name[:-1] + "b"
    return name[:-1] + "a" if name.endswith("_b") else name


def _ended(scene: Scene, member: ArticleId) -> bool:
    """Say whether a desk's end mark or staff line stands in a text."""
    return any(
        mention.role in ("agency_end_marker", "agency_staff_credit")
        for mention in scene.mentions.get(member, ())
    )


_OPENING_LINES = re.compile(r"\A[^\n]{0,80}(?:\n[^\n]{0,80})?")


def _foreign_name(scene: Scene, member: ArticleId) -> bool:
    """Say whether a text opens with a name in quotation marks that is not its outlet's."""
    article = scene.articles[member]
    opening = _OPENING_LINES.match(article.text)
    if opening is None or not article.publisher:
        return False
    return any(
        not is_outlet(name, article.publisher)
        for name, span in quoted_names(article.text)
        if span[1] <= opening.end()
        and article.text[: span[0]].rstrip('«"“{').rstrip().endswith((":", "-"))
    )
