"""Claim: a page that shows what is learned costs the learner at most a tenth, and the browser neither time nor memory.

    python benchmarks/speed/watching.py [--traces 1000000] [--runs 5] [--seconds 600] [--rate 200000]
                                        [--json OUT] [--markdown OUT]

First, without a limit: ``flexstream learn`` and ``flexstream learn --watch`` in turns on one file, the latter while
somebody asks for news as often as a browser does.  Ratios are of the medians.

Then ``flexstream watch -`` gets so many events a second, while Chromium shows its page (Playwright; both must be
installed): the time from frame to frame, what the page's JavaScript holds after its garbage is collected, and its
nodes, every thirty seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
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
    """Ask for news four times a second, as a browser does."""
    while not over.wait(0.25):
        try:
            with urlopen(f"{address}news?version=1&line=1&age=0&points=100", timeout=5) as answer:
                answer.read()
        except OSError:
            return


def run(path: Path, *options: str) -> dict[str, float]:
    """Learn from a file; return the seconds that it took, and those of the processor."""
    started, over = time.perf_counter(), threading.Event()
    program = subprocess.Popen(
        [*LEARN, "learn", str(path), *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert program.stderr is not None
    asking = None
    if options:
        found = ADDRESS.search(program.stderr.readline().decode())
        assert found
        asking = threading.Thread(target=ask, args=(found[0], over))
        asking.start()
    program.stderr.read()
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode == 0
    seconds = time.perf_counter() - started
    over.set()
    if asking is not None:
        asking.join()
    program.stderr.close()
    return {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime}


def cost(traces: list[str], runs: int) -> dict[str, Any]:
    """Return what learning takes without a page and with one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.txt"
        path.write_text("".join(traces))
        plain, watched = [], []
        for _ in range(runs):
            plain.append(run(path))
            watched.append(run(path, "--watch"))
            print(plain[-1], watched[-1], flush=True)
    medians = {
        name: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for name, rows in (("plain", plain), ("watched", watched))
    }
    ratios = {key: medians["watched"][key] / medians["plain"][key] for key in medians["plain"]}
    return {"events": sum(line.count(" ") + 1 for line in traces), **medians, "ratios": ratios}


def feed(program: subprocess.Popen[bytes], traces: list[str], rate: float, over: threading.Event) -> None:
    """Write traces again and again, so many events a second."""
    assert program.stdin is not None
    sizes = [line.count(" ") + 1 for line in traces]
    started, events, at = time.monotonic(), 0, 0
    while not over.is_set():
        part = slice(at, at + 200)
        events += sum(sizes[part])
        program.stdin.write("".join(traces[part]).encode())
        program.stdin.flush()
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
    feeding = threading.Thread(target=feed, args=(program, traces, rate, over))
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
    cost, page = result["measured"]["cost"], result["measured"]["page"]
    kinds = (("without a page", cost["plain"]), ("with a page", cost["watched"]))
    rows = [[name, *(f"{row[key]:.2f}" for key in ("cpu", "seconds"))] for name, row in kinds]
    rows.append(["ratio", *(f"{cost['ratios'][key]:.3f}" for key in ("cpu", "seconds"))])
    found = {"cost": Table(("learning", "seconds of the processor", "seconds"), rows)}
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
    parser.add_argument("--traces", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=200_000, help="events a second")
    args = parser.parse_args()
    traces = lines(args.traces)
    measured = {"cost": cost(traces, args.runs), "page": None}
    if args.seconds:
        measured["page"] = shown(traces[:100_000], args.rate, args.seconds)
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
