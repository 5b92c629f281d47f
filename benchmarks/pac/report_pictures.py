"""Draw what the page of a report shows first, in a browser without a window, and an automaton coloured by trust.

    python benchmarks/pac/report_pictures.py [--folder docs/pictures] [--browser chromium]

Two pages: of traces of one production line, and of a stream in which the line was changed half way.  The colours are
those of few traces of the line, trust.svg.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from flexstream import StreamLearner
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.page import html
from flexstream.pac.report.report import make_report
from flexstream.targets import from_rows, reentrant_line
from flexstream.writers import ViewOptions, write
from flexstream.writers.view_options import Trust

TRACES, FEW = 2000, 150
SIZE = "1000,760"


def lines() -> dict[str, list[list[str]]]:
    """Return the traces of both streams by the name of their picture."""
    line = reentrant_line()
    rows: dict[int, dict[str | None, tuple[float, int]]] = {state: {} for state in range(len(line))}
    for edge in line.transitions():
        rows[edge.source][edge.symbol] = (edge.probability, edge.target)
    for state, stop in enumerate(line.stops.tolist()):
        rows[state][None] = (stop / float(line.visits[state]), state)
    worse = {state: _worse(row) for state, row in rows.items()}
    after = from_rows(worse).sample(TRACES // 2, seed=2)
    return {"report": line.sample(TRACES, seed=1), "report-changed": line.sample(TRACES // 2, seed=1) + after}


def _worse(row: dict[str | None, tuple[float, int]]) -> dict[str | None, tuple[float, int]]:
    """Return a row in which what is seldom has become half as likely again."""
    total = sum(share for share, _ in row.values())
    shares = {symbol: share / total for symbol, (share, _) in row.items()}
    raised = {symbol: share * (1.5 if share < 0.5 else 1.0) for symbol, share in shares.items()}
    whole = sum(raised.values())
    return {symbol: (raised[symbol] / whole, goal) for symbol, (_, goal) in row.items()}


def draw(traces: list[list[str]], picture: Path, browser: str) -> None:
    """Learn, write the page, and let a browser draw its first screen."""
    learner = StreamLearner()
    learner.learn_many(traces)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html(make_report(with_evidence(learner, 1))))
        given = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        asked = [browser, *given, f"--window-size={SIZE}", f"--screenshot={picture}", page.as_uri()]
        subprocess.run(asked, check=True, capture_output=True, timeout=120)


def colours(picture: Path) -> None:
    """Draw an automaton of few traces, coloured by how sure the report is of what each state does next."""
    learner = StreamLearner()
    learner.learn_many(reentrant_line().sample(FEW, seed=1))
    learned = with_evidence(learner, 1)
    trust = Trust.of(make_report(learned))
    picture.write_text(str(write(learned, "svg", ViewOptions(colour="trust", trust=trust))))


def main() -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--browser", default="chromium")
    args = parser.parse_args()
    colours(args.folder / "trust.svg")
    for name, traces in lines().items():
        picture = args.folder.resolve() / f"{name}.png"
        draw(traces, picture, args.browser)
        print(picture, file=sys.stderr)


if __name__ == "__main__":
    main()
