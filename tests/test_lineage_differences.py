"""Small differences between copies, and who bears witness to either reading."""

from __future__ import annotations

import numpy as np

from provenance.config import LineageSpec
from provenance.lineage.differences import COUNTS, count_differences
from provenance.lineage.features import read_features
from provenance.lineage.scene import set_scene
from provenance.lineage.weights import fitted_names
from provenance.model import AlignedSpan, Article, ArticleId, Direction, Link, Overlap
from provenance.text.columns import columns_of

FIRST = (
    "توقفت العبارة بين ضفتي الخليج صباح الاثنين بعد عطل مفاجئ في محركها الرئيسي قرب الميناء القديم"
)
CHANGED = FIRST.replace("مفاجئ", "طارئ")


def counts(*texts: str) -> dict[str, int]:
    """Compare the first two of some texts as wholes; the others are witnesses."""
    columns = columns_of(texts)
    sizes = np.diff(columns.offsets)
    spans = [[(0, int(sizes[0]), 0, int(sizes[1]))]]
    row = count_differences(columns, np.array([[0, 1]], np.int64), spans)[0]
    return dict(zip(COUNTS, row.tolist(), strict=True))


def test_without_a_third_text_nobody_bears_witness() -> None:
    """Two texts differ in one place, and either reading may be the older."""
    found = counts(FIRST, CHANGED)
    assert (found["events"], found["neither"]) == (1, 1)
    assert found["equal"] == len(FIRST.split()) - 1


def test_third_text_tells_who_changed_it() -> None:
    """The reading that a third text has is the older one."""
    assert counts(FIRST, CHANGED, CHANGED)["alone_a"] == 1
    assert counts(FIRST, CHANGED, FIRST)["alone_b"] == 1
    assert counts(FIRST, CHANGED, FIRST, CHANGED)["both"] == 1


def test_long_cut_is_no_reading() -> None:
    """A dozen words that one text lacks are a cut, inside the passages or outside."""
    more = " ".join(f"كلمة{number}" for number in range(14))
    half = FIRST.split()[:8]
    rest = FIRST.split()[8:]
    longer = " ".join([*half, *more.split(), *rest])
    found = counts(longer, FIRST)
    assert (found["blocks_a"], found["inner_blocks_a"], found["events"]) == (1, 1, 0)


def test_sequences_that_only_two_have() -> None:
    """What two texts share and no third one has ties them closer."""
    assert counts(FIRST, FIRST)["exclusive"] == len(FIRST.split()) - 2
    assert counts(FIRST, FIRST, FIRST)["exclusive"] == 0


def test_every_feature_has_a_weight_and_every_weight_a_feature() -> None:
    """The shipped weights are those of the features as they are read."""
    a, b = (Article(id=ArticleId(name), text=FIRST) for name in "ab")
    link = Link(
        a=a.id,
        b=b.id,
        kind="repost",
        related=0.9,
        direction=Direction(a_to_b=0.25, b_to_a=0.25, common_source=0.5),
        overlap=Overlap(jaccard=1.0, containment_a=1.0, containment_b=1.0),
        spans=(AlignedSpan(a=(0, len(FIRST)), b=(0, len(FIRST))),),
    )
    scene = set_scene([a, b], [link], {}, {}, LineageSpec(), masks={}, agencies=None)
    features = read_features(scene)
    arrows, roots = fitted_names()
    assert set(features.arrow_names) == arrows
    assert set(features.root_names) == roots
