"""Play an agency and everybody who takes its items, and write down who took what from whom.

    python benchmarks/cascades/generate.py DATA FOLDER [--stories N] [--seed S] [--setting NAME]

Real direction is known for a handful of articles only.  Here it is known for all: the root of every
cascade is a real article, and clients, copiers, scrapers, editors, translators and compilers take it from
each other with the edits, cuts, credits and delays that were measured on Arabic agency copies.  Every word
has a number that it keeps as long as nobody changes it, so the gold (who took how much from whom) is read
off the log and not off a comparison of texts.  Afterwards parents, dates and credits are hidden at given
rates, and the documents are shuffled, because their order would give the answer away.

FOLDER gets ``articles.jsonl``, ``gold.jsonl`` (one record a document) and ``log.jsonl`` (every step).
DATA is the folder of the evaluation sets; ``haystack`` gives the roots and the sentences that are added,
``translations`` the translations.

Limits: rewriters only exchange listed words, drop, add and swap; a real rewriter changes the sentence.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from math import exp
from pathlib import Path
from typing import Any

import attrs

import provenance
from provenance.model import Article, ArticleId

Body = list[list[tuple[int, str]]]
"""Sentences of numbered words."""

#: Agencies: catalogue identifier, the name in a dateline, and "to" the agency.
AGENCIES = (
    ("reuters", "رويترز", "لرويترز"),
    ("afp", "أ ف ب", "لوكالة فرانس برس"),
    ("dpa", "د ب أ", "لوكالة الأنباء الألمانية"),
    ("spa", "واس", "لوكالة الأنباء السعودية"),
    ("ap", "أسوشيتد برس", "لوكالة أسوشيتد برس"),
    ("xinhua", "شينخوا", "لوكالة شينخوا"),
)
FULL_NAMES = {
    "reuters": "رويترز",
    "afp": "فرانس برس",
    "dpa": "وكالة الأنباء الألمانية",
    "spa": "وكالة الأنباء السعودية",
    "ap": "أسوشيتد برس",
    "xinhua": "شينخوا",
}
CITIES = ("الرياض", "القاهرة", "بيروت", "عمان", "بغداد", "تونس", "دبي", "الكويت", "مسقط", "الجزائر")
OUTLETS = tuple(
    f"صحيفة {name}"
    for name in (
        "المرجان", "الشراع", "القافلة", "النورس", "الينبوع", "السنديان", "الفنار", "الرباط الجديد", "البيدر",
        "الأرجوان", "الصنوبر", "المحراث", "الغدير", "النسيم", "القنطرة", "البوصلة", "الزيزفون", "العرزال",
        "المدار العربي", "السراج",
    )
)  # fmt: skip
SCRAPERS = tuple(
    f"موقع {name}"
    for name in (
        "لمحة نيوز", "نبضة", "شبكة الخبر العاجل", "رادار اليوم", "موجز الساعة", "كل الأخبار", "ترند عربي",
        "المختصر نت", "الزاجل", "عين الحدث",
    )
)  # fmt: skip
END_MARKS = ("// انتهى //", "انتهى", "(إعداد سالم المرزوقي للنشرة العربية - تحرير هدى الناصر)")
WRAPPERS = (
    ("[ad_1]", "[ad_2]"),
    ("", "اترك تعليقاً\nلن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها بـ *"),
    ("", "زر الذهاب إلى الأعلى"),
)
#: Words that an editor exchanges without a thought.
EXCHANGED: dict[str, list[str]] = {}
for _group in (
    "قال ذكر أوضح صرح", "وقال وذكر وأوضح وأضاف", "أعلن كشف", "أكد شدد", "وأكد وشدد", "مضيفا متابعا",
    "خلال أثناء", "كما أيضا", "بسبب نتيجة", "نحو حوالي قرابة", "مقتل مصرع", "بعد عقب", "قبل قبيل",
    "أشار لفت", "وأشار ولفت", "بدأ شرع", "وفق حسب", "منذ مذ", "أن بأن", "زيادة ارتفاع", "انخفاض تراجع",
    "حيث إذ", "اتفاق تفاهم", "الحكومة السلطات", "كبير ضخم", "جميع كافة", "عدة عدد", "لكن غير",
):  # fmt: skip
    for _word in _group.split():
        EXCHANGED[_word] = [other for other in _group.split() if other != _word]


@attrs.frozen(kw_only=True)
class Rates:
    """How often each thing happens; as measured on Arabic agency copies, where nothing else is said.

    Attributes:
        agency: The root is an agency's.
        second: A second, independent root.
        update: The root is published again with its last quarter.
        outlets: Least and most takers of a root.
        copiers: Least and most takers of takers.
        scraper: A copier is a scraper.
        compilation: Somebody puts two texts together.
        quotation: Somebody quotes one sentence in an article of his own.
        translation: A root that has translations is translated by so many.
        cut_tail: A taker keeps 35 to 92 % of it.
        cut_lead: A taker drops a sentence or two of the lead.
        moved: A sentence moves.
        reworked: All sentences are reworded...
        lead: ...or the first two.
        unedited: No word changes otherwise; the rest change 0.8 % of the words, log-normal.
        inserted: One to three sentences of something else are added.
        told: An agency's root says that it was told.
    """

    agency: float = 0.75
    second: float = 0.3
    update: float = 0.2
    outlets: tuple[int, int] = (2, 8)
    copiers: tuple[int, int] = (0, 6)
    scraper: float = 0.6
    compilation: float = 0.25
    quotation: float = 0.2
    translation: float = 0.0
    cut_tail: float = 0.45
    cut_lead: float = 0.08
    moved: float = 0.06
    reworked: float = 0.1
    lead: float = 0.3
    unedited: float = 0.25
    inserted: float = 0.22
    told: float = 0.35


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


@attrs.define(kw_only=True)
class Document:
    """A document as it was made, before anything is hidden."""

    id: str
    publisher: str
    role: str
    minutes: float
    body: Body
    parents: list[str]
    steps: list[str]
    agency: str = ""
    city: str = ""
    dateline: tuple[str, str] = ("", "")
    credit: tuple[str, str] = ("", "")
    source: str = ""
    end: str = ""
    wrapper: int = -1
    told: bool = False
    language: str = "ar"

    @property
    def words(self) -> set[int]:
        """The numbers of its words."""
        return {number for sentence in self.body for number, _ in sentence}


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


def sentences(text: str) -> list[list[str]]:
    """Cut a text into sentences of words; a sentence over 60 words is cut at a comma."""
    found: list[list[str]] = []
    for paragraph in text.split("\n"):
        for part in re.split(r"(?<=[.!\N{ARABIC QUESTION MARK}])\s+", paragraph.strip()):
            words = part.split()
            if len(words) < 3 and found:
                found[-1] = found[-1] + words
                continue
            while len(words) > 60:
                commas = (i for i in range(25, 55) if words[i][-1] in ",\N{ARABIC COMMA}")
                cut = next(commas, 45) + 1
                found.append(words[:cut])
                words = words[cut:]
            if words:
                found.append(words)
    return found


def roots_of(texts: Iterable[str], *, least: int = 90) -> list[list[list[str]]]:
    """Articles that can be roots: long enough, undated, no two alike, sources of their own left out."""
    seen: set[int] = set()
    roots = []
    for text in texts:
        found = provenance.attribute(text, language="ar")
        named = [text[mention.span[0] : mention.span[1]] for mention in found if mention.field == "text"]
        body = [
            words
            for words in sentences(text)
            if not any(name in " ".join(words) for name in named)
            and not re.search(r"\d{4}", " ".join(words))
        ]
        plain = [word for words in body for word in words]
        grams = {hash(tuple(plain[i : i + 6])) for i in range(len(plain) - 5)}
        if 4 <= len(body) and len(plain) >= least and len(grams & seen) < 3:
            seen |= grams
            roots.append(body[:40])
    return roots


class Newsrooms:
    """Everybody who writes, cuts, copies and scrapes; the same for the same seed.

    Args:
        roots: Bodies of real articles, one a story; used up from the front.
        donors: Bodies that sentences are added from.
        seed: Of all chances.
        rates: How often each thing happens.
        translated: Groups of translations: language to text, Arabic among them.
    """

    def __init__(
        self,
        roots: Sequence[list[list[str]]],
        donors: Sequence[list[list[str]]],
        seed: int,
        rates: Rates,
        translated: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self._chance = random.Random(seed)
        self._roots = iter(roots)
        self._donors = donors
        self._rates = rates
        self._translated = iter(translated)
        self._words = count()
        self._documents = count()
        common = Counter(word for body in donors[:300] for words in body for word in words)
        self._common = [word for word, _ in common.most_common(300) if len(word) > 2]
        self.log: list[Mapping[str, Any]] = []

    def story(self) -> list[Document]:
        """Play one cascade; the documents in the order in which they were made."""
        chance, rates = self._chance, self._rates
        versions: Mapping[str, str] = {}
        if chance.random() < rates.translation:
            versions = next(self._translated, {})
        start = chance.uniform(0, 20 * 1440)
        taken: set[str] = set()
        text = sentences(versions["ar"]) if versions else next(self._roots)
        held = max(4, len(text) * 3 // 4)
        made = [self._root(start, text if versions else text[:held], taken)]
        sources = list(made)
        if chance.random() < rates.second and not versions:
            made.append(self._root(start + chance.uniform(0, 300), next(self._roots), taken))
            sources.append(made[-1])
        if not versions and text[held:] and chance.random() < rates.update:
            made.append(self._update(made[0], text[held:]))
            sources.append(made[-1])
        for _ in range(chance.randint(*rates.outlets)):
            made.append(self._take(chance.choice(sources), "outlet", (3.7, 1.2), taken))
        for _ in range(chance.randint(*rates.copiers)):
            known = [item for item in made if item.role != "agency"] or made
            role = "scraper" if chance.random() < rates.scraper else "outlet"
            made.append(self._take(chance.choice(known), role, (4.5, 1.3), taken))
        if len(sources) > 1 and chance.random() < rates.compilation:
            made += self._compile(made, taken)
        if chance.random() < rates.quotation:
            made.append(self._quote(chance.choice(made), taken))
        for language in sorted(set(versions) - {"ar"}):
            if chance.random() < 0.3:
                made.append(self._translate(made[0], language, versions[language], taken))
        return made

    def _numbered(self, words: Iterable[str]) -> list[tuple[int, str]]:
        return [(next(self._words), word) for word in words]

    def _document(self, **fields: Any) -> Document:
        made = Document(id=f"d{next(self._documents):05}", **fields)
        self.log += [
            {"document": made.id, "role": made.role, "step": step, "parents": made.parents}
            for step in made.steps
        ]
        return made

    def _name(self, names: Sequence[str], taken: set[str]) -> str:
        free = [name for name in names if name not in taken] or list(names)
        name = self._chance.choice(free)
        taken.add(name)
        return name

    def _root(self, minutes: float, text: Sequence[Sequence[str]], taken: set[str]) -> Document:
        chance = self._chance
        agency, short, _ = chance.choice(AGENCIES) if chance.random() < self._rates.agency else ("",) * 3
        publisher = FULL_NAMES[agency] if agency else self._name(OUTLETS, taken)
        made = self._document(
            publisher=publisher,
            role="agency" if agency else "outlet",
            minutes=minutes,
            body=[self._numbered(words) for words in text],
            parents=[],
            steps=["root"],
            agency=agency,
            city=chance.choice(CITIES),
            told=bool(agency) and chance.random() < self._rates.told,
        )
        if agency:
            made.dateline = ("agency", short)
            made.end = chance.choice(END_MARKS) if chance.random() < 0.5 else ""
        else:
            made.dateline = ("own", publisher) if chance.random() < 0.5 else ("", "")
            made.credit = ("own", publisher) if chance.random() < 0.6 else ("", "")
        return made

    def _update(self, first: Document, more: Sequence[Sequence[str]]) -> Document:
        chance = self._chance
        body = [list(words) for words in first.body]
        at = len(body) if chance.random() < 0.6 else 1
        body[at:at] = [self._numbered(words) for words in more]
        made = self._document(
            publisher=first.publisher,
            role=first.role,
            minutes=first.minutes + chance.uniform(20, 400),
            body=body,
            parents=[first.id],
            steps=["update"],
            agency=first.agency,
            city=first.city,
            told=first.told,
        )
        made.dateline, made.credit, made.end = first.dateline, first.credit, first.end
        return made

    def _take(
        self, parent: Document, role: str, delay: tuple[float, float], taken: set[str]
    ) -> Document:
        chance = self._chance
        steps: list[str] = []
        body = self._edited(parent.body, role, steps)
        made = self._document(
            publisher=self._name(SCRAPERS if role == "scraper" else OUTLETS, taken),
            role=role,
            minutes=parent.minutes + exp(chance.gauss(*delay)),
            body=body,
            parents=[parent.id],
            steps=steps or ["copied as it was"],
            agency=parent.agency,
            city=parent.city,
            told=parent.told,
        )
        if role == "outlet" and parent.role == "agency":
            self._credit_client(made, parent)
        else:
            self._credit_copier(made, parent)
        if role == "scraper" and chance.random() < 0.5:
            made.wrapper = chance.randrange(len(WRAPPERS))
        elif parent.wrapper >= 0 and chance.random() < 0.15:
            made.wrapper = parent.wrapper
        return made

    def _credit_client(self, made: Document, parent: Document) -> None:
        chance = self._chance
        lot = chance.random()
        if lot < 0.3:
            made.dateline = parent.dateline
        elif lot < 0.7:
            made.dateline = ("own", made.publisher)
        lot = chance.random()
        if lot < 0.55:
            made.credit = ("agency", parent.dateline[1])
        elif lot < 0.7:
            made.credit = ("own", made.publisher)
        elif lot < 0.82:
            made.credit = ("unnamed", "")
        made.end = parent.end if chance.random() < 0.15 else ""

    def _credit_copier(self, made: Document, parent: Document) -> None:
        chance = self._chance
        lot = chance.random()
        if lot < 0.45:
            made.dateline = parent.dateline
        elif lot < 0.65:
            made.dateline = ("own", made.publisher)
        lot = chance.random()
        if lot < 0.5:
            made.credit = parent.credit
        elif lot < 0.62:
            made.credit = ("unnamed", "")
        lot = chance.random()
        if lot < 0.35:
            made.source = parent.publisher
        elif lot > 0.8:
            made.credit = ("own", made.publisher)
        made.end = parent.end if chance.random() < 0.4 else ""

    def _edited(self, parent: Body, role: str, steps: list[str]) -> Body:
        chance, rates = self._chance, self._rates
        often = 1.0 if role == "outlet" else 0.6
        body = [list(words) for words in parent]
        if len(body) > 3 and chance.random() < rates.cut_tail:
            body = body[: max(2, int(len(body) * chance.uniform(0.35, 0.92)))]
            steps.append("cut the tail")
        if len(body) > 3 and chance.random() < rates.cut_lead * often:
            body = body[chance.randint(1, 2) :]
            steps.append("cut the lead")
        if len(body) > 4 and chance.random() < rates.moved * often:
            moved = body.pop(chance.randrange(1, len(body) - 1))
            body.insert(chance.randrange(1, len(body)), moved)
            steps.append("moved a sentence")
        if chance.random() < rates.reworked * often:
            degree = chance.uniform(0.15, 0.5)
            body = [self._reworded(words, degree) for words in body]
            steps.append(f"reworded {degree:.2f}")
        elif chance.random() < rates.lead * often:
            lead = chance.randint(1, 2)
            body[:lead] = [self._reworded(words, chance.uniform(0.25, 0.7)) for words in body[:lead]]
            steps.append("reworded the lead")
        if chance.random() >= rates.unedited:
            degree = min(0.08, 0.008 * exp(chance.gauss(0, 0.9)))
            body = [self._touched(words, degree) for words in body]
            steps.append(f"edited {degree:.3f}")
        if chance.random() < rates.inserted * often:
            donor = chance.choice(self._donors)
            length = chance.randint(1, 3)
            first = chance.randrange(max(1, len(donor) - length))
            lot = chance.random()
            at = len(body) if lot < 0.5 else 0 if lot < 0.62 else chance.randrange(1, len(body) + 1)
            body[at:at] = [self._numbered(words) for words in donor[first : first + length]]
            steps.append(f"added {length} sentences")
        return body

    def _reworded(self, words: list[tuple[int, str]], degree: float) -> list[tuple[int, str]]:
        chance = self._chance
        out: list[tuple[int, str]] = []
        for number, word in words:
            lot = chance.random()
            if lot < degree * 0.5 and word in EXCHANGED:
                out += self._numbered([chance.choice(EXCHANGED[word])])
            elif lot < degree * 0.25:
                continue
            else:
                out.append((number, word))
                if degree * 0.5 <= lot < degree * 0.65:
                    out += self._numbered([chance.choice(self._common)])
        at = 0
        while at < len(out) - 3:
            if chance.random() < degree * 0.5:
                length = chance.randint(2, 3)
                part = out[at : at + length]
                chance.shuffle(part)
                out[at : at + length] = part
                at += length
            else:
                at += 1
        return out or words

    def _touched(self, words: list[tuple[int, str]], degree: float) -> list[tuple[int, str]]:
        chance = self._chance
        out = list(words)
        at = 0
        while at < len(out):
            if chance.random() < degree:
                word, lot = out[at][1], chance.random()
                if lot < 0.35:
                    out[at : at + 1] = self._numbered([self._mistyped(word)])
                elif lot < 0.65 and word in EXCHANGED:
                    out[at : at + 1] = self._numbered([chance.choice(EXCHANGED[word])])
                elif 0.65 <= lot < 0.75 and len(out) > 4:
                    del out[at]
                    continue
                elif lot < 0.87:
                    out[at:at] = self._numbered([chance.choice(self._common)])
                    at += 1
                elif at + 1 < len(out):
                    out[at], out[at + 1] = out[at + 1], out[at]
            at += 1
        return out

    def _mistyped(self, word: str) -> str:
        if len(word) < 4:
            return word + "\N{ARABIC LETTER ALEF}"
        at = self._chance.randrange(1, len(word) - 2)
        if self._chance.random() < 0.5:
            return word[:at] + word[at + 1 :]
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def _compile(self, made: Sequence[Document], taken: set[str]) -> list[Document]:
        chance = self._chance
        by_name = {item.id: item for item in made}

        def top(item: Document) -> str:
            while item.parents:
                item = by_name[item.parents[0]]
            return item.id

        first = chance.choice(made)
        others = [item for item in made if top(item) != top(first)]
        if not others:
            return []
        second = chance.choice(others)
        both = self._take(first, "outlet", (4.0, 1.0), taken)
        both.minutes = max(first.minutes, second.minutes) + exp(chance.gauss(4.0, 1.0))
        own = both.body[: max(2, int(len(both.body) * chance.uniform(0.5, 0.9)))]
        more = second.body[: max(2, int(len(second.body) * chance.uniform(0.3, 0.7)))]
        both.body = own + [list(words) for words in more]
        both.parents = [first.id, second.id]
        both.steps.append("compiled")
        self.log.append(
            {"document": both.id, "role": "outlet", "step": "compiled", "parents": both.parents}
        )
        return [both]

    def _quote(self, quoted: Document, taken: set[str]) -> Document:
        chance = self._chance
        body = [self._numbered(words) for words in chance.choice(self._donors)[:12]]
        body.insert(chance.randrange(1, len(body) + 1), list(chance.choice(quoted.body)))
        publisher = self._name(OUTLETS, taken)
        made = self._document(
            publisher=publisher,
            role="outlet",
            minutes=quoted.minutes + chance.uniform(10, 900),
            body=body,
            parents=[],
            steps=[f"quoted a sentence of {quoted.id}"],
            city=chance.choice(CITIES),
        )
        made.dateline = ("own", publisher)
        return made

    def _translate(self, parent: Document, language: str, text: str, taken: set[str]) -> Document:
        made = self._document(
            publisher=f"{self._name(OUTLETS, taken)} ({language})",
            role="translator",
            minutes=parent.minutes + exp(self._chance.gauss(4.5, 1.0)),
            body=[self._numbered(words) for words in sentences(text)],
            parents=[parent.id],
            steps=[f"translated to {language}"],
            agency=parent.agency,
            language=language,
        )
        return made


def rendered(item: Document, *, bare: bool) -> str:
    """Return a document's text with its credits and furniture, or with what no credit is."""
    told = next((to for name, _, to in AGENCIES if name == item.agency), "")
    lines = []
    said = False
    for words in item.body:
        plain = []
        for _, word in words:
            plain.append(word)
            if item.told and told and not bare and not said and word in ("قال", "وقال", "وأضاف"):
                plain.append(told)
                said = True
        lines.append(" ".join(plain))
    if item.language != "ar":
        return "\n".join(lines)
    head, tail = [], [item.end] if item.end else []
    kind, name = item.dateline
    if kind and not bare:
        lines[0] = f"{item.city} ({name}) - {lines[0]}" if kind == "agency" else f"{item.city} - {name}: {lines[0]}"  # fmt: skip
    kind, name = item.credit
    if kind and not bare:
        credit = {"agency": f"{item.city} - {name}", "own": f"{item.city} - {name}", "unnamed": "وكالات"}
        head.append(credit[kind])
    if item.source and not bare:
        tail.append(f"المصدر: {item.source}")
    if item.wrapper >= 0:
        before, after = WRAPPERS[item.wrapper]
        head.insert(0, before)
        tail.append(after)
    paragraphs = []
    at = 0
    while at < len(lines):
        paragraphs.append(" ".join(lines[at : at + 1 + len(lines[at]) % 3]))
        at += 1 + len(lines[at]) % 3
    return "\n".join(line for line in (*head, *paragraphs, *tail) if line)


def kind_of(child: Document, parent: Document) -> str:
    """The kind of an edge by what the log says, with the bars that the package draws kinds at."""
    if len(child.parents) > 1:
        return "compilation"
    if child.language != parent.language:
        return "translation"
    if child.publisher == parent.publisher:
        return "update"
    common = len(child.words & parent.words)
    taken, held = common / max(1, len(child.words)), common / max(1, len(parent.words))
    if taken >= 0.8 and held >= 0.8:
        return "repost"
    return "rewrite" if held >= 0.8 > taken else "excerpt"


def hide(
    story: Sequence[Document], number: int, hiding: Hiding, chance: random.Random, prefix: str
) -> tuple[list[Article], dict[str, Gold]]:
    """Take parents, dates and credits away, and say what is true of what is left."""
    by_name = {item.id: item for item in story}
    feeding = {parent for item in story for parent in item.parents}
    gone: set[str] = set()
    if chance.random() < hiding.roots:
        gone = {i.id for i in story if i.id in feeding and not i.parents or "update" in i.steps}
    for item in story:
        if item.parents and "update" not in item.steps and item.id in feeding:
            if chance.random() < hiding.middle:
                gone.add(item.id)
    above: dict[str, frozenset[str]] = {}
    for item in story:  # parents were made before their children
        above[item.id] = frozenset(item.parents).union(*(above[name] for name in item.parents))
    crawl = chance.uniform(40, 200) * 1440
    articles, gold = [], {}
    seen = [item for item in story if item.id not in gone]
    for item in seen:
        parents = []
        for name in item.parents:
            while name in gone and by_name[name].parents:
                name = by_name[name].parents[0]
            if name not in gone:
                parents.append(name)
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
            nearest = [name for name in top.parents if name not in gone] or top.parents
            top = by_name[nearest[0]]
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
    rates: Rates = Rates(),
    part: tuple[float, float] = (0.0, 1.0),
    prefix: str = "",
    roots: Callable[[Path], list[list[list[str]]]] | None = None,
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
        roots: Reader of roots, in place of ``haystack``.
    """
    pool = (roots or haystack_roots)(data)
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


_POOLS: dict[Path, list[list[list[str]]]] = {}


def haystack_roots(data: Path) -> list[list[list[str]]]:
    """The articles of ``haystack`` that can be roots."""
    if data not in _POOLS:
        texts = [record["text"] for record in load(data / "haystack" / "docs.jsonl.gz")]
        _POOLS[data] = roots_of(texts)
    return _POOLS[data]


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
    parser.add_argument("--setting", choices=SETTINGS, default="full")
    parser.add_argument("--translation", type=float, default=0.0, help="share of translated stories")
    options = parser.parse_args()
    made = generate(
        options.data,
        stories=options.stories,
        seed=options.seed,
        hiding=SETTINGS[options.setting],
        rates=Rates(translation=options.translation),
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    records: dict[str, list[Any]] = {
        "articles": [
            attrs.asdict(a, filter=lambda field, value: bool(value)) for a in made.articles
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
