"""Compile ``catalogue/furniture.csv`` into the package's list of page furniture.

    python seeds/build_furniture.py

Columns: language (BCP 47), reason (code of the mask), match (see ``provenance/text/phrases.py``), phrase.
"""

from __future__ import annotations

import csv
from pathlib import Path

import orjson

from provenance.errors import SettingError
from provenance.text.layout import fold_line
from provenance.text.phrases import WAYS

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "catalogue" / "furniture.csv"
TARGET = HERE.parent / "provenance" / "text" / "data" / "furniture.json"
COLUMNS = ["language", "reason", "match", "phrase"]


def compiled() -> bytes:
    """Return the content of the compiled list.

    Raises:
        SettingError: A row of the source makes no sense.
    """
    phrases: dict[tuple[str, str, bool], str] = {}
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        if rows.fieldnames != COLUMNS:
            msg = f"{SOURCE.name}: columns must be {', '.join(COLUMNS)}"
            raise SettingError(msg)
        for row in rows:
            where = f"{SOURCE.name}:{rows.line_num}"
            if row["match"] not in WAYS:
                msg = f"{where}: match must be one of {', '.join(WAYS)}"
                raise SettingError(msg)
            folded = " ".join(fold_line(row["phrase"]))
            if not folded:
                msg = f"{where}: {row['phrase']!r} has no word"
                raise SettingError(msg)
            # Two languages may share a phrase; the first reason in the order of the file holds.
            key = (folded, row["match"], row["phrase"].rstrip().endswith(":"))
            phrases.setdefault(key, row["reason"])
    table = [
        [folded, way, reason, colon] for (folded, way, colon), reason in sorted(phrases.items())
    ]
    lines_out = b",\n".join(orjson.dumps(entry) for entry in table)
    return b'{"phrases":[\n' + lines_out + b"\n]}\n"


if __name__ == "__main__":
    content = compiled()
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {content.count(b'[') - 1} phrases")
