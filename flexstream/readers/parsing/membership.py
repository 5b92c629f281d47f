"""Membership: which member of a fleet, a host, tool or tenant, each trace is of.

Inside the readers the member stands in front of the name of the case, so that the cases of two members are never one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...errors import UsageError, parameter
from ...stream.batch import TraceBatch
from ..diagnostics import Diagnostics
from ..items import Event, Item, Trace, Traces
from .blank import is_no_case

FILE = "@file"
"""What stands for the name of the source instead of the name of a column."""
_SEPARATOR, _ITS_PICTURE = "\x1f", "\u241f"


def joined(member: str, case: str | None) -> str:
    """Return the name of a case of a member; None where it is the one case of all its events, or has no name.

    >>> parted(joined("host 1", "7")), parted(joined("host 1", None))
    (('host 1', '7'), ('host 1', ''))
    """
    if _SEPARATOR in member:
        member = member.replace(_SEPARATOR, _ITS_PICTURE)
    return f"{member}{_SEPARATOR}{case or ''}"


def parted(name: str) -> tuple[str, str]:
    """Return the member and the name of the case that stand in the name of a trace."""
    member, separator, case = name.partition(_SEPARATOR)
    return (member, case) if separator else ("", name)


def told_apart(batch: TraceBatch) -> TraceBatch:
    """Return a batch whose names are those of cases, and whose members are known.

    >>> batch = TraceBatch(np.zeros(2, np.int64), np.arange(3), [joined("a", "7"), joined("b", None)])
    >>> found = told_apart(batch)
    >>> found.names, found.members
    (['7', ''], ['a', 'b'])
    """
    pairs = [parted(name) for name in batch.names or [""] * len(batch)]
    named = any(case for _, case in pairs)
    return TraceBatch(
        batch.symbols,
        batch.offsets,
        [case for _, case in pairs] if named else None,
        batch.closed_early,
        batch.position,
        batch.manner,
        batch.durations,
        batch.origins,
        [member for member, _ in pairs],
    )


def no_member(text: str, where: str) -> tuple[str, str] | None:
    """Return what is wrong with the member of an event, and what was expected; None where it is one."""
    if not is_no_case(text):
        return None
    found = f" ({text!r})" if text.strip() else ""
    return f"no member in {where}{found}", f"one everywhere; {parameter('on_error')} skip leaves out what has none"


def check_visible(diagnostics: Diagnostics, per: str) -> None:
    """Raise UsageError where the members are people, of whom nothing may be told."""
    if not diagnostics.options.redact:
        return
    from ..texts.redaction import personal

    if personal(per):
        raise UsageError(
            f"{parameter('per')} {per} names people or addresses, which {parameter('redact')} leaves out "
            "(expected: one of them, or another field)"
        )


def of_file(items: Iterator[Item], name: str, diagnostics: Diagnostics) -> Iterator[Item]:
    """Yield the items of a source as those of a member with its name.

    >>> [item.case for item in of_file(iter([Event("7", "run", None)]), "a.log", Diagnostics())]
    ['a.log\\x1f7']
    """
    prefix = joined(name, None)
    listed: _Prefixed | None = None
    one = [prefix]  # the same list each time, which says that it goes on
    for item in items:
        if isinstance(item, Event):
            diagnostics.endless = diagnostics.endless or item.case is None
            yield item._replace(case=joined(name, item.case))
        elif isinstance(item, Trace):
            yield Trace(joined(name, item.name), item.symbols, item.durations)
        elif isinstance(item, Traces):
            yield item._replace(names=[joined(name, case) for case in item.names])
        elif isinstance(item, TraceBatch):
            names = [prefix] * len(item) if item.names is None else [prefix + case for case in item.names]
            early, origins = item.closed_early, item.origins
            yield TraceBatch(item.symbols, item.offsets, names, early, None, None, item.durations, origins)
        elif item.cases is None:
            diagnostics.endless = True
            yield item._replace(names=one, cases=np.zeros(len(item.symbols), np.int32))
        else:
            if listed is None or listed.names is not item.names:
                listed = _Prefixed(prefix, item.names)
            yield item._replace(names=listed)


class _Prefixed(Sequence[str]):
    """Names, each behind that of the member."""

    def __init__(self, prefix: str, names: Sequence[str]) -> None:
        self.prefix, self.names = prefix, names

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, place: Any) -> Any:
        found = self.names[place]
        return self.prefix + found if isinstance(found, str) else [self.prefix + one for one in found]
