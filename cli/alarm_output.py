"""What ``flexstream alarm`` prints: each alarm as a line of JSON, or equal ones together in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from flexstream.json_text import json_text

from .console import put

if TYPE_CHECKING:
    from flexstream.monitoring.notice import Notice, Place, Thing
    from flexstream.monitoring.together import Run
    from flexstream.writers.messages import Messages

AGAIN_SECONDS = 60.0
"""Between two counts of the alarms that came again, while a source is watched."""
MOST_GROUPS = 10_000
"""Kinds of alarms that are told apart; those of further ones are counted together."""


class Output(Protocol):
    """Where alarms go."""

    def raised(self, notice: Notice, live: bool) -> None:
        """Take an alarm, at once where a source is watched."""

    def together(self, run: Run, trace: str | int, place: Place, live: bool) -> None:
        """Take traces that are strange together, and which of them was the last; at once where a source is watched."""

    def waited(self) -> None:
        """Say what is worth saying now and then."""

    def let_go(self) -> None:
        """Hold nothing back of what was said, also where the run has failed."""

    def close(self) -> None:
        """Say the rest."""


def output_of(ungrouped: bool, topic: str | None) -> Output:
    """Return where alarms go: one by one, see `each_to`, or to stdout those that are equal together."""
    return each_to(ungrouped, topic) or Grouped()


def each_to(ungrouped: bool, topic: str | None) -> Ungrouped | None:
    """Return where alarms go one by one: to a topic, or to stdout; None where that was not asked for."""
    if topic is None:
        return Ungrouped() if ungrouped else None
    from flexstream.writers.messages import Messages

    return Ungrouped(Messages(topic))


class Ungrouped:
    """A JSON object a line for each alarm, as soon as it comes, or a message of a topic."""

    def __init__(self, messages: Messages | None = None) -> None:
        self._messages = messages

    def raised(self, notice: Notice, live: bool) -> None:
        """Print an alarm."""
        self.put(notice.to_document(), str(notice.trace))

    def together(self, run: Run, trace: str | int, place: Place, live: bool) -> None:
        """Print that traces are strange together."""
        from flexstream.monitoring.notice import stamp

        self.put(run.to_document(trace, place.source, place.line, stamp(place.time)), str(trace))

    def put(self, document: dict[str, Any], trace: str) -> None:
        """Print a document, or send it under the name of a trace."""
        text = json_text(document)
        if self._messages is None:
            put("-", text + "\n")
        else:
            self._messages.send(text.encode(), trace)

    def waited(self) -> None:
        """Nothing waits, but for an answer of brokers."""
        if self._messages is not None:
            self._messages.poll()

    def let_go(self) -> None:
        """Wait until all messages are there."""
        if self._messages is not None:
            self._messages.flush()

    def close(self) -> None:
        """Do as `let_go`."""
        self.let_go()


class Group:
    """Equal alarms: how many, the first and the last, and how many were told of."""

    def __init__(self, notice: Notice) -> None:
        self.first = self.last = notice
        self.count, self.told = 1, 0

    def add(self, notice: Notice) -> None:
        """Take another."""
        self.count, self.last = self.count + 1, notice


class Grouped:
    """Equal alarms together: a table at the end; of a source that is watched the first of each at once."""

    def __init__(self) -> None:
        self._groups: dict[Thing, Group] = {}
        self._others, self._said = 0, time.monotonic()
        self._runs: list[str] = []

    def raised(self, notice: Notice, live: bool) -> None:
        """Take an alarm; print it if it is the first of its kind that is watched."""
        group = self._groups.get(notice.thing)
        if group is not None:
            group.add(notice)
        elif len(self._groups) >= MOST_GROUPS:
            self._others += 1
        else:
            group = self._groups[notice.thing] = Group(notice)
            if live:
                self._print_first(group)
        if live:
            self.waited()

    def together(self, run: Run, trace: str | int, place: Place, live: bool) -> None:
        """Print that traces are strange together."""
        from flexstream.monitoring.sentences import together

        said = together(run, trace, place) + "\n"
        if live:
            put("-", said)
        elif len(self._runs) < MOST_GROUPS:
            self._runs.append(said)

    def _print_first(self, group: Group) -> None:
        from flexstream.monitoring.sentences import place_of, sentence

        group.told = 1
        put("-", f"{sentence(group.first)}; {place_of(group.first)}\n")

    def waited(self) -> None:
        """Print how often alarms came again, not too often."""
        if time.monotonic() - self._said < AGAIN_SECONDS:
            return
        from flexstream.monitoring.sentences import place_of, sentence

        self._said = time.monotonic()
        for group in self._groups.values():
            if group.count > group.told:
                group.told = group.count
                put("-", f"{group.count:,} times by now: {sentence(group.last)}; last {place_of(group.last)}\n")

    def let_go(self) -> None:
        """Nothing is held that could be said before the end."""

    def close(self) -> None:
        """Print the table, the most frequent alarms first, and below it which traces were strange together."""
        self._print_table()
        if self._runs:
            put("-", "".join(self._runs))

    def _print_table(self) -> None:
        if not self._groups:
            return
        from flexstream.monitoring.sentences import place_of, sentence

        groups = sorted(self._groups.values(), key=lambda group: -group.count)
        width = max(len("count"), len(f"{groups[0].count:,}"))
        lines = [f"{'count':>{width}}  alarm"]
        for group in groups:
            lines.append(f"{group.count:>{width},}  {sentence(group.first)}")
            lines.append(f"{'':>{width}}    {'first ' * (group.count > 1)}{place_of(group.first)}")
            if group.count > 1:
                lines.append(f"{'':>{width}}    last {place_of(group.last)}")
            lines.append(f"{'':>{width}}    id {group.first.id}")
        if self._others:
            lines.append(f"{self._others:>{width},}  of further kinds")
        put("-", "\n".join(lines) + "\n")
