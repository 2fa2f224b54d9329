"""Who took what from whom, where it is known: generated cascades, traced through the public door.

    python benchmarks/quality/cascades.py [DATA] [--stories N] [--seed S] [--set NAME=VALUE ...]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.  Cascades are
made by ``benchmarks/cascades/generate.py`` from articles that the weights were not fitted on (the last
third of the set).  A table row is a setting: what was hidden before the package looked.

The figures, each over all documents of all cascades:

* *edges*: F1 of arrows, the arrow from an unseen source counting as one; without regard to direction
  (undirected edges included); strictly; and up to ties: a wrong parent is forgiven if the log says that it
  has at least as many words in common with the child as the true one, is no later, and does not come from
  the child.
* *top*: share of documents whose topmost visible source is the true one (itself, another, or unseen).
* *kind*: right, among single arrows that are right.
* *answered*, *right*: among documents that took from something, those with an arrow; and share of these
  whose arrows are right.
* *unseen*: recall of unseen sources, by document; *siblings*: documents of an unseen source that got an
  arrow from a collected sibling.
* *error*: expected calibration error of links (related), of arrows between documents, of agencies as origins, and of
  unseen sources (somewhere above the document, as their probability is meant).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cascades"))

from generate import SETTINGS, Gold, generate

from provenance import trace
from provenance.config import LineageSpec, Profile
from provenance.engine.batch import Trace
from provenance.model import Edge

UNSEEN = "unseen"
TRAINING, JUDGING = (0.0, 0.66), (0.66, 1.0)


@attrs.define
class Figures:
    """Counts that the table is printed from."""

    drawn: int = 0
    gold: int = 0
    right: int = 0
    joined: int = 0
    joined_drawn: int = 0
    tied: int = 0
    top: int = 0
    documents: int = 0
    kind: int = 0
    kinds: int = 0
    took: int = 0
    answered: int = 0
    answered_right: int = 0
    answered_tied: int = 0
    unseen: int = 0
    unseen_found: int = 0
    siblings: int = 0
    confusion: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    sure: dict[str, list[tuple[float, bool]]] = attrs.field(factory=lambda: defaultdict(list))

    def row(self) -> str:
        return (
            f"{f1(self.joined, self.joined_drawn, self.gold):.3f}  "
            f"{f1(self.right, self.drawn, self.gold):.3f}  {f1(self.tied, self.drawn, self.gold):.3f}  "
            f"{self.top / self.documents:.3f}  {self.kind / max(1, self.kinds):.3f}   "
            f"{self.answered / self.took:.2f}  {self.answered_right / max(1, self.answered):.3f} "
            f"{self.answered_tied / max(1, self.answered):.3f}   "
            f"{self.unseen_found / max(1, self.unseen):.3f}  {self.siblings / max(1, self.unseen):.3f}   "
            + " ".join(
                f"{error_of(self.sure[name]):.3f}"
                for name in ("related", "arrow", "origin", "unseen")
            )
        )


HEADER = (
    "setting           join   strict ties   top    kind    ans.  right ties    unseen siblings  "
    "errors: related arrow origin unseen"
)


def f1(right: int, drawn: int, gold: int) -> float:
    return 2 * right / max(1, drawn + gold)


def error_of(answers: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: how far probability and share of right answers lie apart."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for probability, right in answers:
        row = sums[min(bins - 1, int(probability * bins))]
        row[0] += probability
        row[1] += right
        row[2] += 1
    return sum(abs(row[0] - row[1]) for row in sums.values()) / max(1, len(answers))


def arrows_of(edges: Sequence[Edge], documents: Mapping[str, Gold]) -> dict[str, dict[str, Edge]]:
    """By child, its arrows: from collected parents, else from what is unseen."""
    found: dict[str, dict[str, Edge]] = defaultdict(dict)
    hidden: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        if not edge.directed or edge.kind == "cites":
            continue
        if edge.parent in documents:
            found[edge.child][edge.parent] = edge
        else:
            hidden[edge.child].append(edge)
    for child, unseen in hidden.items():
        if child not in found:
            found[child][UNSEEN] = max(unseen, key=lambda edge: edge.probability)
    return found


def is_tie(truth: Gold, parent: str, gold: Mapping[str, Gold]) -> bool:
    """Say whether a wrong parent explains the child's text as well as the true one."""
    if parent not in truth.closeness or not truth.parents:
        return False
    best = max(truth.closeness[name] for name in truth.parents)
    other = gold[parent]
    return truth.closeness[parent] >= best and other.minutes <= truth.minutes


def judge(found: Trace, gold: Mapping[str, Gold]) -> Figures:
    figures = Figures()
    edges = [edge for story in found.stories for edge in story.edges]
    arrows = arrows_of(edges, gold)
    loose = {frozenset((e.parent, e.child)) for e in edges if not e.directed}
    origins = {d.id: d.origins for story in found.stories for d in story.documents}
    joined_gold: set[frozenset[str]] = set()
    joined_drawn = set(loose)
    for child, truth in gold.items():
        have = arrows.get(child, {})
        want = {UNSEEN} if truth.unseen else set(truth.parents)
        figures.gold += len(want)
        figures.drawn += len(have)
        right = want & set(have)
        forgiven = {
            name
            for name in set(have) - want
            if name != UNSEEN and child not in gold[name].above and is_tie(truth, name, gold)
        }
        figures.right += len(right)
        figures.tied += min(len(want), len(right) + len(forgiven))
        joined_gold |= {frozenset((name if name != UNSEEN else "?", child)) for name in want}
        joined_drawn |= {frozenset((name if name != UNSEEN else "?", child)) for name in have}
        if want:
            figures.took += 1
            if have:
                figures.answered += 1
                figures.answered_right += right == set(have)
                figures.answered_tied += right | forgiven == set(have)
        if truth.unseen:
            figures.unseen += 1
            figures.unseen_found += UNSEEN in have
            figures.siblings += bool(have) and UNSEEN not in have
        if len(right) == len(want) == len(have) == 1 and UNSEEN not in have:
            drawn_kind = have[next(iter(right))].kind
            figures.kinds += 1
            figures.kind += drawn_kind == truth.kind
            if drawn_kind != truth.kind:
                figures.confusion[truth.kind, drawn_kind] += 1
        figures.documents += 1
        figures.top += top_of(child, arrows) == (truth.top or UNSEEN)
        for name, edge in have.items():
            if name == UNSEEN:
                figures.sure["unseen"].append((edge.probability, not truth.top))
            else:
                figures.sure["arrow"].append((edge.probability, name in want))
        best = origins[child][0]
        if best.agency:
            figures.sure["origin"].append((best.probability, best.agency == truth.agency))
    figures.joined = len(joined_gold & joined_drawn)
    figures.joined_drawn = len(joined_drawn)
    for link in found.links:
        if link.kind != "same_story":
            one, other = gold[link.a], gold[link.b]
            figures.sure["related"].append((link.related, one.story == other.story))
    return figures


def top_of(child: str, arrows: Mapping[str, Mapping[str, Edge]]) -> str:
    """The topmost source of a document as drawn."""
    while have := arrows.get(child):
        child = max(have, key=lambda name: have[name].probability)
        if child == UNSEEN:
            return UNSEEN
    return child


def profile_of(changes: Sequence[str]) -> Profile:
    """The default profile with some settings of the lineage changed."""
    values = {}
    for change in changes:
        name, _, value = change.partition("=")
        kind = type(getattr(LineageSpec(), name))
        values[name] = value == "true" if kind is bool else kind(value)
    return attrs.evolve(Profile(), lineage=LineageSpec(**values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="?", type=Path, default=os.environ.get("PROVENANCE_DATA"))
    parser.add_argument("--stories", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--roots", default="reprints", help="the set that roots are taken from")
    parser.add_argument("--only", action="append", default=[], help="a setting; all where left out")
    parser.add_argument("--set", action="append", default=[], help="a lineage setting, NAME=VALUE")
    parser.add_argument("--show", type=int, default=0, help="wrong arrows to print")
    options = parser.parse_args()
    profile = profile_of(options.set)
    print(HEADER)
    for name in options.only or list(SETTINGS):
        made = generate(
            Path(options.data),
            stories=options.stories,
            seed=options.seed,
            hiding=SETTINGS[name],
            part=JUDGING,
            roots=options.roots,
        )
        found = trace(made.articles, profile=profile)
        figures = judge(found, made.gold)
        print(f"{name:17} {figures.row()}", flush=True)
        if options.show:
            show(found, made.gold, options.show)
            print(figures.confusion)


def show(found: Trace, gold: Mapping[str, Gold], count: int) -> None:
    arrows = arrows_of([edge for story in found.stories for edge in story.edges], gold)
    for child, truth in sorted(gold.items()):
        have = arrows.get(child, {})
        want = {UNSEEN} if truth.unseen else set(truth.parents)
        if set(have) != want and count:
            count -= 1
            close = {n: truth.closeness.get(n) for n in {*have, *want} if n != UNSEEN}
            print(child, "want", sorted(want), "drawn", {n: round(e.probability, 2) for n, e in have.items()}, close)  # fmt: skip


if __name__ == "__main__":
    main()
