"""Compile the package's table of words that mean the same in many languages.

    python seeds/build_meanings.py cldr-annotations-modern/

The argument is the unpacked package of that name (Unicode CLDR, annotations, version 45, Unicode
License V3): the words by which people look for an emoji, language by language.  Kept are words that
stand alone, of three letters or more, or of two ideographs; words of more than a dozen emoji mean
nothing in particular and are left out.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from provenance.text.folding import fold_text
from provenance.text.stems import is_ideograph

DATA = Path(__file__).resolve().parent.parent / "provenance" / "sketch" / "data"
LANGUAGES = (
    *("ar", "bn", "cs", "de", "el", "en", "es", "fa", "fr", "he", "hi", "id", "it", "ja"),
    *("ko", "nl", "pl", "pt", "ro", "ru", "sv", "sw", "tr", "uk", "ur", "vi", "zh"),
)
MOST = 12
UNSPACED = ("ja", "zh")


def words_of(phrases: list[str], language: str) -> list[str]:
    """Return the phrases that are one word, folded."""
    found = []
    for phrase in phrases:
        parts = fold_text(phrase).split()
        characters = "".join(parts)
        if language in UNSPACED and all(map(is_ideograph, characters)):
            if len(characters) == 2:
                found.append(characters)
        elif len(parts) == 1 and len(characters) >= 3 and language != "zh":
            found.append(characters)
    return list(dict.fromkeys(found))


def compiled(package: Path) -> str:
    """Return the content of the table: one row a meaning, one column a language."""
    table: dict[str, dict[str, list[str]]] = {}
    for language in LANGUAGES:
        source = package / "annotations" / language / "annotations.json"
        entries = json.loads(source.read_text(encoding="utf-8"))["annotations"]["annotations"]
        named = {
            emoji: words_of([*names.get("default", []), *names.get("tts", [])], language)
            for emoji, names in entries.items()
        }
        held = Counter(word for words in named.values() for word in words)
        for emoji, words in named.items():
            table.setdefault(emoji, {})[language] = [word for word in words if held[word] <= MOST]
    rows = [
        "\t".join(" ".join(words.get(language, ())) for language in LANGUAGES)
        for _, words in sorted(table.items())
        if sum(map(bool, words.values())) > 1
    ]
    remark = "# keywords of emoji, one row each: Unicode CLDR 45, see meanings.LICENSE"
    return "\n".join([remark, "\t".join(LANGUAGES), *rows]) + "\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (DATA / "meanings.tsv").write_text(compiled(folder), encoding="utf-8")
    (DATA / "meanings.LICENSE").write_text(
        (folder / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8"
    )
