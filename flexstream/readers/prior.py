"""Prior: the manner in which the stream of a model was read, for reading other sources likewise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any

from ..errors import ModelError, UsageError, parameter
from ..stream.manner import GUESSED, Manner
from .options import RIVALS, ReadOptions

OWN_BUSINESS = frozenset({"follow"})
"""Options about the sources at hand alone."""
TOLD_ONLY = OWN_BUSINESS | {"preset"}
"""Options that are not taken over: what a preset says stands beside it."""
BOUND = ("case", "event", "time", "sequence", "per", "lifecycle", "pattern", "delimiter", "mask")
"""Options that hang on the format: they are for sources in that of the model only."""
TIMED = ("idle", "gap", "time_format")
"""Options that need times, which another format may not have."""
SEPARATOR = "separator"
"""What stands between the symbols of traces that are texts: no option, but found in the sources."""
COLUMNS = ("case", "event", "time", "sequence")
_DEFAULTS = {field.name: field.default for field in fields(ReadOptions)}


def manner_of(options: ReadOptions, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manner of a reading: the options given, and those found in the sources.

    Parameters
    ----------
    options : ReadOptions
        As given; those that are as by default are left out.
    found : mapping
        Options that were recognised, by name; None where sources differ.

    Examples
    --------
    >>> manner_of(ReadOptions(event="status"), {"format": "csv", "case": "order", "event": "status"})
    {'format': 'csv', 'case': 'order', 'event': 'status', 'guessed': ['format', 'case']}
    """
    manner, guessed = dict[str, Any](), list[str]()
    for name, default in _DEFAULTS.items():
        value = getattr(options, name)
        if value != default and name not in OWN_BUSINESS:
            manner[name] = value
        elif found.get(name) is not None:
            manner[name] = found[name]
            guessed.append(name)
    if found.get(SEPARATOR) is not None:
        manner[SEPARATOR] = found[SEPARATOR]
    return {**manner, GUESSED: guessed}


def changed(options: ReadOptions) -> dict[str, Any]:
    """Return the options that are not as by default, by name.

    >>> changed(ReadOptions(window=3))
    {'window': 3}
    """
    return {name: getattr(options, name) for name, value in _DEFAULTS.items() if getattr(options, name) != value}


class Prior:
    """How sources are read for a model that knows how its stream was read.

    What was given then is given now, unless it is told otherwise; what was guessed then comes before other guesses
    now.  Columns and all else that hangs on a format are for sources in that format.

    Parameters
    ----------
    manner : mapping
        Of the model: ``provenance["reading"]``.
    told : mapping
        Options that are given now, by name.

    Attributes
    ----------
    options : ReadOptions
        For a source whose format is not known yet.
    separator : str or None
        What stood between the symbols of traces that were texts; None for blanks.
    format : str or None
        The model's.

    Raises
    ------
    ModelError
        If the manner is none.
    UsageError
        If the options do not go together.

    Examples
    --------
    >>> prior = Prior({"format": "csv", "case": "order", "idle": 60.0, "guessed": ["format"]}, {})
    >>> prior.options.idle, prior.options.case, prior.for_format("csv").case, prior.for_format("jsonl").case
    (60.0, None, 'order', None)
    """

    def __init__(self, manner: Manner, told: Mapping[str, Any]) -> None:
        known = _checked(manner)
        self.told = dict(told)
        self._manner = known
        displaced = {rival for name in told for rival in RIVALS.get(name, ())}
        guessed = set(manner[GUESSED])
        apart = {name: value for name, value in known.items() if name not in told and name not in displaced}
        self._given = {name: value for name, value in apart.items() if name not in guessed}
        self._guessed = {name: value for name, value in apart.items() if name in guessed}
        self.format: str | None = "log" if "pattern" in known else known.get("format")
        self.separator: str | None = manner.get(SEPARATOR)
        self.options = self._with(name for name in self._given if name not in BOUND)

    def _with(self, names: Iterable[str]) -> ReadOptions:
        taken = {name: self._given[name] for name in names}
        try:
            return ReadOptions(**{**taken, **self.told})
        except UsageError as error:
            if not taken or not self.told:
                raise
            raise UsageError(f"{error.message.marked}; {_written(taken)} as for the model") from None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of columns by which a source in the model's format is recognised."""
        named = [self._given.get(name) or self._guessed.get(name) for name in COLUMNS]
        return tuple(part for name in named if name for part in dict.fromkeys((name, *name.split("+"))))

    @property
    def window(self) -> int | None:
        """Length of the windows into which the model's events without cases were cut by default."""
        window: int | None = self._guessed.get("window")
        return window

    def matches(self, lines: Iterable[str]) -> bool:
        """Tell whether the model's pattern is for a source with these first lines."""
        pattern = self._given.get("pattern")
        if pattern is None:
            return False
        from .user_pattern import found_in

        return any(found_in(pattern, lines))

    def for_format(self, name: str, used: Collection[str] | None = None) -> ReadOptions:
        """Return the options for a source in a format, which has a use for some of them; for all by default."""
        if name == self.format:
            return self._with(self._given)
        return self._with(kind for kind in self._given if self._holds(kind, name, used))

    def _holds(self, kind: str, name: str, used: Collection[str] | None) -> bool:
        """Whether an option of the model is taken over for a source in a format: one that it has any use for."""
        return name == self.format or (kind not in (*BOUND, *TIMED) and (used is None or kind in used))

    def columns(self, name: str) -> dict[str, str]:
        """Return the columns that were guessed for the model, for a source in a format."""
        return {kind: self._guessed[kind] for kind in COLUMNS if kind in self._guessed} if name == self.format else {}

    def masks(self, name: str) -> bool | None:
        """Tell whether columns of free text were masked for the model; None for a source in another format."""
        return self._guessed.get("mask", False) if name == self.format else None

    def taken_over(self, name: str, used: Collection[str] | None = None) -> str | None:
        """Say which options of the model hold for a source in a format; None if none do."""
        held = {kind: value for kind, value in self._given.items() if self._holds(kind, name, used)}
        return f"read as for the model: {_written(held)}" if held else None

    def against(self) -> list[str]:
        """Say which options are told otherwise than the model's."""
        return [
            f"{parameter(name)} is {value!r}, but the model was learned with {self._manner[name]!r}"
            for name, value in self.told.items()
            if name in self._manner and self._manner[name] != value
        ]


def _written(options: Mapping[str, Any]) -> str:
    return ", ".join(_told(name, value) for name, value in options.items())


def _told(name: str, value: Any) -> str:
    """Return an option as the user would give it."""
    if isinstance(value, bool):
        return parameter(name if value else f"no_{name}")
    import shlex  # late: only an error says it

    return f"{parameter(name)} {shlex.quote(str(value))}"


def _checked(manner: Any) -> dict[str, Any]:
    """Return the options of a manner, in their order; those of later versions are left out."""
    if not isinstance(manner, Mapping):
        raise ModelError("the model is damaged: how its stream was read is no object")
    guessed = manner.get(GUESSED)
    known = {name: manner[name] for name in _DEFAULTS if name in manner and name not in TOLD_ONLY}
    if not isinstance(guessed, list) or not all(isinstance(name, str) for name in guessed):
        raise ModelError("the model is damaged: how its stream was read does not say what was guessed")
    separator = manner.get(SEPARATOR)
    if separator is not None and not (isinstance(separator, str) and separator.strip()):
        raise ModelError("the model is damaged: what parts its symbols is no text")
    try:
        ReadOptions(**known)
    except UsageError as error:
        raise ModelError(f"the model is damaged: it was read in no way there is: {error.message.marked}") from None
    return known
