"""``flexstream demo``: from a stream to an automaton, its picture and its numbers, with the truth beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import announce_compilation, put, say

if TYPE_CHECKING:
    from flexstream.automaton import PDFA

CHECKED = 2000


@click.command(short_help="See it work: a production line turns into a state machine.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="demo-out", show_default=True)
@click.option("-n", "number", type=click.IntRange(1), default=5000, show_default=True, help="Lots to watch.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def demo(out: Path, number: int, seed: int) -> None:
    """Watch lots pass through a re-entrant production line, learn its state machine, and compare it with the truth.

    Writes lots.txt, model.json, automaton.dot and, where Graphviz is installed, automaton.svg.
    """
    from flexstream.errors import MissingProgramError
    from flexstream.readers import read_batches
    from flexstream.targets import reentrant_line
    from flexstream.writers import write

    announce_compilation()
    from flexstream.learner import StreamLearner

    out.mkdir(parents=True, exist_ok=True)
    truth = reentrant_line()
    put(str(out / "lots.txt"), "".join(" ".join(lot) + "\n" for lot in truth.sample(number, seed)))
    learner = StreamLearner()
    for batch in read_batches(out / "lots.txt", learner.alphabet):
        learner.learn_many(batch)
    automaton = learner.automaton
    put(str(out / "model.json"), automaton.to_json())
    put(str(out / "automaton.dot"), write(automaton, "dot"))
    try:
        put(str(out / "automaton.svg"), write(automaton, "svg"))
    except MissingProgramError as error:
        say(str(error))
    put("-", _report(automaton, truth, truth.sample(CHECKED, seed + 1), out) + "\n")


def _report(automaton: PDFA, truth: PDFA, fresh: list[list[str]], out: Path) -> str:
    """Say what was found and how far it is from the truth."""
    from flexstream.comparison import largest_difference

    from .show import table

    difference = largest_difference(automaton, truth)
    verdict = (
        f"the structure differs: {len(automaton)} states against {len(truth)}"
        if difference is None
        else f"the same {len(truth)} states and transitions; no probability is off by more than {difference:.3f}"
    )
    own, learned = (_bits(model, fresh) for model in (truth, automaton))
    names = ", ".join(sorted(path.name for path in out.iterdir()))
    return (
        f"{table(automaton)}\n"
        f"Against the line that made the events: {verdict}.\n"
        f"On {len(fresh):,} fresh lots: {learned:.4f} bits an event, {own:.4f} at best.\n"
        f"In {out}/: {names}\n\n"
        f"Next: flexstream learn YOUR.log --svg picture.svg"
    )


def _bits(automaton: PDFA, traces: list[list[str]]) -> float:
    """Return the mean surprise per event, the end counting as one."""
    return -sum(automaton.log2_prob(trace) for trace in traces) / sum(len(trace) + 1 for trace in traces)
