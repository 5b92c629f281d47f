"""Alarms marked as false, which do not come again: a file of events, and of the events that lead to their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..arguments import fitting_path
from ..errors import DataError
from ..files import write_atomically
from ..json_text import json_text, read_json
from ..stream.traces import as_text
from .notice import Thing, id_of

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA

FORMAT, VERSION = "flexstream-accepted", 1
_EXPECTED = "a file that flexstream alarm --accepted FILE --accept ID has written"


class Entry(NamedTuple):
    """An alarm marked as false: its kind, the events that lead to its state, its event, how often that came."""

    kind: str
    way: tuple[str, ...]
    symbol: str | None
    times: int = 0

    @property
    def id(self) -> str:
        """What names it, see `Notice`."""
        return id_of(Thing(self.kind, 0, self.symbol, self.times), self.way)

    def to_document(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        found: dict[str, Any] = {"id": self.id, "alarm": self.kind, "after": list(self.way), "event": self.symbol}
        return {**found, "times": self.times} if self.times or self.kind == "counts" else found


class Accepted:
    """The alarms that do not come again.

    A state is named by events that lead to it, so that entries hold for a model that was learned anew.

    Parameters
    ----------
    entries : iterable of Entry
    automaton : PDFA
        In which the states are looked up.

    Attributes
    ----------
    entries : list of Entry
    astray : int
        Entries whose events lead to no state of the automaton.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"load": (9, 1)}, 1: {"run": (9, 0), None: (1, 0)}})
    >>> accepted = Accepted([Entry("event", ("load", "run", "load"), "stop"), Entry("event", ("x",), "stop")], loop)
    >>> Thing("event", 1, "stop") in accepted, Thing("event", 0, "stop") in accepted, accepted.astray
    (True, False, 1)
    """

    def __init__(self, entries: Iterable[Entry], automaton: PDFA) -> None:
        self.entries, self.astray = list(dict.fromkeys(entries)), 0
        self._things: set[Thing] = set()
        self._automaton = automaton
        for entry in self.entries:
            self._enter(entry)

    def _enter(self, entry: Entry) -> None:
        state = -1 if entry.kind == "counts" else state_after(self._automaton, entry.way)
        if state is None:
            self.astray += 1
        else:
            self._things.add(Thing(entry.kind, state, entry.symbol, entry.times))

    def __contains__(self, thing: object) -> bool:
        return thing in self._things

    def add(self, thing: Thing, way: tuple[str, ...]) -> None:
        """Accept a thing to whose state some events lead."""
        entry = Entry(thing.kind, way, thing.symbol, thing.times)
        if entry not in self.entries:
            self.entries.append(entry)
            self._enter(entry)

    def save(self, path: str) -> None:
        """Write the entries, one a line."""
        rows = ",\n  ".join(json_text(entry.to_document()) for entry in self.entries)
        body = f"[\n  {rows}\n ]" if rows else "[]"
        write_atomically(path, f'{{"format": "{FORMAT}", "version": {VERSION},\n "alarms": {body}}}\n')


def load_accepted(path: str, automaton: PDFA, missing: bool = False) -> Accepted:
    """Return what a file says is accepted.

    Parameters
    ----------
    path : str
    automaton : PDFA
    missing : bool
        Whether the file need not be there.

    Raises
    ------
    DataError
        If it cannot be read, or is no such file.
    """
    try:
        text = fitting_path(path, expected=_EXPECTED).read_text("utf-8")
    except FileNotFoundError:
        if missing:
            return Accepted([], automaton)
        raise DataError(path, None, "no such file", _EXPECTED) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(path, None, f"cannot be read: {getattr(error, 'strerror', 'no UTF-8')}", _EXPECTED) from None
    try:
        return Accepted(_entries(read_json(text)), automaton)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DataError(path, None, "holds no accepted alarms", _EXPECTED) from None


def _entries(document: Any) -> list[Entry]:
    if document["format"] != FORMAT or type(document["version"]) is not int or document["version"] != VERSION:
        raise ValueError
    return [_entry(row) for row in document["alarms"]]


def _entry(row: Mapping[str, Any]) -> Entry:
    """Return what an object stands for; the id is not looked at, since people write such rows as well."""
    symbol, times = row["event"], row.get("times", 0)
    if row["alarm"] not in ("event", "counts", "late", "silence") or type(times) is not int:
        raise ValueError
    way = row.get("after", [])
    if not isinstance(way, list):
        raise TypeError
    return Entry(row["alarm"], tuple(map(as_text, way)), None if symbol is None else as_text(symbol), times)


def state_after(automaton: PDFA, way: Iterable[str]) -> int | None:
    """Return the state to which events lead, None where they leave the automaton.

    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"load": (9, 1)}, 1: {"run": (9, 0), None: (1, 0)}})
    >>> state_after(loop, ["load", "run"]), state_after(loop, ["run"])
    (0, None)
    """
    ids, state = {symbol: number for number, symbol in enumerate(automaton.symbols)}, 0
    for symbol in way:
        edges = slice(int(automaton.offsets[state]), int(automaton.offsets[state + 1]))
        found = [
            target
            for number, target in zip(
                automaton.edge_symbols[edges].tolist(), automaton.targets[edges].tolist(), strict=True
            )
            if number == ids.get(symbol, -1)
        ]
        if not found:
            return None
        state = found[0]
    return state
