"""Play an agency and everybody who takes its items, and write down who took what from whom.

    python benchmarks/cascades/generate.py DATA FOLDER [--stories N] [--seed S] [--setting NAME]

Real direction is known for a handful of articles only.  Here it is known for all: the root of every
cascade is a real article, and clients, copiers, scrapers, editors, translators and compilers take it from
each other with the edits, cuts, credits and delays that were measured on Arabic agency copies.  Every word
has a number that it keeps as long as nobody changes it, so the gold (who took how much from whom) is read
off the log and not off a comparison of texts.  Afterwards parents, dates and credits are hidden at given
rates, and the documents are shuffled, because their order would give the answer away.

FOLDER gets ``articles.jsonl``, ``gold.jsonl`` (one record a document) and ``log.jsonl`` (every step).
DATA is the folder of the evaluation sets; ``reprints`` or ``haystack`` gives the roots and the sentences
that are added, ``translations`` the translations.

Limits: rewriters only exchange listed words, drop, add and swap; a real rewriter changes the sentence.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parent))

from newsrooms import Document, Newsrooms, Rates, rendered, sentences

import provenance
from provenance.model import Article, ArticleId


@attrs.frozen(kw_only=True)
class Hiding:
    """What is taken away before anybody looks.

    Attributes:
        roots: Stories of which all roots and their updates are hidden.
        middle: Takers that others took from and that are hidden.
        dates_missing: Documents without a date.
        dates_wrong: Documents with a wrong one: the day of a crawl (60 %), or two days off.
        credits_lost: Documents without any credit, dateline or told phrase.
    """

    roots: float = 0.25
    middle: float = 0.05
    dates_missing: float = 0.0
    dates_wrong: float = 0.0
    credits_lost: float = 0.0


SETTINGS = {
    "full": Hiding(),
    "degraded": Hiding(dates_missing=0.15, dates_wrong=0.15, credits_lost=0.5),
    "none": Hiding(dates_missing=1.0, credits_lost=1.0),
    "no dates": Hiding(dates_missing=1.0),
    "no credits": Hiding(credits_lost=1.0),
    "hidden": Hiding(roots=1.0, middle=0.1),
    "hidden, degraded": Hiding(
        roots=1.0, middle=0.1, dates_missing=0.15, dates_wrong=0.15, credits_lost=0.5
    ),
    "hidden, none": Hiding(roots=1.0, middle=0.1, dates_missing=1.0, credits_lost=1.0),
    "seen": Hiding(roots=0.0, middle=0.0),
}


@attrs.frozen(kw_only=True)
class Gold:
    """What is true of one visible document.

    Attributes:
        story: Number of the cascade.
        parents: The nearest visible documents that it took from.
        unseen: It took from something, and nothing of that is visible.
        kind: Of the edge, where there is a parent.
        agency: Whose text it is; empty for an outlet's.
        top: What is visible of where it came from: a document, itself, or nothing.
        minutes: When it was published.
        closeness: Common words with every visible document of the cascade.
        above: Documents that it descends from.
    """

    story: int
    parents: tuple[str, ...]
    unseen: bool
    kind: str
    agency: str
    top: str
    minutes: float
    closeness: Mapping[str, int]
    above: frozenset[str]


@attrs.frozen(kw_only=True)
class Cascades:
    """Articles with the truth about them, and every step that made them."""

    articles: tuple[Article, ...]
    gold: Mapping[str, Gold]
    log: tuple[Mapping[str, Any], ...]


def load(path: Path) -> list[dict[str, Any]]:
    """Read an evaluation set."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def roots_of(texts: Iterable[str], *, least: int = 90) -> list[list[list[str]]]:
    """Articles that can be roots: long enough, undated, no two alike, sources of their own left out."""
    seen: set[tuple[str, ...]] = set()
    roots = []
    for text in texts:
        found = provenance.attribute(text, language="ar")
        named = [
            text[mention.span[0] : mention.span[1]] for mention in found if mention.field == "text"
        ]
        body = [
            words
            for words in sentences(text)
            if not any(name in " ".join(words) for name in named)
            and not re.search(r"\d{4}", " ".join(words))
        ]
        plain = [word for words in body for word in words]
        grams = {tuple(plain[i : i + 6]) for i in range(len(plain) - 5)}
        if len(body) >= 4 and len(plain) >= least and len(grams & seen) < 3:
            seen |= grams
            roots.append(body[:40])
    return roots


def kind_of(child: Document, parent: Document) -> str:
    """The kind of an edge by what the log says, with the bars that the package draws kinds at."""
    if len(child.parents) > 1:
        return "compilation"
    if child.language != parent.language:
        return "translation"
    if child.publisher == parent.publisher:
        return "update"
    own, theirs = child.words, parent.words
    taken, identity = _inherited(child, theirs)
    held, _ = _inherited(parent, own)
    if identity < 0.75:
        return "rewrite"
    if taken >= 0.8 and held >= 0.8:
        return "repost"
    return "rewrite" if held >= 0.8 > taken else "excerpt"


def _inherited(item: Document, words: set[int]) -> tuple[float, float]:
    """The share of a document's words in sentences that are mostly known, and of known ones in these."""
    inside = known = 0
    for sentence in item.body:
        shared = sum(number in words for number, _ in sentence)
        if 3 * shared >= len(sentence):
            inside += len(sentence)
            known += shared
    return inside / sum(map(len, item.body)), known / max(1, inside)


USUAL = Rates()


def hide(
    story: Sequence[Document], number: int, hiding: Hiding, chance: random.Random, prefix: str
) -> tuple[list[Article], dict[str, Gold]]:
    """Take parents, dates and credits away, and say what is true of what is left."""
    by_name = {item.id: item for item in story}
    feeding = {parent for item in story for parent in item.parents}
    gone: set[str] = set()
    if chance.random() < hiding.roots:
        gone = {i.id for i in story if (i.id in feeding and not i.parents) or "update" in i.steps}
    for item in story:
        middle = item.parents and "update" not in item.steps and item.id in feeding
        if middle and chance.random() < hiding.middle:
            gone.add(item.id)
    above: dict[str, frozenset[str]] = {}
    for item in story:  # parents were made before their children
        above[item.id] = frozenset(item.parents).union(*(above[name] for name in item.parents))
    crawl = chance.uniform(40, 200) * 1440
    articles, gold = [], {}
    seen = [item for item in story if item.id not in gone]
    for item in seen:
        parents = []
        for parent in item.parents:
            nearest = parent
            while nearest in gone and by_name[nearest].parents:
                nearest = by_name[nearest].parents[0]
            if nearest not in gone:
                parents.append(nearest)
        unseen = bool(item.parents) and not parents
        lot, minutes = chance.random(), item.minutes
        if lot < hiding.dates_missing:
            stamp = ""
        else:
            if lot < hiding.dates_missing + hiding.dates_wrong:
                minutes = crawl if chance.random() < 0.6 else minutes + chance.uniform(-3000, 3000)
            stamp = (datetime(2019, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat()[:19]
        articles.append(
            Article(
                id=ArticleId(prefix + item.id),
                text=rendered(item, bare=chance.random() < hiding.credits_lost),
                publisher=item.publisher,
                published=stamp,
                language=item.language,
            )
        )
        top = item
        while top.parents:
            above_it = [name for name in top.parents if name not in gone] or top.parents
            top = by_name[above_it[0]]
        gold[prefix + item.id] = Gold(
            story=number,
            parents=tuple(prefix + name for name in parents),
            unseen=unseen,
            kind=kind_of(item, by_name[parents[0]]) if parents else "",
            agency=item.agency,
            top="" if top.id in gone else prefix + top.id,
            minutes=item.minutes,
            closeness={prefix + o.id: len(item.words & o.words) for o in seen if o is not item},
            above=frozenset(prefix + name for name in above[item.id]),
        )
    return articles, gold


def generate(
    data: Path,
    *,
    stories: int,
    seed: int,
    hiding: Hiding,
    rates: Rates = USUAL,
    part: tuple[float, float] = (0.0, 1.0),
    prefix: str = "",
    roots: str = "reprints",
) -> Cascades:
    """Play cascades.

    Args:
        data: Folder of the evaluation sets.
        stories: How many.
        seed: Of all chances.
        hiding: What is taken away.
        rates: How often each thing happens.
        part: Share of the roots that may be used, from and to; training and judging must not share any.
        prefix: Of every identifier.
        roots: Name of the set that roots and added sentences are taken from.
    """
    pool = roots_in(data, roots)
    first, last = (int(len(pool) * share) for share in part)
    pool = pool[first:last]
    random.Random(seed).shuffle(pool)
    cut = max(len(pool) * 2 // 3, len(pool) - 400)
    rooms = Newsrooms(
        pool[:cut],
        pool[cut:],
        seed,
        rates,
        translations(data, seed) if rates.translation else (),
    )
    chance = random.Random(seed + 1)
    articles: list[Article] = []
    gold: dict[str, Gold] = {}
    for number in range(stories):
        made, truth = hide(rooms.story(), number, hiding, chance, prefix)
        articles += made
        gold.update(truth)
    chance.shuffle(articles)
    # Names that sort in the order of making would give the direction away.
    order = [f"{prefix}{place:06}" for place in range(len(articles))]
    name = {article.id: ArticleId(new) for article, new in zip(articles, order, strict=True)}
    renamed = {
        name[ArticleId(old)]: attrs.evolve(
            found,
            parents=tuple(name[ArticleId(p)] for p in found.parents),
            top=name[ArticleId(found.top)] if found.top else "",
            closeness={name[ArticleId(o)]: shared for o, shared in found.closeness.items()},
            above=frozenset(name[ArticleId(a)] for a in found.above if a in name),
        )
        for old, found in gold.items()
    }
    visible = {**{item: str(new) for item, new in name.items()}}
    log = tuple(
        {
            **step,
            "document": visible.get(ArticleId(prefix + step["document"]), step["document"]),
            "parents": [visible.get(ArticleId(prefix + p), p) for p in step["parents"]],
        }
        for step in rooms.log
    )
    return Cascades(
        articles=tuple(attrs.evolve(article, id=name[article.id]) for article in articles),
        gold=renamed,
        log=log,
    )


@cache
def roots_in(data: Path, name: str) -> list[list[list[str]]]:
    """The articles of a set that can be roots; three thousand and some are enough."""
    texts = [record["text"] for record in load(data / name / "docs.jsonl.gz")]
    return roots_of(texts[:: max(1, len(texts) // 3500)])


def translations(data: Path, seed: int) -> list[dict[str, str]]:
    """Groups of translations, language to text."""
    group = {}
    for line in (data / "translations" / "groups.tsv").read_text("utf-8").splitlines()[1:]:
        fields = line.split("\t")
        group[fields[0]] = fields[1]
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for record in load(data / "translations" / "docs.jsonl.gz"):
        found[group[record["id"]]][record["language"]] = record["text"]
    groups = [versions for _, versions in sorted(found.items()) if "ar" in versions]
    random.Random(seed).shuffle(groups)
    return groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stories", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--roots", default="reprints", help="the set that roots are taken from")
    parser.add_argument("--setting", choices=SETTINGS, default="full")
    parser.add_argument(
        "--translation", type=float, default=0.0, help="share of translated stories"
    )
    options = parser.parse_args()
    made = generate(
        options.data,
        stories=options.stories,
        seed=options.seed,
        hiding=SETTINGS[options.setting],
        rates=Rates(translation=options.translation),
        roots=options.roots,
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    records: dict[str, list[Any]] = {
        "articles": [
            {name: value for name, value in attrs.asdict(article).items() if value}
            for article in made.articles
        ],
        "gold": [{"id": name, **attrs.asdict(g)} for name, g in sorted(made.gold.items())],
        "log": list(made.log),
    }
    for name, rows in records.items():
        lines = (json.dumps(row, ensure_ascii=False, default=sorted) for row in rows)
        (options.folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(made.articles)} articles of {options.stories} cascades in {options.folder}")


if __name__ == "__main__":
    main()
