"""Fit the weights of the trees on cascades, and write them where the package reads them.

    python benchmarks/cascades/fit.py [DATA] [--stories N] [--seed S] [--write]

The likelihood is that of whole trees: of every document, the weight of the arrows that the log allows
(both of a compilation's), over the weight of all trees (matrix-tree theorem), with a normal prior on the
weights of standardized features.  Cascades are made from the first two thirds of the roots, in the same
numbers for each of five settings; ``benchmarks/quality/cascades.py`` judges on the last third.

Needs scipy.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import attrs
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parent))

from generate import SETTINGS, Gold, generate
from scipy.optimize import minimize

from provenance import trace
from provenance.config import LineageSpec
from provenance.engine.batch import Trace
from provenance.engine.linking import agencies_among
from provenance.lineage.features import Features, read_features
from provenance.lineage.marginals import shared_scores, tree_marginals
from provenance.lineage.scene import set_scene
from provenance.model import ArticleId

WEIGHTS = Path(__file__).resolve().parents[2] / "provenance/lineage/data/tree_weights.json"
MIXTURE = ("full", "degraded", "none", "no dates", "no credits")
ROOTS = ("reprints", "haystack")
PRIOR = 2.0

Floats = npt.NDArray[np.float64]


@attrs.define
class Example:
    """One story with its truth."""

    features: Features
    allowed: npt.NDArray[np.bool_]
    original: npt.NDArray[np.bool_]
    latent: npt.NDArray[np.bool_]
    decided: npt.NDArray[np.bool_]


def examples_of(found: Trace, gold: Mapping[str, Gold]) -> list[Example]:
    """The stories of a trace, as drawn, in numbers."""
    articles = {article.id: article for article in found.articles}
    mentions: dict[ArticleId, list] = {name: [] for name in articles}
    for mention in found.mentions:
        mentions[mention.id].append(mention)
    story_of = {member: story.story for story in found.stories for member in story.members}
    links: dict[str, list] = {story.story: [] for story in found.stories}
    for link in found.links:
        if story_of[link.a] == story_of[link.b]:
            links[story_of[link.a]].append(link)
    agencies = agencies_among(article.publisher for article in articles.values())
    out = []
    for story in found.stories:
        scene = set_scene(
            [articles[member] for member in story.members],
            links[story.story],
            mentions,
            found.dates,
            LineageSpec(),
            masks=found.masks,
            agencies=agencies,
        )
        features = read_features(scene)
        truth = [gold[member] for member in features.members]
        allowed = np.array(
            [features.members[p] in truth[c].parents for p, c in features.arrows.tolist()], bool
        )
        original = np.array([not t.parents and not t.unseen for t in truth])
        latent = np.array([t.unseen for t in truth])
        decided = original | latent
        if len(features.arrows):
            decided[features.arrows[allowed, 1]] = True
        out.append(Example(features, allowed, original, latent, decided))
    return out


def fit(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Fit both lists of weights."""
    names = next(e.features.arrow_names for e in examples if e.features.arrow_names)
    roots = examples[0].features.root_names
    values = [e.features.arrow_values.reshape(-1, len(names)) for e in examples]
    scale = np.maximum(np.concatenate(values).std(0), 1e-3)
    scale_root = np.maximum(np.concatenate([e.features.root_values for e in examples]).std(0), 1e-3)
    scale[0] = scale_root[0] = 1.0
    arrows = [value / scale for value in values]
    of_root = [e.features.root_values / scale_root for e in examples]
    n, m = len(names), len(roots)

    def loss(theta: Floats) -> tuple[float, Floats]:
        total = PRIOR / 2 * float(theta @ theta)
        slope = PRIOR * theta
        for example, x, r in zip(examples, arrows, of_root, strict=True):
            scores, own, hidden = x @ theta[:n], r @ theta[n : n + m], r @ theta[n + m :]
            parents, children = example.features.arrows.T
            scores, share, heaviest = shared_scores(children, scores, own.size)
            got = tree_marginals(parents, children, scores, own, hidden)
            # A document whose true parent is not linked with it may have any.
            known = example.decided
            arrow = np.where(example.allowed | ~known[children], scores, -np.inf)
            first = np.where(example.original | ~known, own, -np.inf)
            second = np.where(example.latent | ~known, hidden, -np.inf)
            top = np.maximum(first, second)
            np.maximum.at(top, children, arrow)
            weight, first, second = (
                np.exp(arrow - top[children]), np.exp(first - top), np.exp(second - top)
            )  # fmt: skip
            sums = first + second
            np.add.at(sums, children, weight)
            total += got.log_weight - float((np.log(sums) + top).sum())
            pull = got.arrows - weight / sums[children]
            common = np.zeros(own.size)
            np.add.at(common, children, pull)
            pull = pull - share * common[children]
            some = heaviest >= 0
            pull[heaviest[some]] += common[some]
            slope[:n] += x.T @ pull
            slope[n : n + m] += r.T @ (got.original - first / sums)
            slope[n + m :] += r.T @ (got.latent - second / sums)
        return total, slope

    found = minimize(
        loss, np.zeros(n + 2 * m), jac=True, method="L-BFGS-B", options={"maxiter": 250}
    )
    print(f"loss {found.fun:.1f} after {found.nit} steps")
    theta = found.x
    return {
        "arrow": {
            # What no cascade has: log-odds of notices as they are; and real rewrites and translations: a
            # text that matches another word for word, or in its own language, has its words from there.
            **dict(zip(names, (theta[:n] / scale).round(4).tolist(), strict=True)),
            "stated": 1.0,
            "translated": -4.0,
            "reworded": -4.0,
        },
        "original": dict(
            zip(roots, (theta[n : n + m] / scale_root).round(4).tolist(), strict=True)
        ),
        "latent": dict(zip(roots, (theta[n + m :] / scale_root).round(4).tolist(), strict=True)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="?", type=Path, default=os.environ.get("PROVENANCE_DATA"))
    parser.add_argument("--stories", type=int, default=200, help="of each setting and set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    examples = []
    start = time.perf_counter()
    for place, (name, roots) in enumerate(product(MIXTURE, ROOTS)):
        made = generate(
            Path(options.data),
            stories=options.stories,
            seed=options.seed + place,
            hiding=SETTINGS[name],
            part=(0.0, 0.66),
            roots=roots,
        )
        examples += examples_of(trace(made.articles), made.gold)
    print(
        f"{len(examples)} stories, {sum(len(e.allowed) for e in examples)} arrows, {time.perf_counter() - start:.0f} s"
    )
    undecided = sum(int((~e.decided).sum()) for e in examples)
    print(f"{undecided} documents without a link to their parent")
    weights = fit(examples)
    print(f"{time.perf_counter() - start:.0f} s")
    if options.write:
        training = {
            "made by": "benchmarks/cascades/fit.py",
            "cascades": f"{options.stories} of each setting and set: {', '.join(MIXTURE)}; seed {options.seed}",
            "roots": "first two thirds of reprints (SaudiNewsNet, 2015) and haystack (ANT corpus, 2015 to 2017)",
            "unseen roots": SETTINGS["full"].roots,
        }
        WEIGHTS.write_text(json.dumps({"training": training, **weights}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
