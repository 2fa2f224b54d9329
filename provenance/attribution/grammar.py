r"""Markers as small sentences with slots, written by editors and compiled to expressions.

A rule is a line of elements with blanks between them::

    <contribute> AGENCY .. <in_this> <article>

============  ====================================================================================
``word``      the word itself; ``word*`` any word that begins so, ``*word`` any that ends so
``<class>``   any word of a word class of the rule's language; ``<class?>`` nothing matches if the
              language has no such class
``QUOTED``    one to five words in quotes
``AGENCY``    one agency that is named, or several in a row
``GENERIC``   agencies that are not named ("agencies")
``PICTURES``  any agency, also one that supplies pictures only
``NAME``      a name of one to six words
``OUTLET``    an outlet: one to five words, quoted or not
``LINK``      an address
``..``        up to 40 characters of the same sentence without an agency but a doubtful name, which
              may be an everyday word; ``...`` up to 90; ``..15`` up to 15
``^``, ``$``  begin and end of a line; bullets, brackets and blanks do not count
``^^``        begin of a line or of a sentence
``( a | b )`` one of several
``[ a ]``     may be missing
``\( \) \|``  the sign itself; so are ``: , / * + -`` and the like
============  ====================================================================================

Quotes, blanks and, after a colon, one line break may stand between any two elements.  Conjunctions
glued to an Arabic word are allowed for.  Agencies arrive here as one sign each (see
:mod:`~provenance.attribution.passages`), so that a rule never spells a name.

A rule without an agency slot is looked at only where one of its *triggers* occurs: the words of the
element that is longest in its shortest word, or those that the rule names itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast, get_args

import attrs

from provenance.attribution.lettering import fold_letters
from provenance.errors import SettingError
from provenance.model import Role, Zone

__all__ = [
    "GENERIC",
    "NAMED",
    "PICTURES",
    "STRONG",
    "TOKENS",
    "VERBAL",
    "WEAK",
    "Rule",
    "compile_agency_words",
    "compile_cues",
    "compile_guards",
    "compile_markers",
    "compile_widgets",
    "script_of",
]

#: What agencies look like to a rule, from the private use area: certain without context, certain
#: beside a reporting verb, certain only in a place of its own, pictures only, unnamed.
STRONG, VERBAL, WEAK, PICTURES, GENERIC = "\ue000\ue001\ue002\ue003\ue004"
NAMED = STRONG + VERBAL + WEAK
TOKENS = NAMED + PICTURES + GENERIC

_ACCEPTS = {"bare": STRONG, "verb": STRONG + VERBAL, "slot": NAMED}
_SCRIPTS = {
    "ar": "arabic", "fa": "arabic", "ur": "arabic", "ckb": "arabic",
    "ru": "cyrillic", "uk": "cyrillic", "bg": "cyrillic",
    "he": "hebrew", "hi": "devanagari", "zh": "han", "ja": "han", "ko": "hangul", "": "",
}  # fmt: skip
_CONJUNCTION = "[\N{ARABIC LETTER WAW}\N{ARABIC LETTER FEH}]?"
_UNSPACED = frozenset({"zh", "ja"})
_JOINT = "[ \"']*"
_AFTER_COLON = "[ \"']*\n?[ \"'(]*"
_NO_AGENCY = r"\ue000-\ue00f"
_NO_CREDIT = r"\ue000\ue001\ue003-\ue00f"  # a doubtful name is most often an everyday word
_EDGE = rf"[^\w\n{_NO_AGENCY}]*"  # anything but words, lines and agencies

_LINK = re.escape("://")
_OUTLET = rf"[\"']?(?:[{NAMED}]|(?<!\w)\w[\w.'&-]*(?: [\w.'&-]+){{0,4}})[\"']?"


@attrs.frozen(kw_only=True)
class Rule:
    """A compiled marker.

    Attributes:
        id: ``language.role.variant``.
        language: Language of its words; empty for signs that every language uses.
        role: What a text says with it.
        regex: Expression over the letters of a passage.
        triggers: Folded words one of which must occur, which then is what it runs on; empty for rules with an agency slot.
        words: Folded words of which a passage must have one, to save looking; empty for a rule that
            cannot be told by single words.
        zones: Zones it is believed in; empty for all.
        agency: The agency that it gives away without naming it.
        span: Whether the mention is the whole marker or the agency's name.
        brief: The line may have so many characters; 0 for any length.
        rank: Rules of lower rank are asked first.
        weight: Log-odds where they differ from the role's.
        sight: Expression over the text as it stands that wakes the rule, for markers that begin
            with a sign instead of a word; with triggers, what must stand behind one of them.
        kinds: Kinds of agency it speaks of; empty for all.
        scopes: Scopes of agency it speaks of; empty for all.
        starts: What a match begins with, which saves trying every place: folded first words (``word*``
            for a beginning of one), ``^`` for the begin of a line, an agency's sign for any agency;
            empty where that is not known.
        needs: Signs one of which stands in every passage that it matches, to save looking; empty if none.
        doubtful: Whether a slot takes names that are everyday words, which gaps run over otherwise.
    """

    id: str
    language: str
    role: Role
    regex: str
    triggers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    zones: tuple[Zone, ...] = ()
    agency: str | None = None
    span: Literal["whole", "name"] = "whole"
    brief: int = 0
    rank: int = 50
    weight: float | None = None
    sight: str = ""
    kinds: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    doubtful: bool = False


#: The order in which a mention's role is decided: credits that stand for the whole text first, then
#: what a sentence says about one statement.
_RANKS: dict[str, int] = {
    "photo_credit": 10,
    "additional_sources": 20,
    "contribution": 25,
    "composite_credit": 30,
    "syndicated_copy": 32,
    "generic_agencies": 34,
    "topic_mention": 40,
    "relayed_quote": 45,
    "told_outlet": 50,
    "official_agency_as_source": 55,
    "cited_report": 60,
}
_IN_SENTENCE = frozenset(
    {"told_outlet", "told_own_outlet", "cited_report", "official_agency_as_source", "topic_mention"}
)

_ELEMENT = re.compile(
    r"<[\w.]+\??>|\^\^|\\[()|^$]|\.{2,3}\d*(?![.\d])|[\[\]()|^$]|[^\s\[\]()|^$<\\]+"
)
_NEEDED = {"GENERIC": GENERIC, "PICTURES": PICTURES}
_KEYS = {
    "id", "role", "pattern", "zones", "agency", "span", "brief", "rank", "weight", "accepts",
    "triggers", "triggered_by", "sight", "examples", "counter_examples", "note", "regex", "kinds", "scopes",
    "needs",
}  # fmt: skip


def script_of(language: str) -> str:
    """Return the script that a rule of `language` needs before it, empty for any."""
    return _SCRIPTS.get(language, "latin")


def compile_markers(
    source: Mapping[str, Any], place: str, families: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Rule]:
    """Compile one language's file of markers.

    Args:
        source: ``language``, a table ``classes`` of word lists, a list ``rule``, and the names of
            the ``families`` whose rules it shares.
        place: Name of the file, for messages.
        families: Rules that languages share, by name; those whose classes the language does not
            have are left out.

    Raises:
        SettingError: A rule makes no sense; the message names the rule and what is allowed.
    """
    language = str(source.get("language", ""))
    classes = {name: tuple(words) for name, words in source.get("classes", {}).items()}
    conjunctions = classes.get("and", ())
    entries = list(source.get("rule", ()))
    for family in source.get("families", ()):
        entries += _share(families or {}, family, language, classes, place)
    rules = []
    for entry in entries:
        where = f"{place}: rule {entry.get('id', '?')}"
        unknown = sorted(set(entry) - _KEYS)
        if unknown:
            msg = f"{where}: unknown key {unknown[0]!r}; allowed are {sorted(_KEYS)}"
            raise SettingError(msg)
        if entry.get("role") not in get_args(Role):
            msg = f"{where}: role {entry.get('role')!r} is none of {get_args(Role)}"
            raise SettingError(msg)
        compiler = _Compiler(language, classes, conjunctions, entry.get("accepts", "verb"), where)
        own = _own_triggers(entry, classes)
        for number, piece in enumerate(_expressions(entry, compiler, where)):
            regex, rare = piece.regex, piece.triggers
            asked = _asks_for_agency(regex)
            role = cast(Role, entry["role"])
            single = isinstance(entry.get("pattern", ""), str)
            rules.append(
                Rule(
                    id=entry["id"] if single else f"{entry['id']}.{number + 1}",
                    language=language,
                    role=role,
                    regex=regex,
                    triggers=() if asked else own or (() if entry.get("sight") else rare),
                    words=_first_words(rare) if asked and language not in _UNSPACED else (),
                    sight=entry.get("sight", ""),
                    zones=tuple(entry.get("zones", ())),
                    agency=entry.get("agency"),
                    span=entry.get("span", "name" if role in _IN_SENTENCE else "whole"),
                    brief=entry.get("brief", 0),
                    rank=entry.get("rank", _RANKS.get(role, 70)),
                    weight=entry.get("weight"),
                    kinds=tuple(entry.get("kinds", ())),
                    scopes=tuple(entry.get("scopes", ())),
                    starts=tuple(sorted(piece.starts or ())),
                    needs=tuple(_NEEDED.get(sign, sign) for sign in entry.get("needs", ())),
                    doubtful="regex" in entry or entry.get("accepts") == "slot",
                )
            )
    return rules


def compile_agency_words(
    source: Mapping[str, Any], place: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Compile the words that mean "agency" beside a name: left of it with others between, and right.

    Returns:
        Expressions that match a ``phrase`` with one ``name`` in it, each with folded words of which
        one occurs in what it matches.
    """
    classes = source.get("classes", {})
    if "agency" not in classes and "agency_after" not in classes:
        return []
    compiler = _Compiler(str(source.get("language", "")), {}, (), "slot", place)
    name = f"(?P<open>[\"'(/]+[ ]?)?(?P<name>[{NAMED}])(?(open)[ ]?[\"')/]*)"
    sure = name.replace(NAMED, STRONG + VERBAL)
    expressions = []
    after = ""
    if classes.get("agency_after"):
        # "the French and British" of something is no agency with its nation behind it
        words = compiler.words(classes["agency_after"]).replace(_CONJUNCTION, "", 1)
        expressions.append(
            (f"(?P<phrase>{name}[\"')]*[ ]{words})", _stems(classes["agency_after"]))
        )
        after = f"(?:[ ]{words})?"
    if classes.get("agency"):
        inside = compiler.words(classes.get("agency_inside", classes["agency"]))
        # agencies that are not named are "the agency" of the name behind them
        head = f"(?:{compiler.words(classes['agency'], glued=True)}|{GENERIC})"
        expressions.append(
            (
                f"(?P<phrase>{head}(?:[ ]{inside}){{0,3}}[ ]?{name}{after})",
                (*_stems(classes["agency"]), GENERIC),
            )
        )
    if classes.get("medium"):
        # papers and stations have names that are everyday words more often than agencies do
        medium = compiler.words(classes["medium"], glued=True)
        expressions.append((f"(?P<phrase>{medium}[ ]?{sure}{after})", _stems(classes["medium"])))
    return expressions


def compile_cues(source: Mapping[str, Any], place: str) -> list[str]:
    """Compile the words for "agency", wherever they stand, and others that go before a name."""
    classes = source.get("classes", {})
    words = [word for name in ("agency", "agency_after", "cue") for word in classes.get(name, ())]
    if not words:
        return []
    compiler = _Compiler(str(source.get("language", "")), {}, (), "slot", place)
    return [compiler.words(words, glued=True)]


def compile_widgets(source: Mapping[str, Any], place: str) -> list[str]:
    """Compile the words that open a line of page furniture, and those that are the whole of one."""
    compiler = _Compiler(str(source.get("language", "")), {}, (), "slot", place)
    classes = source.get("classes", {})
    return [
        rf"^[\W_]*{compiler.words(classes[name])}{end}"
        for name, end in (("widget", ""), ("widget_line", r"[\W_]*$"))
        if classes.get(name)
    ]


def compile_guards(source: Mapping[str, Any], place: str) -> list[str]:
    """Compile the words that show that the head of a line is a sentence and no dateline."""
    classes = source.get("classes", {})
    words = [word for name in source.get("not_in_dateline", ()) for word in classes[name]]
    if not words:
        return []
    compiler = _Compiler(str(source.get("language", "")), {}, (), "slot", place)
    return [compiler.words(words)]


def _expressions(entry: Mapping[str, Any], compiler: _Compiler, where: str) -> list[_Piece]:
    if "regex" in entry:
        regex = str(entry["regex"])
        tokens = _asks_for_agency(regex)
        if not tokens and not entry.get("triggers") and not entry.get("sight"):
            msg = f"{where}: a regex without an agency needs triggers or a sight"
            raise SettingError(msg)
        return [_Piece(regex)]
    patterns = entry.get("pattern", [])
    listed = [patterns] if isinstance(patterns, str) else patterns
    if not listed:
        msg = f"{where}: no pattern"
        raise SettingError(msg)
    woken = bool(entry.get("triggers") or entry.get("triggered_by") or entry.get("sight"))
    return [compiler.compile(pattern, woken=woken) for pattern in listed]


def _asks_for_agency(regex: str) -> bool:
    """Whether an expression has a slot for an agency, apart from gaps and outlets."""
    for part in (_OUTLET, _NO_AGENCY, _NO_CREDIT):
        regex = regex.replace(part, "")
    return any(token in regex for token in TOKENS) or r"\ue00" in regex


def _stems(words: Iterable[str]) -> tuple[str, ...]:
    """Return what of each of `words` stands in a text whatever its blanks and endings are."""
    return tuple(sorted({re.findall(r"\w+", fold_letters(word))[0] for word in words}))


def _first_word(words: Iterable[str]) -> frozenset[str] | None:
    """Return the first word of each of `words`, an open end kept; nothing if a beginning is open."""
    found = set()
    for word in words:
        match = re.match(r"\w+(?:[*]$)?", word)
        if match is None:
            return None
        found.add(match[0])
    return frozenset(found)


def _first_words(rare: Sequence[str]) -> tuple[str, ...]:
    """Return the first word of each of `rare`, or nothing if one of them is open at an end."""
    words = [re.split(r"\W", word)[0] for word in rare]
    if any("*" in word for word in rare) or not all(words):
        return ()
    return tuple(sorted(set(words)))


def _own_triggers(
    entry: Mapping[str, Any], classes: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    named = [word for name in entry.get("triggered_by", ()) for word in classes.get(name, ())]
    return tuple(fold_letters(word).strip() for word in (*entry.get("triggers", ()), *named))


def _share(
    families: Mapping[str, Mapping[str, Any]],
    family: str,
    language: str,
    classes: Mapping[str, Sequence[str]],
    place: str,
) -> list[dict[str, Any]]:
    """Return the family's rules as the language's own."""
    if family not in families:
        msg = f"{place}: no family {family!r}; there are {sorted(families)}"
        raise SettingError(msg)
    shared = []
    for entry in families[family].get("rule", ()):
        patterns = entry["pattern"]
        listed = [patterns] if isinstance(patterns, str) else patterns
        usable = [
            pattern
            for pattern in listed
            if all(name in classes for name in re.findall(r"<([\w.]+)>", pattern))
        ]
        if usable:
            shared.append({**entry, "id": entry["id"].replace("@", language), "pattern": usable})
    return shared


@attrs.frozen
class _Piece:
    """A compiled stretch of a pattern.

    Attributes:
        regex: Its expression.
        triggers: Words one of which must occur in what it matches.
        starts: What its matches begin with, as in :class:`Rule`; ``None`` if that may be anything.
        empty: Whether it may match nothing.
    """

    regex: str
    triggers: tuple[str, ...] = ()
    starts: frozenset[str] | None = None
    empty: bool = False


class _Compiler:
    """One pattern at a time: a recursive descent over its elements."""

    def __init__(
        self,
        language: str,
        classes: Mapping[str, Sequence[str]],
        conjunctions: Sequence[str],
        accepts: str,
        where: str,
    ) -> None:
        self._unspaced = language in _UNSPACED
        self._arabic = language == "ar"
        self._classes = classes
        self._where = where
        if accepts not in _ACCEPTS:
            msg = f"{where}: accepts {accepts!r} is none of {', '.join(_ACCEPTS)}"
            raise SettingError(msg)
        self._accepts = _ACCEPTS[accepts]
        self._and = "|".join(
            [*(re.escape(fold_letters(word)) for word in conjunctions), "[,/+&;-]", "\N{BULLET}"]
        )
        self._elements: list[str] = []
        self._at = 0

    def compile(self, pattern: str, *, woken: bool = False) -> _Piece:
        self._elements = _ELEMENT.findall(pattern)
        self._at = 0
        piece = self._sequence(end=())
        if self._at < len(self._elements):
            msg = f"stray {self._elements[self._at]!r} in {pattern!r}"
            raise self._error(msg)
        if not piece.triggers and not woken and not _asks_for_agency(piece.regex):
            msg = f"no word or agency that must occur in {pattern!r}"
            raise self._error(msg)
        try:
            re.compile(piece.regex)
        except re.error as cause:
            msg = f"{pattern!r} cannot be compiled: {cause}"
            raise self._error(msg) from cause
        return piece

    def words(self, words: Iterable[str], *, glued: bool = False) -> str:
        """Return an expression for any of `words`; `glued` lets Arabic prefixes stand outside it."""
        regex = self._words(words).regex
        if glued and self._arabic:
            clitics = (
                "\N{ARABIC LETTER WAW}\N{ARABIC LETTER FEH}"
                "\N{ARABIC LETTER BEH}\N{ARABIC LETTER LAM}\N{ARABIC LETTER KAF}"
            )
            body = regex.partition("]?")[2]
            return rf"(?:(?<!\w)|(?<=[{clitics}])){body}"
        return regex

    def _sequence(self, end: tuple[str, ...]) -> _Piece:
        parts: list[str] = []
        best: tuple[str, ...] = ()
        starts: frozenset[str] | None = frozenset()
        glue = ""
        empty = True
        while self._at < len(self._elements) and self._elements[self._at] not in end:
            element = self._elements[self._at]
            self._at += 1
            if element == "[":
                inner = attrs.evolve(self._alternatives("]"), triggers=(), empty=True)
                parts.append(f"(?:{glue}{inner.regex}{_JOINT})?")
            elif element == "(":
                inner = self._alternatives(")")
                parts.append(f"{glue}(?:{inner.regex})")
            elif element in "])|":
                msg = f"{element!r} closes nothing"
                raise self._error(msg)
            else:
                inner = self._element(element)
                parts.append(glue + inner.regex)
            if empty and starts is not None:
                # blanks may come first where an element before is there and matches nothing
                unknown = inner.starts is None or glue
                starts = None if unknown else starts.union(inner.starts or ())
            empty = empty and inner.empty
            if _rarity(inner.triggers) > _rarity(best):
                best = inner.triggers
            if element != "[":
                glue = self._glue_after(element)
        return _Piece("".join(parts), best, starts, empty)

    def _alternatives(self, close: str) -> _Piece:
        options: list[_Piece] = []
        while True:
            options.append(self._sequence(end=("|", close)))
            if self._at >= len(self._elements):
                msg = f"{close!r} is missing"
                raise self._error(msg)
            self._at += 1
            if self._elements[self._at - 1] == close:
                break
        every = all(option.triggers for option in options)
        known = [option.starts for option in options if option.starts is not None]
        return _Piece(
            f"(?:{'|'.join(option.regex for option in options)})",
            tuple(word for option in options for word in option.triggers) if every else (),
            frozenset().union(*known) if len(known) == len(options) else None,
            any(option.empty for option in options),
        )

    def _glue_after(self, element: str) -> str:
        if element.startswith(("^", "..")):
            return ""
        return _AFTER_COLON if element == ":" else _JOINT

    def _element(self, element: str) -> _Piece:
        agency = frozenset({STRONG})
        if "state" in self._classes:
            agency |= self._words(self._classes["state"]).starts or frozenset()
        slots = {
            "AGENCY": _Piece(self._agencies(self._accepts), starts=agency),
            "PICTURES": _Piece(self._agencies(NAMED + PICTURES), starts=agency),
            "GENERIC": _Piece(GENERIC, starts=frozenset({STRONG})),
            "NAME": _Piece(r"(?<!\w)[^\W\d_][\w.'-]*(?:[ ,]+[^\W\d_][\w.'-]*){0,5}"),
            "OUTLET": _Piece(_OUTLET),
            "QUOTED": _Piece(r"\"[ ]?(?P<quoted>(?=[^\s\"])[^\"\n.]{2,40})\""),
            "LINK": _Piece(rf"(?:https?{_LINK}|www\.)\S+"),
            "..": _Piece(rf"[^.!?\n{_NO_CREDIT}]{{0,40}}?"),
            "...": _Piece(rf"[^.!?\n{_NO_CREDIT}]{{0,90}}?"),
            "^": _Piece(rf"(?:^|(?<=\n)){_EDGE}", starts=frozenset("^")),
            "$": _Piece(rf"{_EDGE}(?=\n|\Z)"),
            "^^": _Piece(rf"(?:^|(?<=\n)|(?<=[.!?\"'] )|(?<=[.!?])){_EDGE}"),
        }
        if element in slots:
            return slots[element]
        if element.startswith(".."):
            return _Piece(slots[".."].regex.replace("40", element.strip(".")))
        if element.startswith("<"):
            name = element[1:-1].removesuffix("?")
            if element.endswith("?>") and name not in self._classes:
                return _Piece("(?!)", starts=frozenset())
            if name not in self._classes:
                msg = f"no word class {name!r}; there are {sorted(self._classes)}"
                raise self._error(msg)
            return self._words(self._classes[name])
        return self._words((element.removeprefix("\\"),))

    def _agencies(self, tokens: str) -> str:
        first = f"[(]?[\"' ]*[{tokens}]"
        if "state" in self._classes:
            # "state news agency X" is asked about wherever "news agency X" is
            first = f"(?:{self._words(self._classes['state']).regex}[\"' ]*)?{first}"
        further = f"[{NAMED}{PICTURES if PICTURES in tokens else ''}]"
        joint = "[ \"'()]*"
        return f"{first}(?:(?:{joint}(?:{self._and})){{1,2}}{joint}{further})*"

    def _words(self, words: Iterable[str]) -> _Piece:
        options = []
        triggers = []
        signs = False
        for word in sorted(set(words), key=lambda w: (-len(w), w)):
            folded = fold_letters(word)
            stem = folded.strip("*") if len(folded) > 1 else folded
            if not stem:
                msg = f"the word {word!r} has no letters"
                raise self._error(msg)
            signs = signs or not stem[0].isalnum()
            before = r"\w*" if folded.startswith("*") and len(folded) > 1 else ""
            after = r"\w*" if folded.endswith("*") and len(folded) > 1 else ""
            body = r"[ '\"]+".join(re.escape(part) for part in stem.split(" "))
            options.append(f"{before}{body}{after}")
            triggers.append(folded if len(folded) > 1 else stem)
        alternatives = options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"
        if self._unspaced or signs:
            return _Piece(alternatives, () if signs and len(triggers[0]) < 3 else tuple(triggers))
        prefix = _CONJUNCTION if self._arabic else ""
        regex = rf"(?<!\w){prefix}{alternatives}(?!\w)"
        return _Piece(regex, tuple(triggers), _first_word(triggers))

    def _error(self, reason: str) -> SettingError:
        return SettingError(f"{self._where}: {reason}")


def _rarity(words: tuple[str, ...]) -> int:
    return min((len(word.strip("*")) for word in words), default=0)
