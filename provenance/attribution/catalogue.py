"""Who supplies news: agencies, their names in every language, and when a name is enough.

The packaged catalogue is compiled from ``seeds/catalogue`` and can be extended with a file of the
user's own.  Many names are everyday words as well (a mountain range, a preposition, a given name), so
each name says what it *needs* before it counts:

========  ==================================================================================
``bare``  nothing: the name alone is the agency
``verb``  a reporting verb beside it, or anything below
``cue``   the word for "agency" beside it, or anything below
``slot``  a place of its own: a byline segment, a dateline, brackets or slashes around it
========  ==================================================================================
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast, get_args

import attrs

from provenance.attribution.lettering import fold_letters
from provenance.errors import SettingError

__all__ = ["Agency", "Alias", "Catalogue", "Kind", "Needs", "load_catalogue"]

Needs = Literal["bare", "verb", "cue", "slot"]
Kind = Literal[
    "wire",
    "state-wire",
    "financial",
    "broadcaster-syndicator",
    "syndication-service",
    "association",
    "photo-only",
    "pseudo",
]


@attrs.frozen(kw_only=True)
class Agency:
    """One supplier of news.

    Attributes:
        id: Catalogue identifier, as it appears in mentions.
        name: Its English name.
        native_name: Its own name for itself.
        country: ISO 3166 code; empty for services of no country.
        scope: ``international``, ``national``, ``regional``, ``historical``...
        kind: A ``photo-only`` agency is never the source of a text; ``pseudo`` stands for
            agencies that are not named.
        domains: Its own sites.
    """

    id: str
    name: str
    native_name: str = ""
    country: str = ""
    scope: str = "international"
    kind: Kind = "wire"
    domains: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Alias:
    """One spelling of an agency's name.

    Attributes:
        agency: Catalogue identifier.
        text: The spelling; single letters with blanks between them stand for every dotted and
            spaced variant.
        language: Language of the spelling; empty for Latin names used everywhere.
        needs: What must stand beside it.
        not_after: Words directly before which make it something else.
        not_before: Words directly after which make it something else.
    """

    agency: str
    text: str
    language: str = ""
    needs: Needs = "bare"
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Catalogue:
    """Agencies by identifier, and every spelling of their names."""

    agencies: Mapping[str, Agency]
    aliases: tuple[Alias, ...]
    _by_key: Mapping[str, tuple[Agency, ...]] = attrs.field(init=False, eq=False, repr=False)

    @_by_key.default
    def _index(self) -> Mapping[str, tuple[Agency, ...]]:
        found: dict[str, dict[str, Agency]] = {}
        for alias in self.aliases:
            held = found.setdefault(_name_key(alias.text), {})
            held.setdefault(alias.agency, self.agencies[alias.agency])
        return {key: tuple(held.values()) for key, held in found.items()}

    def named(self, name: str) -> tuple[Agency, ...]:
        """Return the agencies that go by `name`, whatever its case, dots or diacritics."""
        return self._by_key.get(_name_key(name), ())


def _name_key(name: str) -> str:
    return "".join(letter for letter in fold_letters(name) if letter.isalnum())


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Return the packaged catalogue, extended by the file at `path`.

    The file is TOML with any number of ``[[agency]]`` tables::

        [[agency]]
        id = "example"
        name = "Example Press"
        kind = "wire"
        aliases = [{text = "Example Press"}, {text = "EXP", needs = "verb"}]

    An identifier that the packaged catalogue has already gets the further names.

    Raises:
        SettingError: The file cannot be read, or an entry makes no sense.
    """
    packaged = _packaged_catalogue()
    return packaged if path is None else _extended(packaged, path)


@cache
def _packaged_catalogue() -> Catalogue:
    data = json.loads(
        files("provenance.attribution").joinpath("data/catalogue.json").read_text("utf-8")
    )
    return Catalogue(
        agencies={
            a["id"]: Agency(**{**a, "domains": tuple(a.get("domains", ()))})
            for a in data["agencies"]
        },
        aliases=tuple(
            Alias(
                **{
                    **a,
                    "not_after": tuple(a.get("not_after", ())),
                    "not_before": tuple(a.get("not_before", ())),
                }
            )
            for a in data["aliases"]
        ),
    )


def _extended(base: Catalogue, path: Path) -> Catalogue:
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("agency", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        msg = f"catalogue {path}: {cause}"
        raise SettingError(msg) from cause
    if not isinstance(entries, list) or not entries:
        msg = f"catalogue {path}: no [[agency]] table in it"
        raise SettingError(msg)
    agencies = dict(base.agencies)
    aliases = list(base.aliases)
    for number, entry in enumerate(entries, 1):
        place = f"catalogue {path}, agency {number}"
        agency = _read_agency(entry, agencies.get(str(entry.get("id", ""))), place)
        agencies[agency.id] = agency
        aliases.extend(_read_aliases(entry, agency, place))
    return Catalogue(agencies=agencies, aliases=tuple(aliases))


def _read_agency(entry: Mapping[str, Any], known: Agency | None, place: str) -> Agency:
    allowed = {field.name for field in attrs.fields(Agency)}
    _refuse_unknown(entry, {*allowed, "aliases"}, place)
    if not isinstance(entry.get("id"), str) or not entry["id"]:
        msg = f'{place}: "id" is missing'
        raise SettingError(msg)
    if known is None and not entry.get("name"):
        msg = f'{place}: "name" is missing'
        raise SettingError(msg)
    given = {name: entry[name] for name in allowed if name in entry}
    if given.get("kind", "wire") not in get_args(Kind):
        msg = f"{place}: kind {given['kind']!r} is none of {', '.join(get_args(Kind))}"
        raise SettingError(msg)
    if "domains" in given:
        given["domains"] = tuple(given["domains"])
    return Agency(**given) if known is None else attrs.evolve(known, **given)


def _read_aliases(entry: Mapping[str, Any], agency: Agency, place: str) -> Iterable[Alias]:
    spellings = entry.get("aliases", [{"text": agency.name}])
    if not isinstance(spellings, list):
        msg = f'{place}: "aliases" must be a list of tables with a "text"'
        raise SettingError(msg)
    allowed = {field.name for field in attrs.fields(Alias)} - {"agency"}
    for spelling in spellings:
        if not isinstance(spelling, dict) or not isinstance(spelling.get("text"), str):
            msg = f'{place}: every alias needs a "text"'
            raise SettingError(msg)
        _refuse_unknown(spelling, allowed, place)
        if len(_name_key(spelling["text"])) < 2:
            msg = f"{place}: alias {spelling['text']!r} has fewer than two letters"
            raise SettingError(msg)
        if spelling.get("needs", "bare") not in get_args(Needs):
            msg = f"{place}: needs {spelling['needs']!r} is none of {', '.join(get_args(Needs))}"
            raise SettingError(msg)
        yield Alias(
            agency=agency.id,
            text=spelling["text"],
            language=str(spelling.get("language", "")),
            needs=cast(Needs, spelling.get("needs", "bare")),
            not_after=tuple(map(str, spelling.get("not_after", ()))),
            not_before=tuple(map(str, spelling.get("not_before", ()))),
        )


def _refuse_unknown(entry: Mapping[str, Any], allowed: set[str], place: str) -> None:
    unknown = sorted(set(entry) - allowed)
    if unknown:
        msg = f"{place}: unknown key {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}"
        raise SettingError(msg)
