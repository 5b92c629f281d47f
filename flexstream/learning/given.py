"""The parameters of a run as its checkpoints keep them, and whether those of another are the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..budget import parse_memory
from ..errors import UsageError, parameter
from ..files import is_topic
from .settings import Settings

if TYPE_CHECKING:
    from ..readers.options import ReadOptions
    from .learner import StreamLearner

SOURCES = "sources"
_SHORT = 60
_USUAL = Settings().to_dict()


def parameters_of(learner: StreamLearner, options: ReadOptions, data: Any, **others: Any) -> dict[str, Any]:
    """Return the parameters of a run that are not as by default, by name.

    Parameters
    ----------
    learner : StreamLearner
    options : ReadOptions
    data
        The sources.
    **others
        Parameters beside those; None is the default of each.

    Examples
    --------
    >>> from ..readers.options import ReadOptions
    >>> from .learner import StreamLearner
    >>> parameters_of(StreamLearner(seed=3), ReadOptions(idle=60.0), "/logs/app.log", on_drift=None)
    {'seed': 3, 'idle': 60.0, 'sources': ['/logs/app.log']}
    """
    settings = learner.settings.to_dict()
    learned = {name: value for name, value in settings.items() if value != _USUAL[name]}
    if "memory" in learned:
        learned["memory"] = parse_memory(learned["memory"])
    read = {field.name: getattr(options, field.name) for field in fields(options) if field.name in options.given}
    named = {name: str(value) if isinstance(value, str) else value for name, value in read.items()}
    given = {name: value for name, value in others.items() if value is not None}
    return {**learned, **named, **given, SOURCES: _names_of(data)}


def _names_of(data: Any) -> list[str]:
    """Return what sources are called, as far as they are files."""
    listed = data if isinstance(data, list | tuple) else [data]
    if not all(isinstance(one, str | os.PathLike) or hasattr(one, "read") for one in listed):
        return ["<data>"]  # frames, rows or traces
    names = [os.fspath(one) if isinstance(one, str | os.PathLike) else "<input>" for one in listed]
    return [name if _is_no_path(name) else str(Path(name).absolute()) for name in map(str, names)]


def _is_no_path(name: str) -> bool:
    return name == "-" or name.startswith("<") or is_topic(name)


def check_same(kept: Mapping[str, Any], given: Mapping[str, Any], name: str) -> None:
    """Raise UsageError where the parameters of a run are others than those of a checkpoint.

    More sources may follow those that there were, unless one of these was followed.

    Examples
    --------
    >>> check_same({"sources": ["a"]}, {"sources": ["a", "b"]}, "kept")
    >>> check_same({"sources": ["a"]}, {"seed": 3, "sources": ["a"]}, "kept")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    flexstream.errors.UsageError: the checkpoint in kept is of a run with another `seed`: the default, not 3 ...
    """
    # That members are told apart comes first: it changes the memory of what is learned of all of them.
    for changed in (key for key in {"per": None, **kept, **given} if kept.get(key) != given.get(key)):
        if changed != SOURCES:
            what = f"another {parameter(changed)}: {_value(kept.get(changed))}, not {_value(given.get(changed))}"
        else:
            old, new = kept[SOURCES], given[SOURCES]
            if not given.get("follow") and new[: len(old)] == old:
                continue
            what = f"other sources: {_shown(', '.join(old))}, not {_shown(', '.join(new))}"
        raise UsageError(f"the checkpoint in {name} is of a run with {what} (expected: the same, or another folder)")


def _value(value: Any) -> str:
    return "the default" if value is None else _shown(value if isinstance(value, str) else repr(value))


def _shown(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
