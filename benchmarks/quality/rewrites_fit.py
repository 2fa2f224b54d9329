"""Fit the weights by which :mod:`provenance.verify.wording` tells rewrites from formulae.

    python benchmarks/quality/rewrites_fit.py DATA LABELS

DATA is the folder of the evaluation sets.  LABELS is a table with the columns ``a``, ``b`` (identifiers of
``reprints`` or of ``haystack``) and ``right`` (``yes``, ``no``; anything else is left out): whether
somebody who read both articles found that one tells the other again, or both a third.  To these are added:
pairs of ``reprints`` four days and more apart, taken for chance; versions of one article; and pairs of
``same_story`` that people scored 3 and more.  Printed are the weights, and how well each eighth of the
documents is judged by weights fitted on the rest.
"""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rewrites import FAR, VERSIONS, Pool, pool_of, rows

from provenance.disjoint import smallest_members

NAMES = ("log support", "log conflict", "verbatim", "lead", "rarity")

#: Share of the weight of a pair that was read: far pairs are not all wrong, versions are many and easy.
FAR_WEIGHT, VERSIONS_WEIGHT, ARABIC_WEIGHT, HAYSTACK_WEIGHT, APART_WEIGHT = 0.3, 15.0, 0.4, 0.5, 2.0

FOLDS = 8


def main() -> None:
    root, labels = Path(sys.argv[1]), Path(sys.argv[2])
    news = pool_of(root, ("retranslations_ar", "haystack", "reprints"))
    versions = pool_of(root, (*VERSIONS, "same_story", "haystack"))
    tables = [of_news(root, news, labels), of_versions(root, versions)]
    features, right, weights, folds = (np.concatenate(part) for part in zip(*tables, strict=True))
    print(f"\n{right.size} pairs, {int(right.sum())} of them right")
    fitted = fit(features, right, weights)
    for name, weight in zip(("intercept", *NAMES), fitted, strict=True):
        print(f"  {name:14}{weight:7.2f}")
    judged = np.empty(right.size)
    for fold in range(FOLDS):
        rest = folds != fold
        judged[~rest] = odds(features[~rest], fit(features[rest], right[rest], weights[rest]))
    read = weights == 1
    for bar in (0.5, 0.7, 0.82, 0.9):
        called = read & (judged >= np.log(bar / (1 - bar)))
        print(f"read, probability >= {bar}: {called.sum():4} right {right[called].mean():.3f}")


def measures(pool: Pool, numbers: list[int]) -> NDArray[np.float64]:
    scores = pool.scores
    return np.stack(
        [
            np.log(scores.support + 0.02),
            np.log1p(scores.conflicts),
            np.maximum(scores.verbatim_a, scores.verbatim_b),
            scores.lead,
            scores.rarity,
        ],
        axis=1,
    )[numbers]


def table_of(
    pool: Pool, found: dict[int, tuple[float, float]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return features, labels, weights and folds; pairs that share a document are in one fold."""
    numbers = [number for number in found if pool.scores.tiers[number]]
    right, weights = np.array([found[number] for number in numbers]).T
    pairs = pool.pairs[numbers]
    members = smallest_members(pairs, len(pool.records))[pairs[:, 0]]
    folds = np.random.default_rng(1).permutation(len(pool.records))[members] % FOLDS
    return measures(pool, numbers), right, weights, folds


def of_news(
    root: Path, pool: Pool, labels: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    found: dict[int, tuple[float, float]] = {}
    days = [np.datetime64(r["id"][:10]) if r["set"] == "reprints" else None for r in pool.records]
    verbatim = np.maximum(pool.scores.verbatim_a, pool.scores.verbatim_b)
    for number, (a, b) in enumerate(pool.pairs.tolist()):
        one, other = days[a], days[b]
        far = one is not None and other is not None and abs((one - other).astype(int)) >= FAR
        if far and verbatim[number] < 0.3:
            found[number] = (0.0, FAR_WEIGHT)
    for row in rows(labels):
        at = pool.at(row["a"], row["b"])
        if at is not None:
            found.pop(at, None)
            if row["right"] in {"yes", "no"}:
                weight = (
                    1.0 if pool.records[pool.pairs[at, 0]]["set"] == "reprints" else HAYSTACK_WEIGHT
                )
                found[at] = (float(row["right"] == "yes"), weight)
    for at in same_group(root, pool, ("retranslations_ar",)):
        found[at] = (1.0, ARABIC_WEIGHT)
    return table_of(pool, found)


def of_versions(
    root: Path, pool: Pool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    found: dict[int, tuple[float, float]] = {}
    numbers = same_group(root, pool, VERSIONS[1:])
    languages = [pool.records[pool.pairs[at, 0]]["language"].split("-")[0] for at in numbers]
    for at, language in zip(numbers, languages, strict=True):
        found[at] = (1.0, VERSIONS_WEIGHT / languages.count(language))
    for row in rows(root / "same_story" / "pairs.tsv"):
        apart = pool.at(row["a"], row["b"])
        if apart is not None and float(row["overall"]) >= 3:
            found[apart] = (0.0, APART_WEIGHT)
    for row in rows(root / "same_story" / "variants.tsv"):
        told = pool.at(row["a"], row["b"])
        if told is not None and row["kind"] == "rewritten":
            found[told] = (1.0, FAR_WEIGHT)
    return table_of(pool, found)


def same_group(root: Path, pool: Pool, names: tuple[str, ...]) -> list[int]:
    groups: dict[str, list[str]] = {}
    for name in names:
        for row in rows(root / name / "groups.tsv"):
            groups.setdefault(row["group"], []).append(row["id"])
    found = (pool.at(a, b) for ids in groups.values() for a, b in combinations(ids, 2))
    return [at for at in found if at is not None]


def odds(features: NDArray[np.float64], fitted: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = features @ fitted[1:] + fitted[0]
    return result


def fit(
    features: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return intercept and weights of a logistic regression, by Newton's method, slightly shrunk."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    design = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    shrink = np.diag([0.0] + [1.0] * features.shape[1])
    fitted = np.zeros(design.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-design @ fitted))
        slope = design.T @ (weights * (right - expected)) - shrink @ fitted
        bend = (design * (weights * expected * (1 - expected))[:, None]).T @ design + shrink
        fitted += np.linalg.solve(bend, slope)
    scaled = fitted[1:] / spread
    return np.concatenate([[fitted[0] - scaled @ mean], scaled])


if __name__ == "__main__":
    main()
