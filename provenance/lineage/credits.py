"""What an article's mentions say about the text as a whole, sorted by what lineage does with them.

The role of a mention decides, never the name.  *Whole* credits say that the text is an agency's,
*part* credits that an agency supplied some of it, *told* that an agency got a statement quoted in it,
*cites* that it retells what an agency said, which is a reason against being the agency's copy.

Limits: an outlet is known to be an agency only where its name is the agency's identifier, stands in
its own credit line, or is given in the caller's table of agency outlets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import attrs

from provenance.model import Article, Mention, Role, Span
from provenance.text.folding import fold_text

__all__ = ["Credits", "is_outlet", "names_outlet", "outlet_name", "quoted_names", "read_credits"]

WHOLE: frozenset[Role] = frozenset(
    {
        "syndicated_copy",
        "agency_staff_credit",
        "agency_end_marker",
        "syndication_disclaimer",
        "republication_notice",
    }
)
PART: frozenset[Role] = frozenset({"contribution", "additional_sources", "composite_credit"})
CITES: frozenset[Role] = frozenset({"cited_report", "official_agency_as_source"})
TRANSLATED: frozenset[Role] = frozenset(
    {"translation_human", "translation_machine", "translation_ai_reviewed"}
)

#: Roles that say nothing about where the words of a text come from; a name of an outlet in one of
#: them is no sign of copying.
SILENT: frozenset[Role] = frozenset({"photo_credit", "social_embed", "topic_mention"})

#: Shorter remains of an outlet's name are too often words of the language.
_SHORTEST_NAME = 4

_OPENING = (
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
    '\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"{'
)
_CLOSING = (
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    '\N{LEFT DOUBLE QUOTATION MARK}"}'
)

#: What stands between quotation marks of any kind (machines reverse them, one outlet prints
#: braces), if no longer than an outlet's name can be.
_QUOTED_WORDS = re.compile(f"[{_OPENING}]([^{_OPENING}{_CLOSING}\n]{{2,60}})[{_CLOSING}]")


@attrs.frozen(kw_only=True)
class Credits:
    """One article's mentions, by what they mean for its lineage; agencies in alphabetical order.

    Attributes:
        issuer: The agency whose own published item this is.
        whole: By agency, the strongest mention that calls the text the agency's; not the issuer,
            which may pass on another one's item.
        part: By agency, the strongest that calls a part of it the agency's; none of `whole`.
        told: By agency, a statement that the agency got; none of `whole` or `part`.
        cites: By agency, a report retold; none of the agencies above.
        generic: "Agencies" without a name: not the outlet's own text.
        wrapper: A plugin's trace: the text was scraped from a page.
        translated: The text calls itself a translation.
        republished: Notices that name where the text was published first.
        own: The outlet claims the text.
    """

    issuer: str | None = None
    whole: Mapping[str, Mention] = attrs.field(factory=dict)
    part: Mapping[str, Mention] = attrs.field(factory=dict)
    told: Mapping[str, Mention] = attrs.field(factory=dict)
    cites: Mapping[str, Mention] = attrs.field(factory=dict)
    generic: Mention | None = None
    wrapper: Mention | None = None
    translated: Mention | None = None
    republished: tuple[Mention, ...] = ()
    own: Mention | None = None

    @property
    def agencies(self) -> frozenset[str]:
        """Agencies the text credits with itself, the issuing one included."""
        return frozenset(self.whole) | ({self.issuer} if self.issuer else frozenset())


def read_credits(
    article: Article, mentions: Sequence[Mention], agencies: Mapping[str, str] | None = None
) -> Credits:
    """Sort the mentions of one article.

    Args:
        article: The article.
        mentions: Its mentions, in any order.
        agencies: Outlet names as found that are agencies, to catalogue identifiers.
    """
    placed = sorted(mentions, key=_place)
    whole = _by_agency(m for m in placed if m.role in WHOLE)
    part = _by_agency(m for m in placed if m.role in PART and m.agency not in whole)
    told = _by_agency(
        m
        for m in placed
        if m.role == "told_outlet" and m.agency not in whole and m.agency not in part
    )
    cites = _by_agency(
        m
        for m in placed
        if m.role in CITES
        and m.agency not in whole
        and m.agency not in part
        and m.agency not in told
    )
    issuer = _issuer(article, whole, agencies or {})
    return Credits(
        issuer=issuer,
        whole={agency: said for agency, said in whole.items() if agency != issuer},
        part=part,
        told=told,
        cites=cites,
        generic=_first(
            m
            for m in placed
            if m.role == "generic_agencies" or (m.agency is None and m.role in WHOLE)
        ),
        wrapper=_first(m for m in placed if m.role == "autoblog_source_link"),
        translated=_first(m for m in placed if m.role in TRANSLATED),
        republished=tuple(m for m in placed if m.role == "republication_notice"),
        own=_first(m for m in placed if m.role in ("publisher_self_credit", "told_own_outlet")),
    )


@lru_cache(maxsize=4096)
def outlet_name(publisher: str) -> str:
    """Return the name of an outlet in comparable form; empty stays empty."""
    return fold_text(publisher)


@lru_cache(maxsize=4096)
def quoted_names(text: str) -> tuple[tuple[str, Span], ...]:
    """Return the folded words between quotation marks, with their places."""
    return tuple((fold_text(m[1]), m.span(1)) for m in _QUOTED_WORDS.finditer(text))


def is_outlet(quoted: str, publisher: str) -> bool:
    """Say whether folded words in quotation marks are an outlet's name.

    Its name without the first word will do ("the newspaper X" is quoted as "X"), if it has four
    letters.
    """
    name = outlet_name(publisher)
    short = name.partition(" ")[2]
    return bool(name) and (quoted == name or (len(short) >= _SHORTEST_NAME and quoted == short))


def names_outlet(words: str, publisher: str) -> bool:
    """Say whether `words` contain an outlet's name, or its short name in quotation marks."""
    name = outlet_name(publisher)
    if not name:
        return False
    if f" {name} " in f" {fold_text(words)} ":
        return True
    return any(is_outlet(quoted, publisher) for quoted, _ in quoted_names(words))


def _issuer(
    article: Article, whole: Mapping[str, Mention], agencies: Mapping[str, str]
) -> str | None:
    """The agency that published this very item, if the outlet is one."""
    if article.publisher in agencies:
        return agencies[article.publisher]
    name = outlet_name(article.publisher)
    for agency, mention in whole.items():
        if name == agency or names_outlet(mention.text, article.publisher):
            return agency
    return None


def _by_agency(mentions: Iterable[Mention]) -> dict[str, Mention]:
    """The strongest mention of each named agency; of equal ones the first in place."""
    found: dict[str, Mention] = {}
    for mention in mentions:
        if mention.agency is None:
            continue
        known = found.get(mention.agency)
        if known is None or mention.weight > known.weight:
            found[mention.agency] = mention
    return dict(sorted(found.items()))


def _first(mentions: Iterable[Mention]) -> Mention | None:
    return next(iter(mentions), None)


def _place(mention: Mention) -> tuple[str, int, int, str, str]:
    return (mention.field, *mention.span, mention.role, mention.agency or "")
