"""Values: dataclasses of a room, which cannot be changed, and are compared by what they hold unless that is arrays."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from pathlib import Path

import pytest

import flexstream

ROOT = Path(flexstream.__file__).parent


def values_of(room: str) -> list[type]:
    """Return all dataclasses that the modules of a room define."""
    found = []
    for path in sorted((ROOT / room).rglob("*.py")):
        name = ".".join(["flexstream", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__")
        module = importlib.import_module(name)
        found += [kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == name]
    return [kind for kind in found if dataclasses.is_dataclass(kind) and not inspect.isabstract(kind)]


def holds_arrays(kind: type) -> bool:
    """Tell whether a field is an array, or columns of them."""
    return any(re.fullmatch(r"NDArray\[.*\]|\w+Columns", str(field.type)) for field in dataclasses.fields(kind))


def check_values(room: str, changeable: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Check that no field of a value can be set but of those named, and that arrays are never compared as a truth."""
    kinds = values_of(room)
    assert kinds
    for kind in kinds:
        one = object.__new__(kind)
        for field in dataclasses.fields(kind):
            if kind.__name__ in changeable:
                setattr(one, field.name, 1)
            else:
                with pytest.raises(dataclasses.FrozenInstanceError):
                    setattr(one, field.name, 1)
        if holds_arrays(kind):
            other = object.__new__(kind)
            assert one in [one] and one != other and len({one, other}) == 2, kind
