"""Compile the package's table of traditional ideographs and their simplified forms.

    python seeds/build_simplified.py TSCharacters.txt

The argument is the file of that name of OpenCC (Apache-2.0, https://github.com/BYVoid/OpenCC): a
traditional character, a tab, and its simplified forms, the commonest first, on each line.  Only that
one is kept, and only single characters that change; one that is simplified in two steps takes both.
"""

from __future__ import annotations

import sys
from pathlib import Path

from provenance.text.stems import is_ideograph

TARGET = Path(__file__).resolve().parent.parent / "provenance" / "text" / "data" / "simplified.tsv"


def compiled(source: str) -> str:
    """Return the content of the table."""
    rows = {
        cells[0]: cells[1].split()[0]
        for cells in (line.split("\t") for line in source.splitlines())
        if len(cells) == 2
    }
    table = [
        f"{traditional}\t{rows.get(simplified, simplified)}"
        for traditional, simplified in sorted(rows.items())
        if is_ideograph(traditional) and is_ideograph(simplified) and traditional != simplified
    ]
    remark = "# traditional\tsimplified; facts of OpenCC's TSCharacters (Apache-2.0)"
    return "\n".join([remark, *table]) + "\n"


if __name__ == "__main__":
    content = compiled(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TARGET.write_text(content, encoding="utf-8")
    print(f"{TARGET.name}: {content.count(chr(10)) - 1} characters")
