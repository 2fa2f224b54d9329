"""A finished trace, read back from its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click
import orjson

from provenance.codec import link_from_record, mention_from_record, story_from_record
from provenance.errors import InputError
from provenance.export.prov_json import articles_in
from provenance.model import Article, Link, Mention, Story

__all__ = ["Findings"]

Noun = TypeVar("Noun")


@attrs.frozen(kw_only=True)
class Findings:
    """The records of a trace; files are read when they are asked for, line by line.

    Attributes:
        folder: What ``trace -o`` was given.
    """

    folder: Path = attrs.field()

    @folder.validator
    def _is_finished(self, _attribute: Any, folder: Path) -> None:
        if not (folder / "run.json").is_file():
            msg = (
                f"{folder} holds no finished trace (no run.json); run: provenance trace -o {folder}"
            )
            raise click.UsageError(msg)

    def links(self) -> Iterator[Link]:
        """Yield the links, in the order of the file."""
        return self._records("links.jsonl", link_from_record)

    def possible(self) -> Iterator[Link]:
        """Yield the pairs that are only possible, in the order of the file."""
        return self._records("possible.jsonl", link_from_record)

    def mentions(self) -> Iterator[Mention]:
        """Yield the mentions, in the order of the file."""
        return self._records("mentions.jsonl", mention_from_record)

    def stories(self) -> Iterator[Story]:
        """Yield the stories, in the order of the file."""
        return self._records("stories.jsonl", story_from_record)

    def articles(self) -> list[Article]:
        """Return what the trace keeps of the articles: title, outlet, day, language and address."""
        path = self.folder / "lineage.prov.json"
        try:
            return articles_in(orjson.loads(path.read_bytes()))
        except (KeyError, TypeError, ValueError) as cause:
            reason = f"not the lineage of a trace: {cause}"
            raise InputError(reason, source=str(path), line=0) from cause

    def story(self, name: str) -> Story:
        """Return the story of this identifier, or whose identifier begins so, or with this article.

        Raises:
            click.UsageError: There is none, or several begin so.
        """
        beginning = []
        for story in self.stories():
            if name == story.story or name in story.members:
                return story
            if story.story.startswith(name):
                beginning.append(story)
        if len(beginning) == 1:
            return beginning[0]
        if beginning:
            names = ", ".join(story.story for story in beginning[:5])
            msg = f"{len(beginning)} stories begin with {name!r}: {names}"
        else:
            msg = f"no story and no article {name!r} in {self.folder}"
        raise click.UsageError(msg)

    def _records(self, name: str, read: Callable[[Mapping[str, Any]], Noun]) -> Iterator[Noun]:
        path = self.folder / name
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    noun = read(orjson.loads(line))
                except (KeyError, TypeError, ValueError) as cause:
                    reason = f"not a record of a trace: {cause}"
                    raise InputError(reason, source=str(path), line=number) from cause
                yield noun
