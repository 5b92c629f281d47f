"""Claim: what the live page is made of is smaller than libraries that were tried, and lets more stay in its place.

    python benchmarks/speed/page_parts.py [--node FOLDER] [--answers 1000] [--json OUT] [--markdown OUT]

Servers: each answers one client with as many bytes as there are news on the page, one request after the other over one
connection; websockets sends them as messages.  Told are the processor seconds to import it, the size of what it brings
along, and processor milliseconds an answer.  Those that are not installed are left out.

Layouts: an automaton of 60 states drawn with 20, then with 21 of them.  Told are the milliseconds that the second
picture takes, how far the states of the first moved, as a share of its diagonal, how many pairs of boxes lie on each
other, and the bytes that a browser would have to load.  FOLDER is where ``npm install elkjs cytoscape d3-force`` was
run; without it dot and flexstream's own are tried.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import math
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection
from itertools import combinations
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream.live.steady import Placing
from flexstream.targets import Recipe, random_pdfa
from flexstream.writers import View, ViewOptions
from flexstream.writers.figure import figure_of
from flexstream.writers.geometry import size_of

NEWS = 48_000
"""Bytes of an answer, as the page's news of twenty states have."""
SERVERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "http.server": (
        (),
        "from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer",
        """
class Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", str(len(news))); self.end_headers()
        self.wfile.write(news)
    def log_message(self, *_): pass
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
""",
    ),
    "aiohttp": (
        ("aiohttp", "aiosignal", "frozenlist", "multidict", "yarl", "propcache", "attrs", "idna", "aiohappyeyeballs"),
        "from aiohttp import web",
        """
async def answer(request): return web.Response(body=news)
app = web.Application(); app.router.add_get("/news", answer)
web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)
""",
    ),
    "Starlette with uvicorn": (
        ("starlette", "uvicorn", "anyio", "idna", "h11", "click"),
        "import uvicorn; from starlette.applications import Starlette; from starlette.responses import Response; "
        "from starlette.routing import Route",
        """
async def answer(request): return Response(news)
uvicorn.run(Starlette(routes=[Route("/news", answer)]), host="127.0.0.1", port=port, log_level="critical")
""",
    ),
    "websockets": (
        ("websockets",),
        "from websockets.sync.server import serve",
        """
def answer(connection):
    for _ in connection: connection.send(news)
serve(answer, "127.0.0.1", port, compression=None).serve_forever()
""",
    ),
}
"""By name: what it brings along, its import, and the program that answers."""
LIBRARIES = Path(__file__).with_name("page_layouts.cjs")
LOADED = {
    "elkjs": ("elkjs/lib/elk.bundled.js",),
    "cytoscape": ("cytoscape/dist/cytoscape.min.js",),
    "d3-force": (
        "d3-force/dist/d3-force.min.js",
        "d3-quadtree/dist/d3-quadtree.min.js",
        "d3-dispatch/dist/d3-dispatch.min.js",
        "d3-timer/dist/d3-timer.min.js",
    ),
}
Points = dict[str, tuple[float, float]]
Picture = tuple[list[tuple[str, float, float]], list[tuple[str, str]]]
"""Boxes with their widths and heights, and arrows."""


# --- servers


def processor(*command: str) -> float:
    """Return the processor seconds of a command."""
    before, _ = (resource.getrusage(resource.RUSAGE_CHILDREN), subprocess.run(command, check=True))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def importing(words: str) -> float:
    """Return the processor seconds that an import takes beside Python's own start, of seven the median."""
    runs = [processor(sys.executable, "-c", words) - processor(sys.executable, "-c", "pass") for _ in range(7)]
    return statistics.median(runs)


def installed(packages: tuple[str, ...]) -> int:
    """Return the bytes of what some packages bring along."""
    found = 0
    for package in packages:
        files = importlib.metadata.files(package) or []
        found += sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())
    return found


def asking(name: str, port: int, answers: int) -> None:
    """Ask for news, so many times."""
    if name == "websockets":
        from websockets.sync.client import connect

        with connect(f"ws://127.0.0.1:{port}/", compression=None, max_size=None) as socket_:
            for _ in range(answers):
                socket_.send("?")
                assert len(socket_.recv()) == NEWS
        return
    connection = HTTPConnection("127.0.0.1", port)
    for _ in range(answers):
        connection.request("GET", "/news")
        assert len(connection.getresponse().read()) == NEWS
    connection.close()


def reached(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("no server came")


def answering(name: str, words: str, program: str, answers: int) -> float:
    """Return the processor milliseconds that a server takes for an answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = f"port, news = {port}, b'n' * {NEWS}\n{words}\n{program}"
    used = []
    for times in (10, 10 + answers):
        server = subprocess.Popen([sys.executable, "-c", told], stderr=subprocess.DEVNULL)
        reached(port)
        asking(name, port, times)
        server.terminate()
        _, _, usage = os.wait4(server.pid, 0)
        server.returncode = 0
        used.append(usage.ru_utime + usage.ru_stime)
    return 1000 * (used[1] - used[0]) / answers


def servers(answers: int) -> list[dict[str, Any]]:
    """Return a row for each server that is installed."""
    rows = []
    for name, (packages, words, program) in SERVERS.items():
        if all(importlib.util.find_spec(package) for package in packages):
            row = {"seconds": importing(words), "bytes": installed(packages), "packages": len(packages)}
            rows.append({"name": name, **row, "answer_ms": answering(name, words, program, answers)})
            print(rows[-1], flush=True)
    return rows


# --- layouts


def figures() -> list[Any]:
    """Return two pictures, the second of one state more."""
    target = random_pdfa(Recipe(states=60, symbols=12, symbol_sparsity=0.3, mean_length=12), seed=5).to_pdfa()
    return [figure_of(View.picture(target, ViewOptions(max_states=states))) for states in (20, 21)]


def picture(figure: Any) -> Picture:
    """Return what a layout has to know."""
    boxes = [(box.id, *size_of(box)) for box in figure.boxes]
    return boxes, [(arrow.source, arrow.target) for arrow in figure.arrows]


def by_placing(drawings: list[Any]) -> tuple[list[Points], list[float]]:
    """Return places by flexstream, and milliseconds."""
    placing, found, times = Placing(), [], []
    for drawing in drawings:
        began = time.perf_counter()
        layout = placing.layout(drawing, lambda box: box)
        times.append(1000 * (time.perf_counter() - began))
        found.append({place.box.id: (place.x, place.y) for place in layout.places})
    return found, times


def by_dot(pictures: list[Picture]) -> tuple[list[Points], list[float]]:
    """Return places by Graphviz, and milliseconds."""
    found, times = [], []
    for boxes, arrows in pictures:
        lines = [f'{name} [shape=box fixedsize=true width={w / 72} height={h / 72} label=""];' for name, w, h in boxes]
        lines += [f"{source} -> {target};" for source, target in arrows]
        began = time.perf_counter()
        said = subprocess.run(
            ["dot", "-Tplain"], input=f"digraph {{{''.join(lines)}}}", capture_output=True, text=True, check=True
        ).stdout
        times.append(1000 * (time.perf_counter() - began))
        rows = [line.split() for line in said.splitlines() if line.startswith("node ")]
        found.append({row[1]: (72 * float(row[2]), -72 * float(row[3])) for row in rows})
    return found, times


def by_node(kind: str, folder: Path, pictures: list[Picture]) -> tuple[list[Points], list[float]]:
    """Return places by a library of JavaScript, and milliseconds."""
    told = json.dumps({"pictures": pictures})
    command = ["node", str(LIBRARIES), kind, str(folder.resolve())]
    said = subprocess.run(command, input=told, capture_output=True, text=True, check=True, timeout=60).stdout
    answer = json.loads(said)
    return [{name: (x, y) for name, x, y in rows} for rows in answer["found"]], answer["times"]


def judged(name: str, found: list[Points], times: list[float], boxes: list[Any], loaded: int) -> dict[str, Any]:
    """Return a row of the table."""
    first, second = found
    stay = [name for name in first if name in second and name.startswith("q")]
    diagonal = math.dist(
        *((edge(x for x, _ in first.values()), edge(y for _, y in first.values())) for edge in (min, max))
    )
    # Where all has moved alike nobody loses his way: only what is left of that counts.
    shift = [statistics.median(second[one][axis] - first[one][axis] for one in stay) for axis in (0, 1)]
    moves = [math.dist(first[one], (second[one][0] - shift[0], second[one][1] - shift[1])) for one in stay]
    sizes = {one: (width, height) for one, width, height in boxes}
    pairs = combinations([one for one in second if one in sizes], 2)
    upon = sum(
        all(abs(second[a][axis] - second[b][axis]) < (sizes[a][axis] + sizes[b][axis]) / 2 - 1 for axis in (0, 1))
        for a, b in pairs
    )
    return {
        "name": name,
        "ms": times[1],
        "moved": statistics.fmean(moves) / diagonal,
        "most_moved": max(moves) / diagonal,
        "overlapping": upon,
        "loaded": loaded,
    }


def layouts(folder: Path | None) -> list[dict[str, Any]]:
    """Return a row for each layout that can be tried."""
    drawings = figures()
    pictures = [picture(drawing) for drawing in drawings]
    boxes = pictures[1][0]
    by_placing(drawings)  # loads what it needs
    rows = [judged("flexstream", *by_placing(drawings), boxes, 0)]
    if shutil.which("dot"):
        rows.append(judged("dot", *by_dot(pictures), boxes, 0))
    for kind, files in LOADED.items() if folder else ():
        loaded = sum((folder / "node_modules" / file).stat().st_size for file in files)
        rows.append(judged(kind, *by_node(kind, folder, pictures), boxes, loaded))
    return rows


def tables(result: Result) -> dict[str, Table]:
    """Return ``servers`` and ``layouts``."""
    ours, *_ = result["measured"]["servers"]
    rows = [
        [
            row["name"],
            f"{row['packages']}",
            f"{row['bytes'] / 2**20:.1f}",
            f"{row['seconds'] / ours['seconds']:.1f}",
            f"{row['answer_ms'] / ours['answer_ms']:.2f}",
        ]
        for row in result["measured"]["servers"]
    ]
    own, *_ = result["measured"]["layouts"]
    drawn = [
        [
            row["name"],
            f"{row['loaded'] / 1024:,.0f}",
            f"{row['ms'] / own['ms']:.1f}",
            f"{100 * row['moved']:.1f} %",
            f"{100 * row['most_moved']:.1f} %",
            f"{row['overlapping']}",
        ]
        for row in result["measured"]["layouts"]
    ]
    return {
        "servers": Table(("server", "packages", "MiB", "start, of ours", "answer, of ours"), rows),
        "layouts": Table(("layout", "KiB to load", "time, of ours", "moved, mean", "at most", "overlapping"), drawn),
    }


def main() -> None:
    """Try and print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--node", type=Path, metavar="FOLDER")
    parser.add_argument("--answers", type=int, default=1000)
    args = parser.parse_args()
    finish(__file__, args, {"servers": servers(args.answers), "layouts": layouts(args.node)}, tables)


if __name__ == "__main__":
    main()
