"""Base: which skeleton the tree of a summary began as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tuples import NamedTuple

if TYPE_CHECKING:
    from ..saved import Saved
    from ..summary.tree import PrefixTree


class Base(NamedTuple):
    """What a tree began as: the digest of a skeleton, and how many nodes and edges that had."""

    digest: str
    nodes: int
    edges: int

    @classmethod
    def saved(cls, saved: Saved, tree: PrefixTree) -> Base | None:
        """Return what a tree that was saved began as; raises StateError if it cannot have."""
        if saved.raw("base") is None:
            return None
        given = saved.raw("base", list)
        fits = len(given) == 3 and [type(value) for value in given] == [str, int, int]
        fits = fits and 1 <= given[1] <= len(tree) and 0 <= given[2] <= tree.edges
        saved.check(fits, "base is out of range")
        return cls(*given)
