"""`NamedTuple` for classes that every start makes: as in `typing`, but next to nothing is compiled for a class.

That of `typing` compiles each annotation that is a text, and checks each one, and `collections` compiles a function for
each class, which takes longer than to make the class; seventy of them were a twentieth of the time that a small file
takes to be learned.  Here annotations stay what they are, classes share their methods, and those of as many fields the
code that makes a tuple of them.
"""

from __future__ import annotations

from collections import namedtuple
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple
else:

    class _Made(type):
        """Makes a named tuple of the fields of a class, and puts the rest of the class into it."""

        def __new__(cls, name: str, bases: tuple[type, ...], names: dict[str, Any]) -> type:
            postponed = names.pop("__annotate_func__", None)  # from Python 3.14 on, where they are no texts
            fields = names.pop("__annotations__", None) or (postponed(1) if postponed else {})
            defaults = [field in names for field in fields]
            if defaults != sorted(defaults):
                raise TypeError(f"{name}: a field without default follows one with a default")
            given = {field: names.pop(field) for field in fields if field in names}
            own = {field: _Getter(place, f"Alias for field number {place}") for place, field in enumerate(fields)}
            own |= {"__new__": _new(name, (*fields,), (*given.values(),)), "__annotations__": fields, "__slots__": ()}
            own |= {"_fields": (*fields,), "_field_defaults": given, "__match_args__": (*fields,)}
            return type(name, (tuple,), {"__doc__": f"{name}({', '.join(fields)})", **_METHODS, **own, **names})

    class _NamedTuple:
        """What classes name as their base."""

        def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
            return (_Bare,)

    _Bare = type.__new__(_Made, "_Bare", (), {})
    NamedTuple = _NamedTuple()

_Getter: Any = type(vars(namedtuple("_Pattern", "field"))["field"])  # what reads a field, written in C
_tuple = tuple.__new__
_NEW: dict[int, Any] = {
    1: lambda _cls, a: _tuple(_cls, (a,)),
    2: lambda _cls, a, b: _tuple(_cls, (a, b)),
    3: lambda _cls, a, b, c: _tuple(_cls, (a, b, c)),
    4: lambda _cls, a, b, c, d: _tuple(_cls, (a, b, c, d)),
    5: lambda _cls, a, b, c, d, e: _tuple(_cls, (a, b, c, d, e)),
    6: lambda _cls, a, b, c, d, e, f: _tuple(_cls, (a, b, c, d, e, f)),
    7: lambda _cls, a, b, c, d, e, f, g: _tuple(_cls, (a, b, c, d, e, f, g)),
    8: lambda _cls, a, b, c, d, e, f, g, h: _tuple(_cls, (a, b, c, d, e, f, g, h)),
    9: lambda _cls, a, b, c, d, e, f, g, h, i: _tuple(_cls, (a, b, c, d, e, f, g, h, i)),
    10: lambda _cls, a, b, c, d, e, f, g, h, i, j: _tuple(_cls, (a, b, c, d, e, f, g, h, i, j)),
    11: lambda _cls, a, b, c, d, e, f, g, h, i, j, k: _tuple(_cls, (a, b, c, d, e, f, g, h, i, j, k)),
    12: lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m: _tuple(_cls, (a, b, c, d, e, f, g, h, i, j, k, m)),
    13: lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n: _tuple(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
    17: lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r: _tuple(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r)
    ),
    18: lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s: _tuple(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s)
    ),
}
"""Of so many fields, what makes a tuple of them; of other numbers as `collections` writes it."""


def _new(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> FunctionType:
    """Return ``__new__`` of a class of these fields."""
    like = _NEW.get(len(fields))
    if like is None:
        like = _NEW[len(fields)] = namedtuple("_Pattern", [f"field{place}" for place in range(len(fields))]).__new__
    code = like.__code__.replace(co_name="__new__", co_varnames=("_cls", *fields))
    found = FunctionType(code, like.__globals__, "__new__", defaults)
    found.__qualname__, found.__doc__ = f"{name}.__new__", f"Create new instance of {name}({', '.join(fields)})"
    return found


def _make(cls: Any, values: Any) -> Any:
    """Make a new one from a sequence or iterable."""
    made = tuple.__new__(cls, values)
    if len(made) != len(cls._fields):
        raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
    return made


def _replace(self: Any, /, **changes: Any) -> Any:
    """Return a new one with other values of some fields."""
    made = self._make(map(changes.pop, self._fields, self))
    if changes:
        raise ValueError(f"Got unexpected field names: {list(changes)!r}")
    return made


def _asdict(self: Any) -> dict[str, Any]:
    """Return a new dict which maps field names to their values."""
    return dict(zip(self._fields, self, strict=False))


def _repr(self: Any) -> str:
    fields = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=False))
    return f"{type(self).__name__}({fields})"


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(self)


_METHODS: dict[str, Any] = {
    **{"_make": classmethod(_make), "_replace": _replace, "__replace__": _replace, "_asdict": _asdict},
    **{"__repr__": _repr, "__getnewargs__": _values},
}

__all__ = ["NamedTuple"]
