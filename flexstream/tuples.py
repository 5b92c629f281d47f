"""`NamedTuple` for classes that every start makes: as in `typing`, but the annotations stay what they are.

That of `typing` compiles each annotation that is a text, and checks each one, which takes longer than to make the
class; sixty of them were a twentieth of the time that a small file takes to be learned.
"""

from __future__ import annotations

from collections import namedtuple
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
            given = [names.pop(field) for field in fields if field in names]
            made = namedtuple(name, fields, defaults=given, module=names.pop("__module__"))
            made.__annotations__ = fields
            for key, value in names.items():
                setattr(made, key, value)
            return made

    class _NamedTuple:
        """What classes name as their base."""

        def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
            return (_Bare,)

    _Bare = type.__new__(_Made, "_Bare", (), {})
    NamedTuple = _NamedTuple()

__all__ = ["NamedTuple"]
