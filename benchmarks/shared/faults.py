"""Faults planted at random: which places of a source could hold one, and what it looks like there.

The operators are those of Cosmic Ray (another operator, a number off by one, ``not`` added or gone, a loop that does
not run, ...).  A place is chosen by a hash of the seed and of the line it stands in, so that a change of one file
leaves the choice in all others as it is.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# Identity for equality changes nothing or is a warning of the compiler; the last two need variables named to them.
_LEFT_OUT = re.compile(r"Comparison.*(Eq|Lt|LtE|Gt|GtE)_Is(Not)?$|_Is_Eq$|_IsNot_NotEq$|/Variable|/NoOp")
_TYPE_CHECKING = re.compile(r"^if TYPE_CHECKING:\n(?: .*\n|\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One fault: where it stands, the lines before and after, and the whole source with it."""

    path: str
    line: int
    before: str
    after: str
    operator: str
    source: str

    @property
    def key(self) -> str:
        """Name the fault, whatever stands around it."""
        return f"{self.path}: {self.before} -> {self.after}"

    @property
    def digest(self) -> str:
        """Name the fault together with the whole source around it."""
        return _hash(self.path, self.source)


@dataclass(frozen=True)
class _Place:
    path: str
    line: int
    rank: str
    choices: tuple[tuple[str, int], ...]  # operator, occurrence


def plant(root: Path, paths: list[str], number: int, seed: int) -> list[Fault]:
    """Return so many faults, chosen among all places of all sources, at most one a place."""
    places = [place for path in paths for place in _places(root, path, seed)]
    faults: list[Fault] = []
    for place in sorted(places, key=lambda place: place.rank):
        if len(faults) == number:
            break
        fault = _fault_at(root, place, seed)
        if fault is not None:
            faults.append(fault)
    return faults


def _places(root: Path, path: str, seed: int) -> Iterator[_Place]:
    """Yield every place of a source that an operator could change, with the operators that could."""
    source = (root / path).read_text(encoding="utf-8")
    lines, choices = source.splitlines(), dict[tuple[int, int, str], list[tuple[str, int]]]()
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        if _LEFT_OUT.search(name):
            continue
        operator, occurrence = get_operator(name)(), 0
        for node in nodes:
            for (line, column), _ in operator.mutation_positions(node):
                choices.setdefault((line, column, _family(name)), []).append((name, occurrence))
                occurrence += 1
    twins: Counter[tuple[str, int, str]] = Counter()  # of equal lines, each has a rank of its own
    for (line, column, family), found in sorted(choices.items()):
        twin = (lines[line - 1], column, family)
        twins[twin] += 1
        rank = _hash(seed, path, *twin, twins[twin])
        yield _Place(path, line, rank, tuple(found))


def _fault_at(root: Path, place: _Place, seed: int) -> Fault | None:
    """Return the fault of one place by one of its operators, None if it would not be one."""
    source = (root / place.path).read_text(encoding="utf-8")
    name, occurrence = min(
        place.choices, key=lambda choice: _hash(seed, place.rank, choice[0], place.choices.index(choice))
    )
    mutated = mutate_code(source, get_operator(name)(), occurrence)
    if mutated is None or _meaning(mutated) in (None, _meaning(source)):
        return None
    before, after = _changed_lines(source, mutated)
    return Fault(place.path, place.line, before, after, name.removeprefix("core/"), mutated)


def _changed_lines(source: str, mutated: str) -> tuple[str, str]:
    one, other = source.splitlines(), mutated.splitlines()
    top = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    end = next((i for i, (a, b) in enumerate(zip(one[::-1], other[::-1], strict=False)) if a != b), 0)
    return tuple(" ".join(" ".join(lines[top : max(top + 1, len(lines) - end)]).split()) for lines in (one, other))  # type: ignore[return-value]


def _family(name: str) -> str:
    """Return what an operator replaces: of the ten ways to replace a plus, only one is chosen."""
    return re.split(r"_|/", name)[1]


def _meaning(source: str) -> str | None:
    """Return what a source says without annotations and docstrings, None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_TYPE_CHECKING.sub("", source))
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return ast.dump(tree)


def _hash(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]
