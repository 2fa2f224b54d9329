"""What a translation machine leaves behind when nobody has looked at its work.

A bracketed word of the original, a verb stranded behind the quotation it belongs before, a quotation
mark turned the wrong way: each happens to people too, two different ones together hardly ever.  The
signs and their points are data (``seeds/catalogue/calques.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from provenance.model import Span

__all__ = ["Sign", "find_calques"]

_ARABIC = re.compile("[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH}]")


@attrs.frozen(kw_only=True)
class Sign:
    """One trace of a machine.

    Attributes:
        id: Identifier of the sign.
        language: Language of the texts it is a sign in.
        regex: Expression over the text as it stands.
        points: What it adds.
        gate: Matches every text that has the sign, and is shared by several of them.
    """

    id: str
    language: str
    regex: re.Pattern[str]
    points: float
    gate: re.Pattern[str] | None = None


def find_calques(
    text: str, signs: Sequence[Sign], enough: float
) -> Iterator[tuple[Span, str, str]]:
    """Yield span, sign and language of every sign, if together they suffice.

    Args:
        text: The article.
        signs: What to look for.
        enough: Points that a text needs; every sign counts once, however often it occurs.
    """
    if not _ARABIC.search(text):
        return
    seen: list[tuple[Sign, re.Match[str]]] = []
    gate, is_open = None, True
    for sign in signs:
        if sign.gate is not gate:  # those that share one stand together
            gate = sign.gate
            is_open = gate is None or gate.search(text) is not None
        if is_open:
            seen += ((sign, match) for match in sign.regex.finditer(text))
    kinds = {sign.id: sign.points for sign, _ in seen}
    if len(kinds) > 1 and sum(kinds.values()) >= enough:
        for sign, match in seen:
            yield match.span(), sign.id, sign.language
