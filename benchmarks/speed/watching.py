"""Claim: a page that shows what is learned costs the learner at most a tenth, and the browser neither time nor memory.

    python benchmarks/speed/watching.py [--traces 600000] [--times 8] [--runs 5] [--seconds 600] [--rate 200000]
                                        [--paced 60] [--json OUT] [--markdown OUT]

First, without a limit: ``flexstream learn`` and ``flexstream learn --watch`` in turns on one file, in which the traces
stand so many times over, the latter while somebody asks for news as often as a browser does; then the same from a pipe
into which so many events a second come, for so many seconds.  Ratios are the medians of those of pairs.

Then ``flexstream watch -`` gets so many events a second, while Chromium shows its page (Playwright; both must be
installed): the time from frame to frame, what the page's JavaScript holds after its garbage is collected, and its
nodes, every thirty seconds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream.targets import Recipe, random_pdfa

LEARN = (sys.executable, "-m", "flexstream_cli.main")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]+/")
EVERY = 30.0
"""Seconds between two looks at the browser's memory."""
FRAMES = """() => { window.gaps = []; let last = performance.now();
const next = (now) => { window.gaps.push(now - last); last = now; requestAnimationFrame(next); };
requestAnimationFrame(next); }"""


def lines(traces: int) -> list[str]:
    """Return traces of a random machine of twenty states, one a line."""
    source = random_pdfa(Recipe(states=20, symbols=12, mean_length=15), seed=7)
    return [" ".join(map(str, trace)) + "\n" for trace in source.sample(traces, seed=7)]


def ask(address: str, over: threading.Event) -> None:
    """Ask for news as soon as it may, as a browser does, on one connection."""
    where = urlsplit(address)
    server = HTTPConnection(where.netloc, timeout=5)
    have, pause = {"version": 0, "line": 0, "age": 0, "points": 0}, 0.25
    while not over.wait(pause):
        try:
            server.request("GET", f"{where.path}news?{urlencode(have)}")
            news = json.loads(server.getresponse().read())
        except (OSError, HTTPException):
            return
        have = {"version": news["version"], "age": news["age"], "points": news["first"] + len(news["points"])}
        have["line"] = max([0, *(line[0] for line in news["lines"])])
        pause = max(0.25, news["numbers"].get("again", 0) / 1000)


def run(
    arguments: list[str],
    feeding: Callable[[IO[bytes], threading.Event], None] | None = None,
    seconds: float = 0.0,
) -> dict[str, float]:
    """Learn, from what is fed for so many seconds if it is; return the seconds that it took, those of the processor."""
    started, over, stopped = time.perf_counter(), threading.Event(), threading.Event()
    program = subprocess.Popen(
        [*LEARN, "learn", *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert program.stderr is not None and program.stdin is not None
    others = []
    if "--watch" in arguments:
        found = ADDRESS.search(program.stderr.readline().decode())
        assert found
        others.append(threading.Thread(target=ask, args=(found[0], over)))
    if feeding is not None:
        others.append(threading.Thread(target=feeding, args=(program.stdin, stopped)))
    for one in others:
        one.start()
    time.sleep(seconds)
    stopped.set()
    if feeding is not None:
        others[-1].join()
    program.stdin.close()
    program.stderr.read()
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode == 0
    taken = time.perf_counter() - started
    over.set()
    for one in others:
        one.join()
    program.stderr.close()
    return {"seconds": taken, "cpu": used.ru_utime + used.ru_stime}


def cost(traces: list[str], times: int, runs: int) -> dict[str, Any]:
    """Return what learning takes without a page and with one, as fast as it can."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.txt"
        with path.open("w") as file:
            for _ in range(times):
                file.writelines(traces)
        found = compared(lambda *options: run([str(path), *options]), runs)
    return {"events": times * sum(line.count(" ") + 1 for line in traces), **found}


def paced(traces: list[str], rate: float, seconds: float, runs: int) -> dict[str, Any]:
    """Return the same where so many events a second come."""
    found = compared(
        lambda *options: run(["-", *options], lambda to, over: feed(to, traces, rate, over), seconds), runs
    )
    return {"rate": rate, **found}


def compared(learn: Callable[..., dict[str, float]], runs: int) -> dict[str, Any]:
    """Learn without a page and with one, in turns."""
    pairs = []
    for _ in range(runs):
        pairs.append((learn(), learn("--watch")))
        print(*pairs[-1], flush=True)
    medians = [{key: statistics.median(pair[at][key] for pair in pairs) for key in pairs[0][0]} for at in (0, 1)]
    ratios = {key: statistics.median(other[key] / one[key] for one, other in pairs) for key in pairs[0][0]}
    return {"plain": medians[0], "watched": medians[1], "ratios": ratios}


def feed(to: IO[bytes], traces: list[str], rate: float, over: threading.Event) -> None:
    """Write traces again and again, so many events a second."""
    sizes = [line.count(" ") + 1 for line in traces]
    started, events, at = time.monotonic(), 0, 0
    while not over.is_set():
        part = slice(at, at + 200)
        events += sum(sizes[part])
        to.write("".join(traces[part]).encode())
        to.flush()
        at = (at + 200) % (len(traces) - 200)
        over.wait(max(0.0, started + events / rate - time.monotonic()))


def shown(traces: list[str], rate: float, seconds: float) -> dict[str, Any]:
    """Return what a browser takes to show a stream."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    program = subprocess.Popen(
        [*LEARN, "watch", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert program.stderr is not None
    found = ADDRESS.search(program.stderr.readline().decode())
    assert found
    over = threading.Event()
    feeding = threading.Thread(target=feed, args=(program.stdin, traces, rate, over))
    feeding.start()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(found[0])
        measured = _looked_at(page, seconds)
        with urlopen(f"{found[0]}news", timeout=10) as answer:
            size = len(answer.read())
        browser.close()
    over.set()
    feeding.join()
    program.terminate()
    program.stderr.read()
    program.wait()
    return {"rate": rate, "news_bytes": size, **measured}


def _looked_at(page: Any, seconds: float) -> dict[str, Any]:
    page.wait_for_timeout(5000)  # the first versions
    page.evaluate(FRAMES)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    rows, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        page.wait_for_timeout(min(EVERY, seconds) * 1000)
        gaps = page.evaluate("window.gaps.splice(0)")
        session.send("HeapProfiler.collectGarbage")
        known = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        page.evaluate("window.gaps.length = 0")  # collecting garbage is no frame
        rows.append(
            {
                "worst_frame_ms": max(gaps),
                "frames": len(gaps),
                "late_frames": sum(gap > 200 for gap in gaps),
                "heap": known["JSHeapUsedSize"],
                "nodes": known["Nodes"],
                "events": page.locator("#events").inner_text(),
                "a_second": page.locator("#event-rate").inner_text(),
            }
        )
        print(rows[-1], flush=True)
    frames = sum(row["frames"] for row in rows)
    late = sum(row["late_frames"] for row in rows)
    return {"rows": rows, "frames": frames, "late_frames": late, "growth": rows[-1]["heap"] / rows[0]["heap"]}


def tables(result: Result) -> dict[str, Table]:
    """Return ``cost`` and ``browser``."""
    measured, page = result["measured"], result["measured"]["page"]
    rows = []
    for kind in ("cost", "paced"):
        row = measured.get(kind)
        if row:
            name = f"{row['rate']:,.0f} events a second" if "rate" in row else "as fast as it can"
            numbers = row["plain"]["cpu"], row["watched"]["cpu"], row["ratios"]["cpu"]
            rows.append([name, *(f"{number:.2f}" for number in numbers)])
    found = {"cost": Table(("learning", "s of the processor", "with a page", "ratio"), rows)}
    if page:
        worst = sorted(row["worst_frame_ms"] for row in page["rows"])
        cells = [
            f"{page['rate']:,.0f}",
            f"{page['frames']:,}",
            f"{page['late_frames']}",
            f"{statistics.median(worst):.0f} ms",
            f"{page['rows'][0]['heap'] / 2**20:.1f} MiB",
            f"{page['rows'][-1]['heap'] / 2**20:.1f} MiB",
        ]
        heads = ("events a second", "frames", "above 200 ms", "slowest of 30 s, median", "heap at first", "at last")
        found["browser"] = Table(heads, [cells])
    return found


def main() -> None:
    """Measure both and print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--traces", type=int, default=600_000)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=200_000, help="events a second")
    parser.add_argument("--paced", type=float, default=60, help="seconds of each run with so many events a second")
    args = parser.parse_args()
    traces = lines(args.traces)
    measured: dict[str, Any] = {"cost": cost(traces, args.times, args.runs), "paced": None, "page": None}
    some = traces[:100_000]
    if args.paced:
        measured["paced"] = paced(some, args.rate, args.paced, args.runs)
    if args.seconds:
        measured["page"] = shown(some, args.rate, args.seconds)
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
