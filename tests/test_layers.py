"""The rooms of the library: arrows between them go down only, there is no circle, files and functions stay short.

All of it is computed from the code.  An arrow is an import anywhere in a module, inside functions too; what stands
under ``if TYPE_CHECKING`` is no arrow, since it is gone at run time.  The places of a `Registry` are arrows: they are
imports that happen later.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEVELS = (
    (
        *(
            "errors",
            "arguments",
            "endings",
            "classes",
            "files",
            "container",
            "generations",
            "budget",
            "defaults",
            "display",
            "ordered",
            "own_files",
            "pages",
            "patterns",
            "registry",
        ),
        *("json_text", "saved", "temporaries", "tuples", "version", "visible"),
    ),
    ("_kernels",),
    ("stream",),
    ("readers",),
    ("summary", "automata"),
    ("merging",),
    ("learning",),
    ("writers", "targets"),
    ("pac", "fab", "distributed"),
    ("verdict", "difference", "explanation"),
    ("monitoring",),
    ("explorer", "live"),
    ("calls", "notebook", "verification"),
    ("flexstream",),  # the package itself: the public names
    ("flexstream_cli", "benchmarks"),
)
"""The rooms from the ground up. A room imports from lower levels, not from neighbours; the ground is one room."""
RANKS = {room: rank for rank, level in enumerate(LEVELS) for room in level}
LONGEST_FILE, LONGEST_FUNCTION, LONG_FUNCTIONS = 400, 40, 4
NAMESAKES = {
    "search": "compiled loops are named after the module that they serve",
    "futures": "compiled loops are named after the module that they serve",
    "spacesaving": "compiled loops are named after the module that they serve",
    "adwin": "compiled loops are named after the module that they serve",
    "softening": "compiled loops are named after the module that they serve",
    "timed": "compiled loops are named after the module that they serve",
    "columns": "of a prefix tree, and of what is handed to compiled loops in general",
    "events": "of a log that is read, and of the simulated fab: the folder says whose",
    "evidence": "the heuristic's name is the user's word; the report's is the key in a model file",
    "graph": "an automaton as a networkx graph, and the formats that write such a graph",
    "pautomac": "the competition's format, read and written",
}
"""Names that two modules share by design, and the reason."""

Arrows = dict[str, set[str]]


# --- From files to arrows


def modules(packages: Mapping[str, Path]) -> dict[str, Path]:
    """Return the files of packages by the full name of the module."""
    found = {}
    for package, folder in packages.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join([package, *(part for part in parts if part != "__init__")])] = path
    return found


def arrows(files: Mapping[str, Path]) -> Arrows:
    """Return which modules each module imports, out of those given."""
    return {module: set(_imports(module, path, files)) - {module} for module, path in files.items()}


def _imports(module: str, path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in _importing(path):
        for name in _named(node, module, package):
            if known := _nearest(name, files):
                yield known


@functools.cache
def _importing(path: Path) -> list[ast.AST]:
    """Return what may import something at run time."""
    kinds = ast.Import, ast.ImportFrom, ast.Call
    return [node for node in _at_run_time(ast.parse(path.read_text())) if isinstance(node, kinds)]


def _at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, leaving out what stands under ``if TYPE_CHECKING``."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _at_run_time(other)
        else:
            yield from _at_run_time(child)


def _named(node: ast.AST, module: str, package: str) -> list[str]:
    """Return the full names that a node imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Registry" and isinstance(node.args[2], ast.Dict):
        within = ast.unparse(node.args[0]).removeprefix("f").strip("'").replace("{__name__}", "__name__")
        places = [ast.literal_eval(value) for value in node.args[2].values]
        return [f"{within.replace('__name__', module)}.{place}" for place in places]
    return []


def _nearest(name: str, files: Mapping[str, Path]) -> str | None:
    """Return the module that a name is, or stands in."""
    while name and name not in files:
        name = name.rpartition(".")[0]
    return name or None


# --- What must hold of arrows


def room(module: str) -> str:
    """Return the room of a module of the library; other packages are rooms as a whole."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] or package if package == "flexstream" else package


def wrong_arrows(graph: Arrows) -> list[str]:
    """Return the arrows between rooms that do not go down, and the rooms without a level."""
    wrong = [f"{name} has no level in LEVELS" for name in sorted({room(module) for module in graph} - set(RANKS))]
    for module, targets in sorted(graph.items()):
        for target in sorted(targets):
            here, there = RANKS.get(room(module), -1), RANKS.get(room(target), -1)
            if room(module) != room(target) and 0 <= here <= there and there > 0:
                wrong.append(f"{module} -> {target}")
    return wrong


def circles(graph: Arrows) -> list[list[str]]:
    """Return the groups of nodes from each of which one comes back to it."""
    reach = {node: _reached(graph, node) for node in graph}
    found = {tuple(sorted(other for other in reach[node] if node in reach[other])) for node in graph}
    return [list(circle) for circle in sorted(found) if len(circle) > 1]


def _reached(graph: Arrows, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def between_children(graph: Arrows, package: str) -> Arrows:
    """Return the arrows between what lies directly in a package: sub-packages as a whole, and its own modules."""
    depth = package.count(".") + 2
    children: Arrows = defaultdict(set)
    for module, targets in graph.items():
        inside = {target for target in targets if f"{target}.".startswith(f"{package}.")}
        if f"{module}.".startswith(f"{package}."):
            here = ".".join(module.split(".")[:depth])
            children[here] |= {".".join(target.split(".")[:depth]) for target in inside} - {here}
    return dict(children)


def told(circle: Iterable[str], graph: Arrows) -> str:
    """Return the arrows within a circle, one a line."""
    inside = set(circle)
    return "\n".join(f"  {node} -> {target}" for node in sorted(inside) for target in sorted(graph[node] & inside))


# --- This library


FILES = modules({"flexstream": ROOT / "flexstream", "flexstream_cli": ROOT / "cli"})
LIBRARY = {module: path for module, path in FILES.items() if module.partition(".")[0] == "flexstream"}
PACKAGES = sorted(module for module, path in FILES.items() if path.name == "__init__.py")


@functools.cache
def graph_of_all() -> Arrows:
    """Return the arrows of the library and the command line; not before a test asks, as each process collects all."""
    return arrows(FILES)


def test_arrows_between_rooms_go_down() -> None:
    wrong = wrong_arrows(graph_of_all())
    assert not wrong, "these go up or sideways:\n" + "\n".join(wrong)


def test_no_circle_between_modules() -> None:
    graph = graph_of_all()
    for circle in circles(graph):
        pytest.fail("a circle of imports:\n" + told(circle, graph))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_between_what_lies_in_a_package(package: str) -> None:
    inside = between_children(graph_of_all(), package)
    for circle in circles(inside):
        pytest.fail(f"a circle within {package}:\n" + told(circle, inside))


def test_nobody_imports_the_benchmarks() -> None:
    files = FILES | modules({"benchmarks": ROOT / "benchmarks"})
    graph = arrows(files)
    assert [module for module in FILES for target in graph[module] if target.startswith("benchmarks")] == []


def test_files_are_short() -> None:
    lengths = {module: len(path.read_text().splitlines()) for module, path in LIBRARY.items()}
    assert {module: length for module, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = [name for module, path in LIBRARY.items() for name in long_functions(module, path)]
    assert len(long) <= LONG_FUNCTIONS, "\n".join(long)


def long_functions(module: str, path: Path) -> list[str]:
    """Return the functions with more lines than are good, their docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            words = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) is not None else 0
            lines = (node.end_lineno or 0) - node.lineno + 1 - words
            found += [f"{module}.{node.name}: {lines} lines"] if lines > LONGEST_FUNCTION else []
    return found


def test_names_are_shared_by_design_only() -> None:
    assert sorted(shared_names(LIBRARY)) == sorted(NAMESAKES), shared_names(LIBRARY)


def shared_names(files: Mapping[str, Path]) -> dict[str, list[str]]:
    """Return the names that more than one module has; packages, whose names stand in the path, do not count."""
    homes: dict[str, list[str]] = defaultdict(list)
    for module, path in files.items():
        if path.name != "__init__.py":
            homes[path.stem].append(module)
    return {name: places for name, places in homes.items() if len(places) > 1}


# --- The tests can fail: a small package with one fault of each kind


HOUSE = {
    "__init__.py": "",
    "errors.py": "",
    "stream/__init__.py": "",
    "stream/batch.py": "from ..errors import Error\n",
    "readers/__init__.py": "FORMATS = Registry(f'{__name__}.formats', 'format', {'csv': 'csv.FORMAT'})\n",
    "readers/formats/__init__.py": "",
    "readers/formats/csv.py": "from ...stream import batch\nfrom ..parsing.split import split\n",
    "readers/parsing/__init__.py": "",
    "readers/parsing/split.py": "from ...stream.batch import TraceBatch\n",
}
FAULTS = {
    "up": ("stream/batch.py", "from ..readers.parsing import split\n"),
    "up within a function": ("stream/batch.py", "def late():\n    import flexstream.readers.parsing.split\n"),
    "up by a registry": ("stream/batch.py", "A = Registry('flexstream.readers', 'x', {'a': 'parsing.split.A'})\n"),
    "the package itself": ("stream/batch.py", "from .. import errors, __version__\n"),
    "a room without a level": ("cellar/wine.py", ""),
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name, text in HOUSE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def graph_of(house: Path) -> Arrows:
    return arrows(modules({"flexstream": house}))


def plant(house: Path, name: str, text: str) -> None:
    (house / name).parent.mkdir(exist_ok=True)
    with (house / name).open("a") as file:
        file.write(text)


def test_a_sound_house_passes(house: Path) -> None:
    plant(house, "stream/batch.py", "if TYPE_CHECKING:\n    from ..readers.parsing import split\n")
    graph = graph_of(house)
    assert graph["flexstream.readers"] == {"flexstream.readers.formats.csv"}
    assert wrong_arrows(graph) == []
    assert circles(graph) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_arrow_is_named(house: Path, fault: str) -> None:
    plant(house, *FAULTS[fault])
    (wrong,) = wrong_arrows(graph_of(house))
    assert wrong in {
        "flexstream.stream.batch -> flexstream.readers.parsing.split",
        "flexstream.stream.batch -> flexstream",
        "cellar has no level in LEVELS",
    }


def test_a_circle_is_named(house: Path) -> None:
    plant(house, "readers/parsing/split.py", "def late():\n    from ..formats import csv\n")
    graph = graph_of(house)
    assert circles(graph) == [["flexstream.readers.formats.csv", "flexstream.readers.parsing.split"]]
    inside = between_children(graph, "flexstream.readers")
    assert circles(inside) == [["flexstream.readers.formats", "flexstream.readers.parsing"]]
    assert "flexstream.readers.parsing -> flexstream.readers.formats" in told(circles(inside)[0], inside)


def test_a_circle_of_packages_needs_none_of_modules(house: Path) -> None:
    plant(house, "readers/parsing/other.py", "from ..formats import csv\n")
    graph = graph_of(house)
    assert circles(graph) == []
    assert circles(between_children(graph, "flexstream.readers")) != []


def test_long_functions_and_shared_names_are_named(house: Path) -> None:
    plant(house, "stream/split.py", "def long():\n" + "    pass\n" * LONGEST_FUNCTION)
    files = modules({"flexstream": house})
    assert long_functions("split", files["flexstream.stream.split"]) == ["split.long: 41 lines"]
    assert sorted(shared_names(files)["split"]) == ["flexstream.readers.parsing.split", "flexstream.stream.split"]
