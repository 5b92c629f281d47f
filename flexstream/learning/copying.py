"""Copies and pickles of learners: what goes into one, and what one is made of again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..version import __version__

if TYPE_CHECKING:
    from .learner import StreamLearner

_VERSION = "flexstream"


def state_of(learner: StreamLearner, observers: list[Any]) -> dict[str, Any]:
    """Return all that a learner has, but with these observers: those of others may hold open files or terminals."""
    return {**learner.__dict__, "_observers": observers, _VERSION: __version__}


def checked(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a learner without its version.

    A pickle is the inside of one version; what is to last is a model file.

    Raises
    ------
    UsageError
        If it is another version's.

    Examples
    --------
    >>> checked({"flexstream": "0.0", "events": 3})
    Traceback (most recent call last):
    flexstream.errors.UsageError: a learner pickled by FlexStream 0.0 (expected: by this version; model files last)
    """
    version = state.get(_VERSION)
    if version != __version__:
        raise UsageError(f"a learner pickled by FlexStream {version} (expected: by this version; model files last)")
    return {name: value for name, value in state.items() if name != _VERSION}
