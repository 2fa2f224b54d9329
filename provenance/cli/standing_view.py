"""What an article says about its sources, all in all, in one line and its exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from provenance.engine.crediting import Credits

__all__ = ["standing_lines"]

_FEW = 4  # origins told in one line; a credit names more of them rarely


def standing_lines(found: Credits) -> list[str]:
    """Return the document-level reading as lines, the first of them its summary."""
    standing = found.standing
    told = [
        f"{origin.agency or 'a source it does not name'} {origin.probability:.2f} ({origin.basis})"
        for origin in standing.origins[:_FEW]
    ]
    if len(standing.origins) > _FEW:
        told.append(f"{len(standing.origins) - _FEW} more")
    parts = [f"from {', '.join(told)}"] if told else []
    if standing.translated:
        parts.append(f"a translation{f' from {standing.edition}' if standing.edition else ''}")
    elif standing.edition:
        parts.append(f"of the edition in {standing.edition}")
    if parts:
        parts.append(f"not the outlet's own {standing.not_original:.2f}")
    lines = [click.style("; ".join(parts), dim=True)] if parts else []
    lines += [f"conflict: {conflict}" for conflict in standing.conflicts]
    lines += [f"repaired before reading: {accident}" for accident in found.accidents]
    return lines
