"""Which of the many rules are worth asking about a passage, in which order, and where in it.

A passage has some sixty words, and there are several hundred rules.  Every rule says what a match of it
begins with and which words one of must be there, so that most of them never run, and those that do are
tried at a few places instead of at every letter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import attrs

from provenance.attribution.grammar import STRONG, Rule, script_of
from provenance.attribution.passages import Passage, scripts_in
from provenance.model import Zone

__all__ = ["Agenda", "asks_names"]

_PERSIAN = frozenset({"fa", "ur"})
_LINE_END = re.compile("\n")
_BEFORE_NAME = "\"' ("  # what an agency slot takes along before the name


@attrs.frozen(eq=False)
class _Starts:
    """What the matches of some rules begin with; compared by identity, because many rules share it.

    Attributes:
        words: Whole words.
        beginnings: Beginnings of words.
        line: Whether the begin of a line.
        name: Whether an agency.
    """

    words: frozenset[str]
    beginnings: tuple[str, ...]
    line: bool
    name: bool

    @classmethod
    def of(cls, starts: Sequence[str]) -> _Starts:
        signs = {"^", STRONG}
        return cls(
            frozenset(s for s in starts if not s.endswith("*") and s not in signs),
            tuple(s[:-1] for s in starts if s.endswith("*")),
            "^" in starts,
            STRONG in starts,
        )

    def places(self, passage: Passage) -> list[int]:
        """Return where in a passage a match can begin, in order."""
        places: set[int] = set()
        for word in self.words & passage.words:
            places.update(passage.places_of(word))
        if self.beginnings:
            for word in passage.words:
                if word.startswith(self.beginnings):
                    places.update(passage.places_of(word))
        if self.line:
            places.add(0)
            places.update(match.end() for match in _LINE_END.finditer(passage.form))
        if self.name:
            for at in passage.names:
                first = at
                while first and passage.form[first - 1] in _BEFORE_NAME:
                    first -= 1
                places.update(range(first, at + 1))
        return sorted(places)


class Agenda:
    """The rules, by the words that they need; built once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Sort the rules.

        Args:
            rules: All of them; their numbers are their places here.
        """
        self._rules = rules
        self._facts = [
            (rule.rank, rule.language, script_of(rule.language), rule.zones, rule.brief, rule.needs)
            for rule in rules
        ]
        self._regexes: dict[int, re.Pattern[str]] = {}
        shared = {rule.starts: _Starts.of(rule.starts) for rule in rules if rule.starts}
        self._starts = [shared.get(rule.starts) for rule in rules]
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._wordless: list[int] = []
        for number, rule in enumerate(rules):
            if not asks_names(rule):
                continue
            for word in rule.words:
                self._by_word[word].append(number)
            if not rule.words:
                self._wordless.append(number)

    def choose(
        self, passage: Passage, zones: AbstractSet[Zone], *, language: str, persian: bool
    ) -> list[tuple[int, bool, int]]:
        """Return rank, whether it is of another language, and number of each rule worth asking.

        Args:
            passage: What to read.
            zones: The zones it reaches into.
            language: Of the text; of rules of one rank, those of this language come first.
            persian: Whether rules of Persian and Urdu are believed.
        """
        scripts = scripts_in(passage.form)
        asked: set[int] = set()
        shortest = 0
        if passage.names:
            shortest = min(map(len, passage.form.split("\n")))
            asked.update(self._wordless)
            for word in self._by_word.keys() & passage.words:
                asked.update(self._by_word[word])
        chosen = []
        for number in asked | passage.rules:
            rank, tongue, script, believed, brief, needs = self._facts[number]
            if (script and script not in scripts) or (tongue in _PERSIAN and not persian):
                continue
            if needs and not any(sign in passage.form for sign in needs):
                continue
            if number in passage.rules or (
                (not believed or not zones.isdisjoint(believed))
                and (not brief or shortest <= brief)
            ):
                chosen.append((rank, tongue != language, number))
        chosen.sort()
        return chosen

    def _places(self, number: int, passage: Passage) -> list[int] | None:
        starts = self._starts[number]
        if starts is None:
            return None
        places = passage.places.get(starts)
        if places is None:
            places = passage.places[starts] = starts.places(passage)
        return places

    def matches(self, number: int, passage: Passage, last: int) -> list[re.Match[str]]:
        """Return the matches of a rule from left to right, none overlapping another.

        Args:
            number: The rule.
            passage: What to read.
            last: Where the last name stands that it may speak of: a match begins there at the latest.
        """
        places = self._places(number, passage)
        if places == []:
            return []
        regex = self._regexes.get(number)
        if regex is None:
            regex = self._regexes[number] = re.compile(self._rules[number].regex)
        if places is None:
            return list(regex.finditer(passage.form))
        found = []
        end = 0
        for place in places:
            if place > last:
                break
            if place >= end:
                match = regex.match(passage.form, place)
                if match is not None:
                    end = max(match.end(), place + 1)
                    found.append(match)
        return found


def asks_names(rule: Rule) -> bool:
    """Whether the rule is asked about every agency, not where a trigger or a sign occurs."""
    return not rule.triggers and not rule.sight
