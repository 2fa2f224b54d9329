"""Whom does this article itself name as its source, where, and in which role?

The role of a mention decides, not the name: the same agency may have written the text, taken the
picture, been told something, or be what the article is about.  The order in which the questions are
asked is the order in which they settle the matter: pictures first, then what stands for the whole text
by its form, then the sentences of footers, then what a verb beside the name says of one statement.

Everything that is found is reported, also what says nothing about the text's origin; what it adds up to
is :mod:`provenance.attribution.sources`' question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import attrs

from provenance.attribution.agenda import Agenda, asks_names
from provenance.attribution.calques import find_calques
from provenance.attribution.catalogue import Catalogue, load_catalogue
from provenance.attribution.grammar import GENERIC, PICTURES, STRONG, VERBAL, WEAK, Rule
from provenance.attribution.identity import (
    find_own_handle,
    find_own_line,
    find_own_name,
    find_site_name,
)
from provenance.attribution.layout import Layout, lay_out
from provenance.attribution.lettering import open_entities, part_footer
from provenance.attribution.markers import Markers, load_markers
from provenance.attribution.passages import (
    FOLLOW_UP,
    Name,
    Passage,
    gather_passages,
    is_persian,
    line_at,
    name_agencies,
)
from provenance.attribution.screening import Hit, Screen
from provenance.attribution.shapes import (
    Place,
    read_byline,
    read_caption,
    read_closing,
    read_dateline,
)
from provenance.attribution.topics import guard_topics
from provenance.attribution.weights import weight_of
from provenance.model import Article, ArticleId, Field, Mention, Role, Span, Zone
from provenance.text.language import detect_language
from provenance.text.repair import Repair, repair_article

__all__ = ["Reader", "read_mentions", "reader_for", "restore_mentions"]

_Form = Callable[[Place, re.Pattern[str]], tuple[Role, str] | None]
#: Where among the rules of words the rules of form are asked; see `Rule.rank`.
_FORMS: tuple[tuple[int, _Form], ...] = (
    (5, read_caption),
    (15, read_byline),
    (18, read_dateline),
    (65, read_closing),
)

#: Places of names and words that are looked at.  Time grows with their square; so many take a third
#: of a second.
_MOST_HITS = 2000

_ENOUGH = 2000  # characters that show a text's language
_ARABIC = re.compile("[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH}]")
_MANY = frozenset({"social_embed", "told_own_outlet", "autoblog_source_link", "agency_end_marker"})
_SAME_NOTICE = 60  # characters between two markers of one role that are parts of one notice
_NEAR_STORY = 160  # a dateline may stand on its own line right above or below the headline
_CAPTION = 320  # longest line that is taken for a caption as a whole
_LAST_SIGN = 200  # characters at the end in which a sign that closes the text begins
_LAST_WORD = 20  # characters at the end that show the script it ends in
_TOGETHER = 25  # characters between agencies of one credit


def read_mentions(article: Article, *, language: str = "") -> tuple[Mention, ...]:
    """Return every mention of a source in an article's byline, title and text.

    Args:
        article: The article as found; markers must be read before anything is masked.
        language: BCP 47 tag if known better than the article says; it settles names that several
            agencies share, and whose rules are asked first.

    Returns:
        Mentions sorted by field (byline, text, title) and span.  Spans are half-open code-point
        offsets of the field as given.
    """
    return reader_for(None).read(article, language=language)


def restore_mentions(
    mentions: Iterable[Mention], article: Article, repairs: Mapping[Field, Repair]
) -> tuple[Mention, ...]:
    """Return mentions of a repaired article with the spans and words of the original."""

    def restored(mention: Mention) -> Mention:
        repair = repairs.get(mention.field)
        if repair is None:
            return mention
        start, end = repair.original(mention.span)
        text = getattr(article, mention.field)[start:end]
        return attrs.evolve(mention, span=(start, end), text=text)

    return tuple(map(restored, mentions))


def reader_for(catalogue: Path | None) -> Reader:
    """Return the reader for the packaged catalogue, or for one extended by a file.

    It is built once, and again when the file has changed.

    Raises:
        SettingError: The file makes no sense.
    """
    if catalogue is None:
        return _reader(None, 0)
    try:
        changed = catalogue.stat().st_mtime_ns
    except OSError:
        changed = 0  # loading will say what is wrong with it
    return _reader(catalogue, changed)


@cache
def _reader(catalogue: Path | None, _changed: int) -> Reader:
    return Reader(load_catalogue(catalogue), load_markers())


@attrs.frozen
class _Found:
    """A mention before it belongs to an article."""

    agency: str | None
    role: Role
    zone: Zone
    span: Span
    rule: str
    weight: float
    language: str = ""
    line: int = 0


@attrs.frozen
class _Sight:
    """A sign in the text as it stands that wakes rules.

    Attributes:
        regex: Matches it.
        at_start: Whether it begins with the text.
        at_end: Whether it ends with the text.
        latin: Whether it ends with the text and with a Latin letter.
        rules: Numbers of the rules.
    """

    regex: re.Pattern[str]
    at_start: bool
    at_end: bool
    latin: bool
    rules: tuple[int, ...]

    @classmethod
    def of(cls, sight: str, rules: Iterable[int]) -> _Sight:
        at_end = sight.endswith(r"\Z")
        latin = at_end and ("a-z" in sight or "A-Z" in sight)
        return cls(re.compile(sight), sight.startswith(r"\A"), at_end, latin, tuple(rules))


@attrs.define
class _Scene:
    """One passage while it is read.

    Attributes:
        passage: The passage.
        layout: Lines and zones of the field.
        field: Which field of the article.
        language: The text's language.
        persian: Whether rules of Persian and Urdu are believed.
        open: Names whose role is not settled yet, by their position.
        taken: Spans and roles of the markers that were read.
        introduced: The one state agency that the text names, if there is one.
    """

    passage: Passage
    layout: Layout
    field: Field
    language: str
    persian: bool
    open: dict[int, Name]
    taken: list[tuple[Span, Role]]
    introduced: str | None

    def zone(self, offset: int) -> Zone:
        return _zone(self.field, self.layout, offset)


class Reader:
    """Reads articles with one catalogue and one set of markers; immutable once built."""

    def __init__(self, catalogue: Catalogue, markers: Markers) -> None:
        """Build the automaton.

        Args:
            catalogue: Agencies and their names.
            markers: The rules of every language.
        """
        rules = markers.rules
        self._catalogue = catalogue
        self._markers = markers
        self._screen = Screen(catalogue.aliases, [rule.triggers for rule in rules])
        self._agenda = Agenda(rules)
        sights: dict[str, list[int]] = {}
        for number, rule in enumerate(rules):
            if rule.sight and not rule.triggers:
                sights.setdefault(rule.sight, []).append(number)
        self._sights = [_Sight.of(sight, numbers) for sight, numbers in sights.items()]
        self._behind = {
            number: re.compile(rule.sight)
            for number, rule in enumerate(rules)
            if rule.sight and rule.triggers
        }

    def read(self, article: Article, *, language: str = "") -> tuple[Mention, ...]:
        """Return every mention of a source; see :func:`read_mentions`."""
        meant, repairs = repair_article(article)
        read = self.read_meant(meant, language=language)
        return restore_mentions(read, article, repairs) if repairs else read

    def read_meant(self, article: Article, *, language: str = "") -> tuple[Mention, ...]:
        """Do the same with an article that needs no repair, or is repaired already."""
        language = language or article.language
        mentions: list[Mention] = []
        fields: tuple[tuple[Field, str], ...] = (
            ("byline", article.byline),
            ("text", article.text),
            ("title", article.title),
        )
        for field, text in fields:
            if text:
                found = self._read_field(text, field, language, article.text)
                found += self._read_page(article, field, found)
                found.sort(key=lambda item: (item.span, item.agency or "", item.role))
                mentions.extend(_mention(article.id, field, text, item) for item in found)
        return guard_topics(mentions) if mentions else ()

    def _read_field(self, text: str, field: Field, language: str, story: str) -> list[_Found]:
        opened = open_entities(text)
        if field == "text":
            opened = part_footer(opened, self._markers.buttons, self._markers.button_words)
        hits = _outermost(self._screen.find(opened))
        triggers = [hit for hit in hits if hit.rules and self._followed(opened, hit)]
        triggers += _outermost(list(self._sightings(opened)))
        if not hits and not triggers:
            return []
        persian = is_persian(opened)
        names = name_agencies(opened, hits, self._catalogue, self._markers, persian=persian)
        if not names and not triggers:
            return []
        layout = lay_out(opened, self._markers.widgets)
        triggers = list(self._believable(triggers, field, layout))
        if not names and not triggers:
            return []
        if not language and names:
            arabic = not persian and _ARABIC.search(opened, 0, _ENOUGH)
            language = "ar" if arabic else detect_language((story or opened)[:_ENOUGH])
        passages = gather_passages(opened, names, triggers, layout, self._markers)
        introduced = _introduced(passages, self._catalogue)
        found: list[_Found] = []
        for passage in passages:
            scene = _Scene(
                passage, layout, field, language, persian, dict(passage.names), [], introduced
            )
            found.extend(self._read_scene(scene))
        unique = {(item.span, item.agency, item.role): item for item in _merge_composites(found)}
        return list(unique.values())

    def _read_page(self, article: Article, field: Field, found: list[_Found]) -> list[_Found]:
        """Return what the page says about its publisher, and what a machine left in the text."""
        own: list[tuple[Span, Role, Zone, str, str]] = []
        if field == "byline" and not any(item.agency for item in found):
            own += [
                (span, "publisher_self_credit", "byline", "form.own_name", "")
                for span in find_own_name(article.byline, article.publisher)
            ]
        elif field == "text":
            embeds = [item.span for item in found if item.role == "social_embed"]
            own += [
                (span, "publisher_self_credit", "body", "form.own_handle", "")
                for span in find_own_handle(article.text, embeds)
            ]
            own += [
                (span, "publisher_self_credit", "header", "form.own_name", "")
                for span in find_own_line(article.text, article.publisher)
            ]
            own += [
                (span, "publisher_self_credit", "header", "form.site_name", "")
                for span in find_site_name(article.text, article.title)
            ]
            own += [
                (span, "translation_machine", "body", sign, language)
                for span, sign, language in find_calques(
                    article.text, self._markers.signs, self._markers.enough
                )
            ]
        return [
            _Found(None, role, zone, span, rule, weight_of(role), language)
            for span, role, zone, rule, language in own
            if not any(item.role == role and _meet(item.span, span) for item in found)
        ]

    def _followed(self, text: str, hit: Hit) -> bool:
        """Whether a trigger has behind it what its rules ask for; those of one trigger ask the same."""
        behind = self._behind.get(hit.rules[0])
        return behind is None or behind.match(text, hit.end) is not None

    def _sightings(self, text: str) -> Iterator[Hit]:
        last = next((sign for sign in reversed(text[-_LAST_WORD:]) if sign.isalnum()), "")
        for sight in self._sights:
            if sight.latin and not last.isascii():
                continue
            if sight.at_start:
                first = sight.regex.match(text)
                matches: Iterable[re.Match[str]] = [first] if first else []
            else:
                start = max(0, len(text) - _LAST_SIGN) if sight.at_end else 0
                matches = sight.regex.finditer(text, start)
            for match in matches:
                # where the sign ends: what stands before it may be lines that it has to skip
                yield Hit(max(match.start(), match.end() - 2), match.end(), rules=sight.rules)

    def _believable(self, hits: list[Hit], field: Field, layout: Layout) -> Iterator[Hit]:
        """Yield the hits without those triggers whose rules are not believed where they stand."""
        rules = self._markers.rules
        for hit in hits:
            zone = _zone(field, layout, hit.start)
            first, last = layout.line(hit.start)
            size = last - first
            numbers = []
            for number in hit.rules:
                rule = rules[number]
                if (not rule.zones or zone in rule.zones) and (
                    not rule.brief or size <= rule.brief
                ):
                    numbers.append(number)
            if numbers:
                yield Hit(hit.start, hit.end, rules=tuple(numbers))

    def _read_scene(self, scene: _Scene) -> Iterator[_Found]:
        passage = scene.passage
        zones = {scene.zone(name.span[0]) for name in passage.names.values()}
        zones.update(scene.zone(start) for start in passage.starts[:1])
        forms = list(_FORMS) if passage.names else []
        for rank, _, number in self._agenda.choose(
            passage, zones, language=scene.language, persian=scene.persian
        ):
            while forms and forms[0][0] <= rank:
                yield from self._by_form(scene, forms.pop(0)[1])
            last = len(passage.form)
            if asks_names(self._markers.rules[number]):
                if not scene.open:
                    continue
                last = max(scene.open)
            matches = self._agenda.matches(number, passage, last)
            if matches:
                yield from self._by_words(scene, number, matches)
        for _, form in forms:
            yield from self._by_form(scene, form)
        for at, name in sorted(scene.open.items()):
            if name.sign == STRONG:
                yield from self._found(scene, [at], "topic_mention", "form.name", name.span)

    def _by_form(self, scene: _Scene, form: _Form) -> Iterator[_Found]:
        passage, layout = scene.passage, scene.layout
        for at in sorted(scene.open):
            name = scene.open[at]
            start, end = line_at(passage, at)
            first, last = layout.line(name.span[0])
            zone = scene.zone(name.span[0])
            text = scene.field == "text"
            place = Place(
                line=passage.form[start:end],
                at=at - start,
                zone=zone,
                near_story=text and first <= layout.story + _NEAR_STORY,
                last=text and last >= layout.end,
            )
            decided = form(place, self._markers.guards)
            if decided is None:
                continue
            role, rule = decided
            del scene.open[at]
            if text and role == "photo_credit" and len(place.line) <= _CAPTION:
                zone = "caption"
            elif form is read_dateline and role != "cited_report":
                zone = "dateline"
            yield from self._found(scene, [at], role, rule, name.span, zone=zone)

    def _by_words(
        self, scene: _Scene, number: int, matches: Iterable[re.Match[str]]
    ) -> Iterator[_Found]:
        rule, passage = self._markers.rules[number], scene.passage
        for match in matches:
            span = passage.span(*match.span())
            first, last = scene.layout.line(span[0])
            if span[0] == span[1] or (rule.zones and scene.zone(span[0]) not in rule.zones):
                continue
            if rule.brief and last - first > rule.brief:
                continue
            places = [at for at in range(*match.span()) if at in scene.open]
            if not asks_names(rule):
                yield from self._without_agency(scene, rule, match, span, places)
                continue
            places = [at for at in places if self._fits(rule, scene.open[at])]
            for at in places:
                del scene.open[at]
            if rule.span == "name":
                for at in places:
                    yield from self._found(scene, [at], rule.role, rule, passage.names[at].span)
            else:
                scene.taken.append((span, rule.role))
                yield from self._found(scene, places, rule.role, rule, span)

    def _without_agency(
        self, scene: _Scene, rule: Rule, match: re.Match[str], span: Span, places: list[int]
    ) -> Iterator[_Found]:
        """Yield the mention of a marker that needs no agency, though one may stand in it."""
        near = 0 if rule.role in _MANY else _SAME_NOTICE
        if any(
            span[0] < end + (near if role == rule.role else 0)
            and start < span[1] + (near if role == rule.role else 0)
            for (start, end), role in scene.taken
        ):
            return
        agency = rule.agency
        if agency == "introduced":
            agency = scene.introduced
            if agency is None:
                return
        scene.taken.append((span, rule.role))
        if rule.span == "name" and "quoted" in match.groupdict():
            span = scene.passage.span(*match.span("quoted"))
        if places:
            agency = self._settle(scene.open[places[0]], scene.language)
            for at in places:
                del scene.open[at]
        yield _Found(
            agency,
            rule.role,
            scene.zone(span[0]),
            span,
            rule.id,
            weight_of(rule.role) if rule.weight is None else rule.weight,
            rule.language,
            scene.layout.line(span[0])[0],
        )

    def _found(
        self,
        scene: _Scene,
        places: Iterable[int],
        role: Role,
        rule: Rule | str,
        span: Span,
        *,
        zone: Zone | None = None,
    ) -> Iterator[_Found]:
        """Yield one mention for each agency of a marker."""
        identifier, language, weight = rule, "", weight_of(role)
        if isinstance(rule, Rule):
            identifier, language = rule.id, rule.language
            weight = weight if rule.weight is None else rule.weight
        seen = set()
        for at in places:
            name = scene.passage.names[at]
            if name.sign == PICTURES and role != "photo_credit":
                continue
            if role == "topic_mention" and (name.sign != STRONG or name.plain):
                continue  # an everyday word or abbreviation that is news, not a news agency
            agency = None if name.sign == GENERIC else self._settle(name, scene.language)
            if agency in seen:
                continue
            seen.add(agency)
            own_desk = f".{FOLLOW_UP}" if name.agencies == (FOLLOW_UP,) else ""
            yield _Found(
                agency,
                role,
                zone or scene.zone(span[0]),
                span,
                f"{identifier}{own_desk}",
                weight,
                language,
                scene.layout.line(span[0])[0],
            )

    def _fits(self, rule: Rule, name: Name) -> bool:
        """Whether the rule speaks of agencies of this kind, so surely named."""
        if name.sign == WEAK and not rule.doubtful:
            return False  # in a gap of the rule, not in its slot
        if not rule.kinds and not rule.scopes:
            return True
        agency = self._catalogue.agencies[name.agencies[0]]
        return (not rule.kinds or agency.kind in rule.kinds) and (
            not rule.scopes or agency.scope in rule.scopes
        )

    def _settle(self, name: Name, language: str) -> str | None:
        """Return the one agency meant, or nothing where rivals share the name in this language."""
        if len(name.agencies) == 1:
            return name.agencies[0]
        rivals = list(zip(name.agencies, name.languages, strict=True))
        local = [agency for agency, used in rivals if used and used == language]
        anywhere = [agency for agency, used in rivals if not used]
        for agencies in (local, anywhere):
            if agencies:
                return agencies[0] if len(agencies) == 1 else None
        return None


def _zone(field: Field, layout: Layout, offset: int) -> Zone:
    if field == "byline":
        return "byline"
    return "title" if field == "title" else layout.zone(offset)


def _introduced(passages: Iterable[Passage], catalogue: Catalogue) -> str | None:
    """Return the state agency that a text names, before or after, if it is the only one."""
    named = {
        agency
        for passage in passages
        for name in passage.names.values()
        if name.sign in (STRONG, VERBAL)
        for agency in name.agencies
        if catalogue.agencies[agency].kind == "state-wire"
    }
    return named.pop() if len(named) == 1 else None


def _outermost(hits: list[Hit]) -> list[Hit]:
    """The hits near both ends, where credits stand, of a text that has more than any news has."""
    return hits if len(hits) <= _MOST_HITS else hits[: _MOST_HITS // 2] + hits[-_MOST_HITS // 2 :]


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


_SIDE_BY_SIDE = ("syndicated_copy", "generic_agencies")


def _merge_composites(found: list[_Found]) -> Iterator[_Found]:
    """Read agencies that are credited side by side as one credit with several sources."""
    credited: dict[int, list[_Found]] = {}
    for item in found:
        if item.role in _SIDE_BY_SIDE:
            credited.setdefault(item.line, []).append(item)
    for item in found:
        together = item.role in _SIDE_BY_SIDE and any(
            other.agency != item.agency and abs(other.span[0] - item.span[0]) <= _TOGETHER
            for other in credited.get(item.line, ())
        )
        if together:
            yield attrs.evolve(item, role="composite_credit", weight=weight_of("composite_credit"))
        else:
            yield item


def _mention(identifier: ArticleId, field: Field, text: str, item: _Found) -> Mention:
    start, end = item.span
    return Mention(
        id=identifier,
        agency=item.agency,
        role=item.role,
        zone=item.zone,
        span=item.span,
        text=text[start:end],
        rule=item.rule,
        weight=item.weight,
        language=item.language,
        field=field,
    )
