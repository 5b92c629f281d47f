"""`dataclass` for classes that every start makes: as in `dataclasses`, but next to nothing is compiled for a class.

That of `dataclasses` writes the source of each method and compiles it, a third of a millisecond a class; twenty of them
were a twentieth of the time that a small file takes to be learned.  Here all classes share the same loops over their
fields, which makes each object a few microseconds later: nothing for a class that is made once for a batch or a search.
What is made is a dataclass for everybody: ``replace``, ``fields``, ``asdict`` and subclasses go by its fields.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
    from inspect import Signature
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[type], type]:
        """Return what makes a class one of its annotated fields; all of the choices mean what they do elsewhere."""

        def make(kind: type) -> type:
            fields: list[dataclasses.Field[Any]] = []  # known below, when the class is made
            methods: dict[str, Any] = {"__init__": _init_of(fields), "__repr__": _repr, "__signature__": _Told(fields)}
            if eq:
                methods |= {"__eq__": _equal, "__hash__": _hash if frozen else None}
            for name, method in methods.items():
                if name not in vars(kind):
                    setattr(kind, name, method)
            ours = frozen and _may_be_frozen(kind)
            made = dataclasses.dataclass(
                kind, init=False, repr=False, eq=False, frozen=frozen and not ours, slots=slots
            )
            fields += dataclasses.fields(made)
            if ours:
                _freeze(made, frozenset(field.name for field in fields))
                if slots:  # whose state is otherwise set field by field
                    made.__getstate__, made.__setstate__ = _state, _set_state
            return made

        return make


def _may_be_frozen(kind: type) -> bool:
    """Tell whether a class neither has methods of its own for what a frozen one forbids nor a frozen class above it."""
    above = any(getattr(base, "__dataclass_params__", None) for base in kind.__mro__[1:])
    return not above and not {"__setattr__", "__delattr__"} & set(vars(kind))


def _freeze(made: Any, names: frozenset[str]) -> None:
    """Forbid to set and to delete the fields of a dataclass, as ``frozen`` does by two functions that it compiles."""

    def set_field(self: Any, name: str, value: object) -> None:
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(made, self).__setattr__(name, value)

    def delete_field(self: Any, name: str) -> None:
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(made, self).__delattr__(name)

    made.__setattr__, made.__delattr__ = set_field, delete_field
    made.__dataclass_params__.frozen = True


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, values: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), values, strict=True):
        object.__setattr__(self, field.name, value)


def _init_of(fields: list[dataclasses.Field[Any]]) -> Callable[..., None]:
    """Return ``__init__`` of a class with these fields, which are in the list when it is called."""

    found: list[tuple[list[str], set[str]]] = []  # by the first call: fields that are given, those that have to be

    def begin(self: Any, /, *args: Any, **given: Any) -> None:
        if not found:
            wanted = [field for field in fields if field.init]
            found.append(([field.name for field in wanted], {field.name for field in wanted if _needed(field)}))
        places, needed = found[0]
        values = dict(zip(places, args, strict=False)) | given
        fits = len(values) == len(args) + len(given) and needed <= values.keys() and given.keys() <= {*places}
        if not fits and (wrong := _wrong(fields, places[: len(args)], given, len(args))):
            raise TypeError(f"{type(self).__qualname__}.__init__() {wrong}")
        set_field = object.__setattr__  # as the class itself may be frozen
        for field in fields:
            if field.name in values:
                set_field(self, field.name, values[field.name])
            elif field.default_factory is not dataclasses.MISSING:
                set_field(self, field.name, field.default_factory())
            else:
                set_field(self, field.name, field.default)
        if hasattr(self, "__post_init__"):
            self.__post_init__()

    begin.__name__ = "__init__"
    return begin


def _wrong(fields: list[dataclasses.Field[Any]], placed: list[str], given: dict[str, Any], count: int) -> str | None:
    """Return what is wrong with the arguments of ``__init__``, in Python's own words; None if nothing is."""
    wanted = [field for field in fields if field.init]
    if count > len(wanted):
        return f"takes {len(wanted) + 1} positional arguments but {count + 1} were given"
    known = {field.name for field in wanted}
    for name in given:
        if name not in known:
            return f"got an unexpected keyword argument {name!r}"
        if name in placed:
            return f"got multiple values for argument {name!r}"
    there = {*placed, *given}
    missing = [repr(field.name) for field in wanted if field.name not in there and _needed(field)]
    if missing:
        return f"missing {len(missing)} required positional argument{'s' * (len(missing) > 1)}: {', '.join(missing)}"
    return None


def _needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _repr(self: Any) -> str:
    told = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(told)})"


def _compared(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one, field.name) for field in dataclasses.fields(one) if field.compare)


def _equal(self: Any, other: object) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _compared(self) == _compared(other)


def _hash(self: Any) -> int:
    return hash(_compared(self))


class _Told:
    """The signature of a class, made when somebody asks for it."""

    def __init__(self, fields: list[dataclasses.Field[Any]]) -> None:
        self._fields = fields

    def __get__(self, _one: object, _kind: type | None = None) -> Signature:
        from inspect import Parameter, Signature

        told = []
        for field in self._fields:
            usual = Parameter.empty if field.default is dataclasses.MISSING else field.default
            if field.default_factory is not dataclasses.MISSING:
                usual = _Factory()
            if field.init:
                kind = Parameter.POSITIONAL_OR_KEYWORD
                told.append(Parameter(field.name, kind, default=usual, annotation=field.type))
        return Signature(told, return_annotation=None)


class _Factory:
    """Stands in signatures for a default that is made anew each time."""

    def __repr__(self) -> str:
        return "<factory>"


__all__ = ["dataclass"]
