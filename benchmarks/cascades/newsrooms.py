"""An agency, its clients, copiers, scrapers, editors, translators and compilers, and what each does to a text.

How often each thing happens was measured on Arabic agency copies.  Every word has a number that it keeps
as long as nobody changes it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from math import exp
from typing import Any

import attrs

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
    "dpa": "الأنباء الألمانية",
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
END_MARKS = {
    "spa": "// انتهى //",
    "reuters": "(إعداد سالم المرزوقي للنشرة العربية - تحرير هدى الناصر)",
}
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
        made += [
            self._take(chance.choice(sources), "outlet", (3.7, 1.2), taken)
            for _ in range(chance.randint(*rates.outlets))
        ]
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
        agency, short, _ = (
            chance.choice(AGENCIES) if chance.random() < self._rates.agency else ("",) * 3
        )
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
            made.end = END_MARKS.get(agency, "انتهى") if chance.random() < 0.5 else ""
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
            body[:lead] = [
                self._reworded(words, chance.uniform(0.25, 0.7)) for words in body[:lead]
            ]
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
        return self._document(
            publisher=f"{self._name(OUTLETS, taken)} ({language})",
            role="translator",
            minutes=parent.minutes + exp(self._chance.gauss(4.5, 1.0)),
            body=[self._numbered(words) for words in sentences(text)],
            parents=[parent.id],
            steps=[f"translated to {language}"],
            agency=parent.agency,
            language=language,
        )


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
        own = f"{item.city}: «{name.partition(' ')[2]}» "
        lines[0] = (f"{item.city} ({name}) - " if kind == "agency" else own) + lines[0]
    kind, name = item.credit
    if kind and not bare:
        credit = {
            "agency": f"{item.city} - {name}",
            "own": f"{item.city} - {name}",
            "unnamed": "وكالات",
        }
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
