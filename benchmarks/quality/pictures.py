"""Claim: whatever the size of an automaton, its picture can be read at the width of a page, in ten seconds at most.

    python benchmarks/quality/pictures.py [--page 1400] [--folder docs/pictures/gallery]
                                          [--json OUT] [--markdown OUT]

Random machines of several sizes and a chain, with activities for symbols and the counts of 10,000 traces, are drawn as
SVG at default options, with Graphviz and without, and written to the folder.  The smallest words are measured in pixels
of a page so wide; pictures that are narrower are not stretched.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA
from flexstream.explorer import explorer_page
from flexstream.targets import PFA, Recipe, from_rows, random_pdfa
from flexstream.writers import View, ViewOptions, write
from flexstream.writers.choice import COVERAGE

Row = dict[str, Any]
TRACES = 10_000
VERBS = ("check", "send", "receive", "approve", "print", "cancel", "file", "measure", "load", "mount", "test", "pack")
NOUNS = ("order", "invoice", "letter", "request", "wafer", "report", "payment", "parcel")
SIZES = {8: 6, 15: 6, 40: 12, 76: 15, 250: 20, 1000: 20}
"""Symbols by the number of states."""


def named(number: int) -> str:
    """Return the name of a symbol."""
    return f"{VERBS[number % len(VERBS)]} {NOUNS[number // len(VERBS) % len(NOUNS)]}"


def machine(states: int, symbols: int) -> PDFA:
    """Return a random machine, with the counts of so many traces as are expected."""
    target = random_pdfa(Recipe(states=states, symbols=symbols, symbol_sparsity=0.3, mean_length=12), seed=states)
    exact = target.to_pdfa()  # which numbers its states anew
    scale = TRACES * PFA.from_pdfa(exact).expected_visits() / np.maximum(exact.visits, 1e-300)
    return PDFA(
        [named(number) for number in range(len(exact.symbols))],
        exact.visits * scale,
        exact.stops * scale,
        exact.offsets,
        exact.edge_symbols,
        exact.targets,
        exact.weights * scale[exact.sources],
    )


def chain(states: int) -> PDFA:
    """Return a line of steps, each of which may be repeated; from some of them the line is left."""
    rows: dict[int, Any] = {}
    for state in range(states - 1):
        rows[state] = {f"{named(state)}": (95, state + 1), "repeat": (4, state)}
        rows[state] |= {"give up": (1, states - 1)} if state % 6 == 5 else {}
    return from_rows({**rows, states - 1: {None: (1, 0)}})


def automata() -> Iterator[tuple[str, PDFA]]:
    """Yield names and automata, the smaller first."""
    yield from ((f"{states}", machine(states, symbols)) for states, symbols in SIZES.items() if states < 26)
    yield "26 in a chain", chain(26)
    yield from ((f"{states}", machine(states, symbols)) for states, symbols in SIZES.items() if states > 26)


def smallest(picture: str, page: float) -> float:
    """Return the height in pixels of the smallest words of a picture on a page of such a width."""
    root = ElementTree.fromstring(picture.encode())
    width = float(root.attrib["width"].removesuffix("pt")) * 4 / 3  # a point is 4/3 pixels
    sizes = [float(words.attrib["font-size"]) for words in root.iter() if "font-size" in words.attrib]
    return min(sizes) * 4 / 3 * min(1.0, page / width)


def timed(automaton: PDFA, path: str) -> tuple[str, float]:
    """Draw an automaton with the programs on a path; return the picture and the seconds that it took."""
    before, os.environ["PATH"] = os.environ["PATH"], path
    try:
        started = time.perf_counter()
        picture = str(write(automaton, "svg"))
        return picture, time.perf_counter() - started
    finally:
        os.environ["PATH"] = before


def measured(name: str, automaton: PDFA, page: float, folder: Path) -> Row:
    """Draw one automaton, write its pictures, and return what was measured."""
    picture, seconds = timed(automaton, os.environ["PATH"])
    bare, alone = timed(automaton, "")
    file = "chain" if "chain" in name else name
    (folder / f"{file}.svg").write_text(picture)
    view = View.picture(automaton)
    started = time.perf_counter()
    document = explorer_page(automaton)
    return {
        "states": name,
        "shown": len(view.states),
        "arrows": len(view.edges),
        "coverage": view.coverage,
        "needed": len(View.of(automaton, ViewOptions(coverage=COVERAGE)).states),
        "pixels": smallest(picture, page),
        "seconds": seconds,
        "bare_pixels": smallest(bare, page),
        "bare_seconds": alone,
        "page_seconds": time.perf_counter() - started,
        "page_bytes": len(document.encode()),
    }


def cells(row: Row) -> list[str]:
    """Return a row of the table."""
    return [
        row["states"],
        f"{row['shown']}",
        f"{row['arrows']}",
        f"{100 * row['coverage']:.0f} %",
        f"{row['needed']}",
        f"{row['pixels']:.1f}",
        f"{row['seconds']:.1f}",
        f"{row['bare_pixels']:.1f}",
        f"{row['bare_seconds']:.1f}",
        f"{row['page_bytes'] / 1e6:.1f}",
    ]


def tables(result: Result) -> dict[str, Table]:
    """Return ``gallery``."""
    heads = (
        *("states", "drawn", "arrows", "traces within", "states for 80 %"),
        *("px", "s", "px, no Graphviz", "s, no Graphviz", "page, MB"),
    )
    return {"gallery": Table(heads, map(cells, result["measured"]["pictures"]))}


def main() -> None:
    """Draw the gallery and print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--page", type=float, default=1400, help="pixels")
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures/gallery"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, automaton in automata():
        rows.append(measured(name, automaton, args.page, args.folder))
        print("  ".join(cells(rows[-1])), flush=True)
    finish(__file__, args, {"pictures": rows}, tables)


if __name__ == "__main__":
    main()
