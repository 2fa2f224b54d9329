"""What a run says besides its data, and how much of it.

Data goes to standard output.  Everything here goes to standard error: notes, warnings, and a progress
line that exists only on a terminal.
"""

from __future__ import annotations

import os
import sys
import time

import click

__all__ = ["Session"]

#: Seconds between two drawings of the progress line: what the eye can follow.
_TICK = 0.1

#: Seconds until a rate means something.
_SETTLED = 1.0

_ERASE_LINE = "\r\x1b[K"


class Session:
    """How one run talks to the person who started it.

    Attributes:
        quiet: Only errors are told.
        verbose: Details are told, and errors come with their traceback.
        progress: A progress line is wanted, if there is a terminal for it.
        postponed: An error that is raised when a command starts, not when its help is read.
    """

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False
        self.progress = True
        self.postponed: Exception | None = None
        self._drawn = False
        self._next = 0.0
        self._stage = ""
        self._begun = 0.0

    def note(self, message: str) -> None:
        """Tell something, unless quiet."""
        if not self.quiet:
            self._say(message)

    def detail(self, message: str) -> None:
        """Tell something only to those who asked for details."""
        if self.verbose:
            self._say(message)

    def warn(self, message: str) -> None:
        """Tell what may need a look, unless quiet."""
        if not self.quiet:
            self._say(click.style("warning: ", fg="yellow") + message)

    def fail(self, message: str) -> None:
        """Tell why the run ends without success."""
        self._say(click.style("error: ", fg="red") + message)

    def advance(self, stage: str, done: int, total: int = 0, *, share: float = 0.0) -> None:
        """Redraw the progress line, with the rate of the stage and the time it still needs.

        Args:
            stage: What is being done.
            done: How much of it is.
            total: How much there is; 0 where nobody knows.
            share: What part is done, where that is known and the total is not.
        """
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun = stage, now
        if not self._on_terminal() or (now < self._next and done != total):
            return
        self._next = now + _TICK
        share = done / total if total else share
        amount = f"{done:,} of {total:,}" if total else f"{done:,}"
        spent = now - self._begun
        if spent >= _SETTLED:
            amount += f", {_rate(done / spent)} a second"
            if 0 < share < 1:
                amount += f", {_clock(spent / share - spent)} left"
        sys.stderr.write(f"{_ERASE_LINE}{stage}: {amount}")
        sys.stderr.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the progress line away."""
        if self._drawn:
            sys.stderr.write(_ERASE_LINE)
            sys.stderr.flush()
            self._drawn = False

    def _on_terminal(self) -> bool:
        wanted = self.progress and not self.quiet
        return wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def _say(self, message: str) -> None:
        self.clear()
        # Outside a command click does not know that colors are unwanted.
        click.echo(message, err=True, color=False if os.environ.get("NO_COLOR") else None)


def _rate(value: float) -> str:
    """Two digits; further ones change too fast to be read."""
    return f"{int(float(f'{value:.1e}')):,}" if value >= 10 else f"{value:.1f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
