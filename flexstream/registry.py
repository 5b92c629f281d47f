"""Registries: names that a user can say, and where in the library what they stand for is found."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, cast

from .errors import UsageError

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Things of one kind by name, in the order given; each is imported when it is first asked for.

    Parameters
    ----------
    package : str
        Where the modules are, usually ``__name__``.
    noun : str
        What an entry is, for messages.
    places : mapping of str to str
        Module of the package and name in it, ``"evidence.Evidence"``.

    Raises
    ------
    UsageError
        When an entry is asked for that there is not.

    Examples
    --------
    >>> codecs = Registry("encodings", "codec", {"ascii": "ascii.getregentry"})
    >>> list(codecs), codecs["ascii"]().name
    (['ascii'], 'ascii')
    >>> codecs["morse"]
    Traceback (most recent call last):
    flexstream.errors.UsageError: no codec 'morse' (expected: one of ascii)
    """

    def __init__(self, package: str, noun: str, places: Mapping[str, str]) -> None:
        self._package, self._noun = package, noun
        self.places = dict(places)
        """Where each entry is; a name that is added here is known to the whole library."""

    def __getitem__(self, name: str) -> T:
        module, _, attribute = self.places[self.known(name)].rpartition(".")
        return cast(T, getattr(importlib.import_module(f".{module}", self._package), attribute))

    def known(self, name: str) -> str:
        """Return a name if it stands for something, without importing that; raises UsageError if it does not."""
        if name not in self.places:
            raise UsageError(f"no {self._noun} {name!r} (expected: one of {', '.join(self.places)})")
        return name

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)
