"""Compile the curated catalogue into the data that the package carries.

``seeds/catalogue`` is what people edit: two tables of agencies and their names, and one file of
markers per language.  The package reads JSON, folded and with expressions instead of slots::

    python seeds/build_catalogue.py           # write the package data
    python seeds/build_catalogue.py --check   # say whether it is what the sources say
"""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import attrs

from provenance.attribution.grammar import (
    compile_agency_words,
    compile_cues,
    compile_guards,
    compile_markers,
    compile_widgets,
)
from provenance.attribution.lettering import fold_letters

ROOT = Path(__file__).resolve().parent
SOURCE = ROOT / "catalogue"
TARGET = ROOT.parent / "provenance" / "attribution" / "data"


def build_catalogue() -> dict[str, Any]:
    """Return the agencies and their names as the package stores them."""
    agencies = []
    for row in _rows("agencies.csv"):
        entry: dict[str, Any] = {
            key: row[key] for key in ("id", "name", "native_name", "country", "scope", "kind")
        }
        if row["domains"]:
            entry["domains"] = row["domains"].split("|")
        agencies.append(entry)
    known = {agency["id"] for agency in agencies}
    aliases = []
    for row in _rows("aliases.csv"):
        if row["agency"] not in known:
            message = f"aliases.csv: no agency {row['agency']!r} in agencies.csv"
            raise SystemExit(message)
        entry = {key: row[key] for key in ("agency", "text", "language", "needs") if row[key]}
        for key in ("not_after", "not_before"):
            if row[key]:
                entry[key] = row[key].split("|")
        aliases.append(entry)
    return {"agencies": agencies, "aliases": aliases}


def build_markers() -> dict[str, Any]:
    """Return the compiled markers of every language."""
    rules, agency_words, widgets, guards, cues, cue_words, buttons = [], [], [], [], [], [], []
    sources = read_marker_sources()
    families = {str(s["family"]): s for s in sources.values() if "family" in s}
    for path, source in sources.items():
        if "family" in source:
            continue
        rules += [_rule(rule) for rule in compile_markers(source, path.name, families)]
        language = source.get("language", "")
        agency_words += [[language, *words] for words in compile_agency_words(source, path.name)]
        cues += compile_cues(source, path.name)
        buttons += source.get("classes", {}).get("button", ())
        cue_words += source.get("classes", {}).get("cue", ())
        guards += compile_guards(source, path.name)
        widgets += compile_widgets(source, path.name)
    calques = tomllib.loads((SOURCE / "calques.toml").read_text("utf-8"))
    signs = [{k: v for k, v in sign.items() if k != "note"} for sign in calques["sign"]]
    return {
        "enough": calques["enough"],
        "signs": signs,
        "rules": rules,
        "agency_words": agency_words,
        "cues": cues,
        "buttons": buttons,
        "cue_words": [fold_letters(word) for word in cue_words],
        "guards": guards,
        "widgets": "|".join(widgets),
    }


def read_marker_sources() -> dict[Path, dict[str, Any]]:
    """Return the files of markers as they are written."""
    return {
        path: tomllib.loads(path.read_text("utf-8"))
        for path in sorted((SOURCE / "markers").glob("*.toml"))
    }


def _rule(rule: Any) -> dict[str, Any]:
    defaults = {field.name: field.default for field in attrs.fields(type(rule))}
    return {key: value for key, value in attrs.asdict(rule).items() if value != defaults[key]}


def _rows(name: str) -> list[dict[str, str]]:
    with (SOURCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _print_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the package data, or with ``--check`` compare it."""
    wrong = 0
    for name, data in (("catalogue.json", build_catalogue()), ("markers.json", build_markers())):
        path = TARGET / name
        text = _print_json(data)
        if "--check" in sys.argv[1:]:
            same = path.exists() and path.read_text("utf-8") == text
            wrong += not same
            print(f"{name}: {'agrees' if same else 'differs; run seeds/build_catalogue.py'}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"{path.name}: {len(text):,} characters")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
