"""Types of parameters: what is given is of the type that is written beside it, or is refused at once."""

from __future__ import annotations

import dataclasses
import inspect
import os
import sys
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from numbers import Integral, Real
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, TypeVar

from .errors import UsageError, WrongTypeError, parameter

T = TypeVar("T")

_WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "a text",
    type(None): "None",
    Mapping: "a mapping",
}
_LONGEST = 60
_NO = object()


def check_types(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a function once each is of the type that it is annotated with.

    Numbers and texts of other libraries, such as NumPy's, become Python's own, so that they can be written into a
    model; an int will do for a float, but a bool is no number and a text never one.

    Raises
    ------
    WrongTypeError
        If one is not; the message names it and says what it may be.

    Examples
    --------
    >>> def cut(window: int, name: str | None = None): ...
    >>> check_types(cut, {"window": 3, "name": None})
    {'window': 3, 'name': None}
    >>> check_types(cut, {"window": "3"})
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: `window` is '3' (expected: a whole number)
    """
    hints = _hints(function)
    return {name: fitting(name, value, hints.get(name, Any)) for name, value in given.items()}


def check_fields(instance: Any) -> None:
    """Do for the fields of a dataclass, which may be frozen, what `check_types` does for arguments.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Cut:
    ...     window: int
    ...     def __post_init__(self):
    ...         check_fields(self)
    >>> Cut(2.5)
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: `window` is 2.5 (expected: a whole number)
    """
    for field in dataclasses.fields(instance):
        value = getattr(instance, field.name)
        if _is_default(value, field):  # annotations take longer to evaluate than all else here
            continue
        plain = fitting(field.name, value, _hint(instance.__class__, field.name))
        if plain is not value:
            object.__setattr__(instance, field.name, plain)


def _is_default(value: Any, field: dataclasses.Field[Any]) -> bool:
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    return type(value) is type(default) and bool(value == default)


def expect(name: str, value: Any, kind: type[T]) -> T:
    """Return a value if it is of a class; raises WrongTypeError if not.

    >>> expect("other", 3, dict)
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: `other` is 3 (expected: a dict)
    """
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    made: T = fitting(name, value, kind)
    return made


@lru_cache
def _hints(owner: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(owner)


@lru_cache
def _hint(owner: type, name: str) -> Any:
    """Return the annotation of one field, which its class may have from another."""
    home = next(kind for kind in owner.__mro__ if name in inspect.get_annotations(kind))
    hint = inspect.get_annotations(home)[name]
    # An annotation is text of this library, not of its input.
    return eval(hint, vars(sys.modules[home.__module__])) if isinstance(hint, str) else hint  # nosec B307


def fitting(name: str, value: Any, hint: Any) -> Any:
    """Return a value as the plain one of its type, see `check_types`; ``name`` is the parameter's."""
    kinds = _alternatives(hint)
    for kind in kinds:
        made = _as(value, kind)
        if made is not _NO:
            return made
    words = [_WORDS.get(kind) or _article(kind) for kind in kinds]
    expected = ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]
    held = _holding(value, kinds)
    remedy = "" if held is None else f"; its `{held}` is one"
    raise WrongTypeError(f"{parameter(name)} is {written(value)} (expected: {expected}{remedy})")


def _holding(value: Any, kinds: tuple[Any, ...]) -> str | None:
    """Return the name of the property of an object that is what was expected, such as the model of a learner."""
    names, best = {getattr(kind, "__name__", "") for kind in kinds}, (0, "")
    for owner in type(value).__mro__:
        for name, found in vars(owner).items():
            if isinstance(found, property) and not name.startswith("_"):
                told = str(getattr(found.fget, "__annotations__", {}).get("return", "")).split(" | ")
                best = max(best, (len(names.intersection(told)), name), key=itemgetter(0))  # of equals the first
    return best[1] or None


def fitting_path(path: Any, name: str = "path", expected: str = "the path of a file") -> Path:
    """Return where a file is, or is to be; ``name`` is the parameter's.

    Raises
    ------
    WrongTypeError
        If that is no path, such as None where a name was forgotten.
    UsageError
        If no file can have that name.

    Examples
    --------
    >>> fitting_path("lots.csv").name
    'lots.csv'
    >>> fitting_path(None)
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: `path` is None (expected: the path of a file)
    """
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str):
        raise WrongTypeError(f"{parameter(name)} is {written(path)} (expected: {expected})")
    if not path or "\0" in path:
        raise UsageError(f"{parameter(name)} is {written(path)} (expected: {expected})")
    return Path(path)


def fitting_share(share: Any, name: str = "share") -> float:
    """Return the share that a quantile is asked for, from 0 to 1; ``name`` is the parameter's.

    >>> fitting_share(0.5)
    0.5
    """
    found: float = fitting(name, share, float)
    if not 0 <= found <= 1:
        raise UsageError(f"a quantile of {share} (expected: from 0 to 1)")
    return found


@lru_cache
def _alternatives(hint: Hashable) -> tuple[Any, ...]:
    """Return the classes that a type hint allows; ``Any`` stands for what cannot be told."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return tuple(kind for part in typing.get_args(hint) for kind in _alternatives(part))
    if origin is Literal:
        return tuple({type(part): None for part in typing.get_args(hint)})
    kind = hint if origin is None else origin
    return (kind if isinstance(kind, type) else Any,)


def _as(value: Any, kind: Any) -> Any:
    """Return a value as one of a class, or `_NO`."""
    if kind is Any:
        return value
    if kind is bool:
        # NumPy's is no bool of Python's, and says so by its name alone.
        return bool(value) if type(value).__name__ in ("bool", "bool_") else _NO
    if kind in (int, float):
        return _number(value, kind)
    if not isinstance(value, kind):
        return _NO
    return str.__str__(value) if kind is str and type(value) is not str else value


def _number(value: Any, kind: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, Integral if kind is int else Real):
        return _NO
    if type(value) in (int, float):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def _article(kind: Any) -> str:
    name = getattr(kind, "__name__", str(kind))
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def written(value: object) -> str:
    """Return a value as it is written in a program, for a message: one line, shortened."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
