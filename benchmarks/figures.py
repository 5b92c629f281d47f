"""Are the figures in README and docs those of the committed results?

    python benchmarks/figures.py [--write] [--draw] [PAGE...]

Names each figure that differs, with page and line, and ends with 1.  With ``--write`` the pages are renewed from
``benchmarks/results``; a phrase that is not there has to be mended by hand.  On the pages that ``docs/figures.toml``
calls measured, numbers that look like measurements and have no source are named as well.  How figures are marked is
said in shared/pages.py.  ``--draw`` renews the plots, which takes matplotlib; ``docs/pictures/drawn.json`` lists them
with their results and with a checksum of what these had measured when they were drawn.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import sys
import tomllib
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from shared.pages import Mending, Phrase, bare, blocks, figure, phrases
from shared.tables import Table

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
RESULTS = BENCHMARKS / "results"
DRAWN = ROOT / "docs" / "pictures" / "drawn.json"
FOLDERS = ("quality", "speed", "pac", "fab")


@cache
def result(name: str) -> Any:
    """Return a committed result."""
    return json.loads((RESULTS / name).read_text())


def measured(name: str) -> Any:
    """Return what a committed result has measured, and of how it was measured the ``arguments`` and the ``load``."""
    how = {key: result(name)[key] for key in ("arguments", "load") if key in result(name)}
    return {**result(name)["measured"], **how}


@cache
def script(name: str) -> ModuleType:
    """Return a script as a module, without running it."""
    path = BENCHMARKS / name
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def words_of(path: Path) -> str:
    """Return the docstring of a script without running it."""
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def scripts() -> dict[str, str]:
    """Return all scripts with the first sentence of what each says of itself, in the order of the folders."""
    paths = [path for folder in FOLDERS for path in sorted((BENCHMARKS / folder).glob("*.py"))]
    return {
        path.relative_to(BENCHMARKS).as_posix(): " ".join(words_of(path).split("\n\n")[0].split()) for path in paths
    }


def results_of(name: str) -> list[str]:
    """Return the committed results of a script."""
    found = sorted(RESULTS.rglob("*.json"))
    names = [path.relative_to(RESULTS).as_posix() for path in found]
    return [one for one in names if result(one).get("benchmark") == name]


def _took(found: Any) -> str:
    if {"resume", "kept"} & {name for name, value in found["arguments"].items() if value}:
        return "in parts"
    seconds = found["seconds"]
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def claims() -> Table:
    """Return what each script claims, its commands, how long they took, and where the results are."""
    rows = []
    for name, words in scripts().items():
        if words.startswith("Claim: "):
            claim = words.removeprefix("Claim: ").rstrip(".").replace("``", "`")
            for one in results_of(name):
                command = result(one)["command"].removeprefix("python benchmarks/")
                link = f"[{one}](../benchmarks/results/{one})"
                rows.append([claim, f"`{command}`", _took(result(one)), link])
                claim = ""
    return Table(("claim", "`python benchmarks/…`", "took", "result"), rows, "llrl")


def tools() -> Table:
    """Return the scripts that claim nothing, and what each is for."""
    rows = [[f"`{name}`", words] for name, words in scripts().items() if not words.startswith("Claim: ")]
    return Table(("script", "what it is for"), rows, "ll")


def front() -> Table:
    """Return the short table of the README; ``front`` in docs/figures.toml has its rows."""
    rows = [
        [row["what"], row["text"].format(*(figure(one, measured) for one in row["take"]))] for row in listed("front")
    ]
    return Table(("what", "measured"), rows, "ll")


COMPOSED = {"claims": claims, "tools": tools, "front": front}
"""Tables that are made from several results."""


@cache
def rendered(name: str) -> str:
    """Return a table as Markdown: a name of ``COMPOSED``, or a result and a name of its script's tables."""
    if name in COMPOSED:
        return COMPOSED[name]().markdown()
    file, _, table = name.partition(" ")
    found: Table = script(result(file)["benchmark"]).tables(result(file))[table]
    return found.markdown()


def listed(kind: str) -> list[dict[str, Any]]:
    """Return the entries of a kind in docs/figures.toml."""
    found: list[dict[str, Any]] = tomllib.loads((ROOT / "docs" / "figures.toml").read_text()).get(kind, [])
    return found


def pages() -> list[str]:
    """Return README and docs."""
    return ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))]


def faults(page: str, text: str) -> Iterator[Mending]:
    """Yield all that is wrong on a page."""
    own = [Phrase(page, one["text"], one["take"]) for one in listed("phrase") if one["page"] == page]
    given = [Phrase(page, one["text"], []) for one in listed("given") if one["page"] == page]
    yield from blocks(page, text, rendered)
    yield from phrases(text, own + given, measured)
    for one in listed("measured"):
        if one["page"] == page:
            yield from bare(page, text, own + given, one.get("sections", []))


def checksum(name: str) -> str:
    """Return a checksum of what a committed result has measured."""
    return f"{zlib.crc32(json.dumps(result(name)['measured']).encode()):08x}"


def plots() -> dict[str, dict[str, str]]:
    """Return the plots by their names: of which ``result``, and of what ``checksum``."""
    found: dict[str, dict[str, str]] = json.loads(DRAWN.read_text())
    return found


def outdated() -> list[str]:
    """Return a line for each plot that was drawn of another result than is committed."""
    return [
        f"docs/pictures/{name}: is not drawn of {one['result']} as it is (expected: renew it with --draw)"
        for name, one in plots().items()
        if one["checksum"] != checksum(one["result"])
    ]


def draw() -> None:
    """Draw the plots of results that are not those of which they were drawn."""
    for name, one in (known := plots()).items():
        if one["checksum"] == checksum(one["result"]):
            continue  # a plot of the same would be another file all the same
        script(result(one["result"])["benchmark"]).plot(result(one["result"])["measured"], DRAWN.parent / name)
        one["checksum"] = checksum(one["result"])
    DRAWN.write_text(json.dumps(known, indent=1) + "\n")


def renewed(text: str, found: list[Mending]) -> str:
    """Return a page with all that can be mended mended."""
    places = [(one.place, one.wanted) for one in found if one.place is not None]
    for (start, stop), wanted in sorted(places, reverse=True):
        text = text[:start] + wanted + text[stop:]
    return text


def main() -> None:
    """Check or renew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="as README.md or docs/speed.md; default: all")
    parser.add_argument("--write", action="store_true", help="renew the pages")
    parser.add_argument("--draw", action="store_true", help="renew the plots")
    args = parser.parse_args()
    if args.draw:
        draw()
    wrong: list[Mending] = []
    for page in args.pages or pages():
        text = (ROOT / page).read_text()
        found = list(faults(page, text))
        if args.write and found:
            (ROOT / page).write_text(renewed(text, found))
            found = [one for one in found if one.place is None]
        wrong += found
    said = [str(one.fault) for one in wrong] + outdated()
    print(*said, sep="\n", end="\n" * bool(said))
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
