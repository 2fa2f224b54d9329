"""The one place that knows the template engine."""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["load_template"]


@cache
def load_template(name: str) -> Any:
    """Return a template of this package; what it prints is escaped, and a missing value raises."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("provenance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
