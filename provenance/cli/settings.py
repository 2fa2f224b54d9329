"""Where settings come from, and who wins.

From the weakest to the strongest:

1. the defaults of :mod:`provenance.config`;
2. the user's own file, ``$XDG_CONFIG_HOME/provenance/config.toml`` (``~/.config`` where unset);
3. the project's: ``provenance.toml`` in the working folder, or ``[tool.provenance]`` in its
   ``pyproject.toml``;
4. the environment: ``PROVENANCE_VERIFY_MIN_JACCARD=0.2``;
5. flags: ``--set verify.min_jaccard=0.2``.

At each of them a whole profile may be named as well (``profile = "strict"``, ``PROVENANCE_PROFILE``,
``--profile``), which is weaker than the single settings beside it.  A profile is ``default``, a table
``[profiles.NAME]`` of a settings file, or a TOML file of its own.  Options of a command have defaults
under ``[commands.NAME]``.

A name that means nothing is an error, never ignored: a threshold that was misspelled is a wrong result.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import attrs

from provenance.config import Profile
from provenance.errors import SettingError

__all__ = ["build_profile", "command_defaults"]

_PREFIX = "PROVENANCE_"

#: Keys of a settings file besides the sections of a profile.
_KEYS = ("profile", "profiles", "commands")

#: The sections of a profile and the class of each.
_SECTIONS: dict[str, type] = {
    field.name: type(field.default) for field in attrs.fields(Profile) if field.name != "name"
}

Layer = Mapping[str, Mapping[str, Any]]


@attrs.frozen(kw_only=True)
class _File:
    """A settings file: where it is, for messages, and what it holds."""

    origin: str
    content: Mapping[str, Any]


def build_profile(
    profile: str = "",
    assignments: Sequence[str] = (),
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Profile:
    """Return the settings of a run.

    Args:
        profile: What ``--profile`` names: a profile or a TOML file; empty if the flag was not given.
        assignments: What ``--set`` was given: ``section.name=value``.
        environ: The environment; the process's own where left out.
        folder: The working folder; the process's own where left out.

    Raises:
        SettingError: A file cannot be read, or a name or value makes no sense.
    """
    environ = os.environ if environ is None else environ
    files = _files(environ, folder or Path())
    settled = Profile()
    for file in files:
        settled = _named(settled, str(file.content.get("profile", "")), files)
        settled = _overlay(settled, _sections_of(file), file.origin)
    settled = _named(settled, environ.get(f"{_PREFIX}PROFILE", ""), files)
    settled = _overlay(settled, _from_environment(environ), "environment")
    settled = _named(settled, profile, files)
    return _overlay(settled, _from_assignments(assignments), "--set")


def command_defaults(
    command: str,
    options: Collection[str],
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> dict[str, Any]:
    """Return the defaults that settings files give to a command's options.

    Args:
        command: Its name.
        options: Names of its options, with underscores.
        environ: The environment; the process's own where left out.
        folder: The working folder; the process's own where left out.

    Raises:
        SettingError: A file cannot be read, or names an option that the command does not have.
    """
    defaults: dict[str, Any] = {}
    for file in _files(os.environ if environ is None else environ, folder or Path()):
        table = _table(file.content.get("commands", {}), f"{file.origin}: commands")
        for key, value in _table(table.get(command, {}), f"{file.origin}: {command}").items():
            name = key.replace("-", "_")
            if name not in options:
                raise SettingError(_unknown(f"{file.origin}: commands.{command}", key, options))
            defaults[name] = value
    return defaults


def _files(environ: Mapping[str, str], folder: Path) -> list[_File]:
    """The settings files that exist, the weakest first."""
    home = environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    candidates = [_load(Path(home, "provenance", "config.toml"))]
    own = _load(folder / "provenance.toml")
    if own is None:
        project = _load(folder / "pyproject.toml")
        table = project.content.get("tool", {}).get("provenance") if project else None
        if project and table is not None:
            own = _File(origin=f"{project.origin} [tool.provenance]", content=table)
    found = [file for file in (*candidates, own) if file is not None]
    for file in found:
        for key in _table(file.content, file.origin):
            if key not in _KEYS and key not in _SECTIONS:
                raise SettingError(_unknown(file.origin, key, (*_KEYS, *_SECTIONS)))
    return found


def _load(path: Path) -> _File | None:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as cause:  # a TOML or a UTF-8 error is a ValueError
        msg = f"{path}: cannot be read as settings: {cause}"
        raise SettingError(msg) from cause
    return _File(origin=str(path), content=content)


def _named(settled: Profile, name: str, files: Sequence[_File]) -> Profile:
    """Lay the profile of this name over what is settled."""
    if not name:
        return settled
    if name == "default":
        return Profile()
    for file in reversed(files):
        table = _table(file.content.get("profiles", {}), f"{file.origin}: profiles")
        if name in table:
            origin = f"{file.origin}: profiles.{name}"
            return attrs.evolve(_overlay(settled, _table(table[name], origin), origin), name=name)
    file_of_its_own = _load(Path(name))
    if file_of_its_own is None:
        known = {"default", *(key for file in files for key in file.content.get("profiles", {}))}
        msg = f"no profile {name!r}: known are {', '.join(sorted(known))}, or give a TOML file"
        raise SettingError(msg)
    settled = _overlay(settled, file_of_its_own.content, file_of_its_own.origin)
    return attrs.evolve(settled, name=Path(name).stem)


def _sections_of(file: _File) -> Layer:
    return {key: value for key, value in file.content.items() if key in _SECTIONS}


def _from_environment(environ: Mapping[str, str]) -> Layer:
    """``PROVENANCE_VERIFY_MIN_JACCARD=0.2`` is ``{"verify": {"min_jaccard": "0.2"}}``."""
    layer: dict[str, dict[str, str]] = {}
    for section, kind in _SECTIONS.items():
        for field in attrs.fields(kind):
            value = environ.get(f"{_PREFIX}{section}_{field.name}".upper())
            if value is not None:
                layer.setdefault(section, {})[field.name] = value
    return layer


def _from_assignments(assignments: Sequence[str]) -> Layer:
    layer: dict[str, dict[str, str]] = {}
    for assignment in assignments:
        place, equals, value = assignment.partition("=")
        section, dot, name = place.strip().partition(".")
        if not (equals and dot):
            msg = f"--set {assignment!r} is not of the form section.name=value"
            raise SettingError(msg)
        layer.setdefault(section, {})[name] = value.strip()
    return layer


def _overlay(profile: Profile, layer: Layer, origin: str) -> Profile:
    changes: dict[str, Any] = {}
    for section, table in layer.items():
        if section not in _SECTIONS:
            raise SettingError(_unknown(origin, section, _SECTIONS))
        spec = getattr(profile, section)
        changes[section] = attrs.evolve(
            spec, **dict(_checked(spec, _table(table, f"{origin}: {section}"), origin, section))
        )
    return attrs.evolve(profile, **changes)


def _checked(
    spec: Any, table: Mapping[str, Any], origin: str, section: str
) -> Iterator[tuple[str, Any]]:
    names = [field.name for field in attrs.fields(type(spec))]
    for name, value in table.items():
        if name not in names:
            raise SettingError(_unknown(f"{origin}: {section}", name, names))
        yield name, _converted(getattr(spec, name), value, f"{origin}: {section}.{name}")


def _converted(current: Any, value: Any, place: str) -> Any:
    """Return `value` in the type of the current one; strings come from flags and environment."""
    wanted = type(current)
    try:
        if wanted is bool and isinstance(value, str):
            return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
        if wanted is tuple:
            return tuple(value.split(",") if isinstance(value, str) else value)
        if isinstance(value, str) or (wanted is float and type(value) is int):
            return wanted(value)
    except (KeyError, TypeError, ValueError) as cause:
        raise SettingError(_wrong_type(place, value, wanted)) from cause
    if type(value) is not wanted:
        raise SettingError(_wrong_type(place, value, wanted))
    return value


def _wrong_type(place: str, value: Any, wanted: type) -> str:
    return f"{place}: {value!r} is not of the type {wanted.__name__}"


def _table(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        msg = f"{place}: expected a table, found {value!r}"
        raise SettingError(msg)
    return value


def _unknown(place: str, name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
    return f"{place}: unknown name {name!r}; {hint}"
