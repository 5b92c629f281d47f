"""One way to make tables, and what draws plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Table(NamedTuple):
    """A heading and rows of cells; ``align`` has a letter a column, l or r, where not all but the first are numbers."""

    head: Sequence[str]
    rows: Iterable[Sequence[str]]
    align: str = ""

    def _lines(self) -> tuple[list[list[str]], str]:
        lines = [list(self.head), *map(list, self.rows)]
        return lines, self.align or "l" + "r" * (len(self.head) - 1)

    def text(self) -> str:
        """Return it as aligned text."""
        lines, align = self._lines()
        widths = [max(len(line[at]) for line in lines) for at in range(len(align))]
        return "".join(
            "  ".join(
                cell.rjust(width) if side == "r" else cell.ljust(width)
                for cell, width, side in zip(line, widths, align, strict=True)
            ).rstrip()
            + "\n"
            for line in lines
        )

    def markdown(self) -> str:
        """Return it as Markdown.

        >>> print(Table(["kind", "number"], [["a", "1"]]).markdown(), end="")
        | kind | number |
        |---|--:|
        | a | 1 |
        """
        lines, align = self._lines()
        rows = [f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines]
        rows.insert(1, f"|{'|'.join('--:' if side == 'r' else '---' for side in align)}|")
        return "\n".join(rows) + "\n"


def pyplot() -> Any:
    """Return what draws plots into files, imported only where somebody asks for a plot."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as drawing

    return drawing
