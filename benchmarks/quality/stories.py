"""Score the grouping by event: labeled pairs, whole pool, time-shift control, stories as drawn, speed.

    python benchmarks/quality/stories.py DATA [--fit] [--only PART ...] [--show N]

DATA is the evaluation data (or the environment variable PROVENANCE_DATA).  Parts: ``pairs`` (labeled
pairs, 6-fold cross-validation by article), ``pool`` (all articles of the labeled pairs grouped at
once), ``shift`` (links of one day against links of days weeks apart: theme, not event), ``drawn``
(stories of a week of Arabic news, also without a fifth of it and with a day of three weeks later dated
into it), ``copies`` (pairs of different events called copies), ``sample`` (the project's own corpus).

``--fit`` writes the coefficients: logistic loss on soft labels with a ridge and bounded signs, features
with priors alone and with counted frequencies stacked, so that one table serves both; the threshold is the
middle of the flat top of F1; slope and offset are Platt's, on the cross-validated scores.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import random
import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from provenance.config import IndexSpec, SketchSpec, StorySpec, VerifySpec
from provenance.engine.batch import trace
from provenance.index.candidates import candidate_pairs
from provenance.lineage._joining import components, shared_key_pairs
from provenance.lineage._rows import prepare_corpus
from provenance.lineage._salience import FEATURES, measure_features
from provenance.lineage.stories import _scores, group_stories
from provenance.model import Article, ArticleId
from provenance.sketch.anchoring import Anchors, anchors_of
from provenance.sketch.figures import Figures, figures_of
from provenance.sketch.signatures import sketch_columns
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.text.language import detect_language
from provenance.verify.matching import match_pairs

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "provenance" / "lineage" / "data" / "story_weights.json"
TRAINED_ON = (
    "SemEval-2022 Task 8, development part: 784 pairs of articles in 10 languages scored by people"
)

#: Same story, different story, by the human score (1 same .. 4 unrelated); between is left out.
SAME, DIFFERENT = 2.0, 3.0
SIGNS = {"numbers_apart": -1, "months_apart": -1, "length": 0}
FOLDS, SEEDS = 6, 3
RIDGE = {"within": 60.0, "across": 20.0}
COUNTED = 100

Read = tuple[Wording, Anchors | None, Figures]


def read_lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_texts(texts: list[str], languages: list[str]) -> Read:
    """The columns that stories are made of."""
    columns = columns_of(texts)
    return (
        wording_of(columns, texts, languages),
        anchors_of(columns, texts, languages) if len(set(languages)) > 1 else None,
        figures_of(columns, texts, languages),
    )


def soft_labels(scores: np.ndarray) -> np.ndarray:
    return np.interp(scores, [1.5, 2.0, 2.5, 3.0, 3.5], [1.0, 0.9, 0.5, 0.1, 0.0])


def newton(x: np.ndarray, p: np.ndarray, ridge: float) -> tuple[np.ndarray, float, np.ndarray]:
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    penalty = ridge * np.eye(z.shape[1])
    penalty[-1, -1] = 0.0
    w = np.zeros(z.shape[1])
    for _ in range(50):
        q = 1.0 / (1.0 + np.exp(-z @ w))
        step = np.linalg.solve(
            (z * (q * (1 - q))[:, None]).T @ z + penalty, z.T @ (q - p) + penalty @ w
        )
        w -= step
        if np.abs(step).max() < 1e-10:
            break
    raw = w[:-1] / spread
    return raw, float(w[-1] - raw @ mean), w[:-1]


def fit(x: np.ndarray, p: np.ndarray, ridge: float) -> tuple[np.ndarray, float]:
    """Coefficients and constant; a feature whose sign comes out wrong is dropped, the worst first."""
    signs = np.array([SIGNS.get(name, 1) for name in FEATURES])
    kept = list(range(x.shape[1]))
    while True:
        raw, constant, scaled = newton(x[:, kept], p, ridge)
        wrong = [(abs(s), k) for s, k in zip(scaled, kept, strict=True) if signs[k] * s < 0]
        if not wrong:
            break
        kept.remove(max(wrong)[1])
    out = np.zeros(x.shape[1])
    out[kept] = raw
    return out, constant


def f1(truth: np.ndarray, called: np.ndarray) -> float:
    return float(2 * (truth & called).sum() / max(1, truth.sum() + called.sum()))


def average_precision(truth: np.ndarray, values: np.ndarray) -> float:
    hits = truth[np.argsort(-values, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


class Pairs:
    """The labeled pairs and their features, with counted frequencies and with priors alone."""

    def __init__(self, data: Path) -> None:
        self.docs = read_lines(data / "same_story" / "docs.jsonl.gz")
        number = {doc["id"]: i for i, doc in enumerate(self.docs)}
        rows = (data / "same_story" / "pairs.tsv").read_text("utf-8").splitlines()[1:]
        cells = [row.split("\t") for row in rows]
        self.pairs = np.array([(number[a], number[b]) for a, b, _ in cells])
        self.score = np.array([float(score) for _, _, score in cells])
        self.languages = [doc["language"] for doc in self.docs]
        self.read = read_texts([doc["text"] for doc in self.docs], self.languages)
        spoken = np.array(self.languages)
        self.within = spoken[self.pairs[:, 0]] == spoken[self.pairs[:, 1]]
        self.folds = self._components([(a.split(".")[0], b.split(".")[0]) for a, b, _ in cells])
        corpus = prepare_corpus(self.languages, *self.read, counted_from=COUNTED)
        self.features = [
            measure_features(corpus, self.pairs),
            np.concatenate([self._alone(*pair) for pair in self.pairs.tolist()]),
        ]

    def _alone(self, a: int, b: int) -> np.ndarray:
        """Features of two texts that are a corpus by themselves: priors count, and nothing else."""
        languages = [self.languages[a], self.languages[b]]
        read = read_texts([self.docs[a]["text"], self.docs[b]["text"]], languages)
        corpus = prepare_corpus(languages, *read, counted_from=COUNTED)
        return measure_features(corpus, np.array([[0, 1]]))

    @staticmethod
    def _components(items: list[tuple[str, str]]) -> list[str]:
        """Pairs that share an article, through any chain of pairs, are in one fold."""
        parent: dict[str, str] = {}

        def root(item: str) -> str:
            while parent.setdefault(item, item) != item:
                item = parent[item]
            return item

        for a, b in items:
            parent[root(a)] = root(b)
        return [root(a) for a, _ in items]

    def kinds(self) -> list[tuple[str, np.ndarray]]:
        return [("within", self.within), ("across", ~self.within)]


def score_pairs(pairs: Pairs, *, write: bool) -> None:
    fitted: dict[str, Any] = {"trained_on": TRAINED_ON}
    names = sorted(set(pairs.folds))
    both = np.concatenate(pairs.features)
    labels = np.tile(soft_labels(pairs.score), 2)
    for kind, chosen in pairs.kinds():
        held = np.zeros((2, len(pairs.score)))
        for seed in range(SEEDS):
            draw = np.random.RandomState(seed).randint(0, FOLDS, len(names))
            fold_of = dict(zip(names, draw, strict=True))
            fold = np.array([fold_of[name] for name in pairs.folds])
            for k in range(FOLDS):
                train = np.tile(chosen & (fold != k), 2)
                weights, constant = fit(both[train], labels[train], RIDGE[kind])
                test = chosen & (fold == k)
                for row, x in enumerate(pairs.features):
                    held[row, test] += (x[test] @ weights + constant) / SEEDS
        judged = chosen & ((pairs.score <= SAME) | (pairs.score >= DIFFERENT))
        truth = pairs.score[judged] <= SAME
        grid = np.arange(-2.0, 1.5, 0.05)
        curve = [sum(f1(truth, v[judged] >= t) for v in held) / 2 for t in grid]
        smooth = np.convolve(curve, np.ones(5) / 5, "same")[2:-2]
        threshold = round(float(grid[2:-2][int(np.argmax(smooth))]), 2)
        clear = chosen & ((pairs.score <= 1.5) | (pairs.score >= 3.5))
        for name, v in zip(("counted", "priors"), held, strict=True):
            called = v[judged] >= threshold
            hit = (called & truth).sum()
            print(
                f"pairs {kind:6} {name:7} n {judged.sum():4} AP {average_precision(truth, v[judged]):.3f}"
                f" F1 {f1(truth, called):.3f} P {hit / called.sum():.3f} R {hit / truth.sum():.3f}"
                f" | clear F1 {f1(pairs.score[clear] <= 1.5, v[clear] >= threshold):.3f}"
                f" | called same: score >= 3.5 {(v[chosen & (pairs.score >= 3.5)] >= threshold).mean():.3f}"
            )
        odds = np.concatenate([v[judged] for v in held]) - threshold
        slope, offset, _ = newton(odds[:, None], np.tile(truth, 2).astype(float), 0.01)
        train = np.tile(chosen, 2)
        weights, constant = fit(both[train], labels[train], RIDGE[kind])
        fitted[kind] = {
            "weights": {
                name: round(float(w), 4) for name, w in zip(FEATURES, weights, strict=True) if w
            },
            "constant": round(constant, 4),
            "threshold": threshold,
            "slope": round(float(slope[0]), 3),
            "offset": round(offset, 3),
        }
    if write:
        WEIGHTS.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def score_pool(pairs: Pairs) -> None:
    articles = [
        Article(id=ArticleId(d["id"]), text=d["text"], language=d["language"]) for d in pairs.docs
    ]
    day = ("2020-01-01", "2020-01-01")
    for name, spec in (
        ("as balanced", StorySpec(crowd=len(articles))),
        ("as a stream", StorySpec()),
    ):
        stories = group_stories(articles, *pairs.read, [], [day] * len(articles), spec)
        story = {i: n for n, group in enumerate(stories.groups) for i in group}
        together = np.array([story[a] == story[b] for a, b in pairs.pairs.tolist()])
        for kind, chosen in pairs.kinds():
            judged = chosen & ((pairs.score <= SAME) | (pairs.score >= DIFFERENT))
            truth, called = pairs.score[judged] <= SAME, together[judged]
            hit = (truth & called).sum()
            print(
                f"pool {name} {kind:6} F1 {f1(truth, called):.3f} P {hit / called.sum():.3f}"
                f" R {hit / truth.sum():.3f} largest story {max(map(len, stories.groups))}"
            )


class Week:
    """A week of Arabic news of 14 outlets, with its verified copies."""

    def __init__(self, data: Path) -> None:
        docs = read_lines(data / "reprints" / "docs.jsonl.gz")
        self.articles = [
            Article(id=ArticleId(d["id"]), text=d["text"], publisher=d["publisher"], language="ar")
            for d in docs
        ]
        self.days = [d["id"][:10] for d in docs]
        texts = [d["text"] for d in docs]
        columns = columns_of(texts)
        self.languages = ["ar"] * len(docs)
        wording = wording_of(columns, texts, self.languages)
        started = time.process_time()
        self.read: Read = (wording, None, figures_of(columns, texts, self.languages))
        self.reading = time.process_time() - started
        sketches = sketch_columns(columns, SketchSpec())
        matches = match_pairs(
            candidate_pairs(sketches, IndexSpec()),
            sketches,
            columns,
            VerifySpec(),
            texts=texts,
            publishers=[d["publisher"] for d in docs],
            published=self.days,
        )
        self.linked = [(m.a, m.b) for m in matches]


def score_shift(week: Week) -> None:
    """Links per possible pair by days apart; three weeks apart no two articles report one event."""
    by_day = defaultdict(list)
    for i, day in enumerate(week.days):
        by_day[day].append(i)
    draw = random.Random(0)
    chosen = [i for day in sorted(by_day) for i in draw.sample(by_day[day], 260)]
    days = np.array([date.fromisoformat(week.days[i]).toordinal() for i in chosen])
    texts = [week.articles[i].text for i in chosen]
    spoken = ["ar"] * len(texts)
    corpus = prepare_corpus(spoken, *read_texts(texts, spoken), counted_from=COUNTED)
    found = shared_key_pairs(corpus, np.arange(len(chosen)), np.column_stack([days, days]), 10**6)
    copies = {(a, b) for a, b in week.linked}
    numbers = np.array(chosen)[found]
    own = [tuple(sorted(pair)) not in copies for pair in numbers.tolist()]
    found = found[own]
    scores = _scores(corpus, found)[0]
    apart = np.abs(days[found[:, 0]] - days[found[:, 1]])
    possible = np.abs(days[:, None] - days[None, :])[np.triu_indices(len(days), 1)]
    for bar in (0.0, 1.0, 1.5, 2.0, 2.5):
        rates = [
            1e5
            * ((apart >= low) & (apart <= high) & (scores >= bar)).sum()
            / ((possible >= low) & (possible <= high)).sum()
            for low, high in ((0, 0), (1, 1), (2, 3), (4, 6), (15, 21))
        ]
        print(
            f"shift bar {bar} links per 100,000 pairs at 0, 1, 2-3, 4-6, 15-21 days:"
            f" {' '.join(f'{rate:.1f}' for rate in rates)}; far over same day {rates[4] / rates[0]:.2f}"
        )


def score_drawn(week: Week, show: int) -> None:
    spans = [(d, d) for d in week.days]
    few = [article.text for article in week.articles[:10]]
    group_stories(
        week.articles[:10], *read_texts(few, ["ar"] * 10), [], spans[:10], StorySpec()
    )  # compiled before the clock starts
    started = time.process_time()
    stories = group_stories(week.articles, *week.read, week.linked, spans, StorySpec())
    spent = time.process_time() - started + week.reading
    sizes = sorted(map(len, stories.groups), reverse=True)
    copies = set(week.linked)
    inside = np.array(
        [p for g in stories.groups if len(g) >= 3 for p in itertools.combinations(g, 2)]
    )
    corpus = prepare_corpus(week.languages, *week.read, counted_from=COUNTED)
    scores = _scores(corpus, inside)[0]
    copied = np.array([tuple(pair) in copies for pair in inside.tolist()])
    print(
        f"drawn stories of several articles {sum(n > 1 for n in sizes)}, largest {sizes[:5]},"
        f" pairs inside {len(inside)}: no copy {(~copied).mean():.3f},"
        f" neither copy nor score >= 0 {(~copied & (scores < 0)).mean():.3f}"
    )
    print(f"speed stories {1e3 * spent / len(week.articles):.2f} ms an article")
    joined = {number for link in stories.links for number in (link.a, link.b)}
    several = [group for group in stories.groups if joined.intersection(group)]
    for group in random.Random(3).sample(several, min(show, len(several))):
        print(f"--- {len(group)} articles")
        for i in group[:8]:
            print("   ", week.articles[i].id, " ".join(week.articles[i].text.split())[:150])
    score_stability(week, stories.groups)
    score_drawn_shift(week)


def score_stability(week: Week, groups: tuple[tuple[int, ...], ...]) -> None:
    """Agreement of the stories of all articles and of four fifths of them, on pairs of these."""
    draw = random.Random(0)
    kept = sorted(draw.sample(range(len(week.articles)), len(week.articles) * 4 // 5))
    number = {i: n for n, i in enumerate(kept)}
    texts = [week.articles[i].text for i in kept]
    again = group_stories(
        [week.articles[i] for i in kept],
        *read_texts(texts, ["ar"] * len(kept)),
        [(number[a], number[b]) for a, b in week.linked if a in number and b in number],
        [(week.days[i],) * 2 for i in kept],
        StorySpec(),
    )
    before = {p for g in groups for p in itertools.combinations([i for i in g if i in number], 2)}
    after = {p for g in again.groups for p in itertools.combinations([kept[n] for n in g], 2)}
    both = len(before & after)
    print(f"drawn without a fifth: pair F1 {2 * both / (len(before) + len(after)):.3f}")


def score_drawn_shift(week: Week) -> None:
    """Articles of the day three weeks later, dated into the week: who is put into a story with them?"""
    draw = random.Random(1)
    later = max(week.days)
    days = sorted(set(week.days) - {later})
    dated = [draw.choice(days) if day == later else day for day in week.days]
    stories = group_stories(
        week.articles, *week.read, week.linked, [(d, d) for d in dated], StorySpec()
    )
    group_of = components(len(dated), week.linked)
    far, near, possible = 0, 0, Counter()
    for i in set(group_of):
        possible[dated[i], week.days[i] == later] += 1
    for group in stories.groups:
        heads = sorted({group_of[i] for i in group})
        for a, b in itertools.combinations(heads, 2):
            strange = (week.days[a] == later) + (week.days[b] == later)
            far += dated[a] == dated[b] and strange == 1
            near += dated[a] == dated[b] and strange == 0
    far_rate = far / sum(possible[d, False] * possible[d, True] for d in days)
    near_rate = near / sum(possible[d, False] * (possible[d, False] - 1) / 2 for d in days)
    print(
        f"drawn with a day of three weeks later: pairs of groups of copies of one date in one story"
        f" {near}, with the strange day {far}; far over same day {far_rate / near_rate:.2f}"
    )


def score_copies(data: Path) -> None:
    """Labeled pairs of different events that are called copies, whatever the kind."""
    docs = read_lines(data / "same_story" / "docs.jsonl.gz")
    found = trace(
        Article(id=ArticleId(d["id"]), text=d["text"], language=d["language"]) for d in docs
    )
    kinds = {(link.a, link.b): link.kind for link in found.links if link.kind != "same_story"}
    rows = (data / "same_story" / "pairs.tsv").read_text("utf-8").splitlines()[1:]
    cells = [row.split("\t") for row in rows]
    apart = [tuple(sorted((a, b))) for a, b, score in cells if float(score) >= DIFFERENT]
    called = Counter(kinds[pair] for pair in apart if pair in kinds)
    print(f"copies among {len(apart)} pairs of score 3 or more: {called.total()} {dict(called)}")
    seconds = found.run["seconds"]
    print(f"seconds {seconds}")


def score_sample() -> None:
    """The project's own corpus: copies of the gold given, everything else found."""
    lines = (ROOT / "seeds" / "articles.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    gold = {
        member: story["story"]
        for story in map(
            json.loads, (ROOT / "seeds/gold/stories.jsonl").read_text("utf-8").splitlines()
        )
        for member in story["members"]
    }
    number = {record["id"]: i for i, record in enumerate(records)}
    linked = [
        (
            number[k["a"]],
            number[k["b"]],
        )
        for k in map(json.loads, (ROOT / "seeds/gold/links.jsonl").read_text("utf-8").splitlines())
        if k["kind"] in {"repost", "excerpt", "update"}
    ]
    languages = [r.get("language") or detect_language(r["text"]) for r in records]
    articles = [
        Article(
            id=ArticleId(r["id"]), text=r["text"], title=r.get("title") or "", language=language
        )
        for r, language in zip(records, languages, strict=True)
    ]
    stories = group_stories(
        articles,
        *read_texts([r["text"] for r in records], languages),
        linked,
        [((r.get("published") or "")[:10],) * 2 for r in records],
        StorySpec(),
    )
    exact = 0
    whole = Counter(gold.values())
    for group in stories.groups:
        members = Counter(gold[articles[i].id] for i in group)
        right = len(members) == 1 and whole[next(iter(members))] == len(group)
        exact += right
        if not right:
            print("sample not exact:", dict(members), [articles[i].id for i in group][:8])
    print(f"sample stories exact {exact} of {len(whole)}, articles {len(articles)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=os.environ.get("PROVENANCE_DATA"))
    parser.add_argument("--fit", action="store_true")
    parser.add_argument(
        "--only", nargs="+", default=["pairs", "pool", "shift", "drawn", "sample", "copies"]
    )
    parser.add_argument("--show", type=int, default=0)
    wanted = parser.parse_args()
    if wanted.data is None:
        parser.error("name the evaluation data or set PROVENANCE_DATA")
    data = Path(wanted.data)
    parts = set(wanted.only)
    if parts & {"pairs", "pool"} or wanted.fit:
        pairs = Pairs(data)
        if "pairs" in parts or wanted.fit:
            score_pairs(pairs, write=wanted.fit)
        if "pool" in parts:
            score_pool(pairs)
    if parts & {"shift", "drawn"}:
        week = Week(data)
        if "shift" in parts:
            score_shift(week)
        if "drawn" in parts:
            score_drawn(week, wanted.show)
    if "copies" in parts:
        score_copies(data)
    if "sample" in parts:
        score_sample()


if __name__ == "__main__":
    main()
