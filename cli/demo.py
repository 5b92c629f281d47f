"""``flexstream demo``: from a factory's stream to its state machines and their pictures, with the truth beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import given_options, put, say
from .paths import check_default

if TYPE_CHECKING:
    from flexstream.automata.pdfa import PDFA
    from flexstream.fab.agreement import Agreement
    from flexstream.fab.plant import Plant

LENGTH = 30
"""Events up to which the learned language is compared with the true one."""


@click.command(short_help="See it work: a simulated fab turns into state machines.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="demo-out", show_default=True)
@click.option("--weeks", type=click.FloatRange(1), default=20, show_default=True, help="How long to watch the fab.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def demo(out: Path, weeks: float, seed: int) -> None:
    """Watch a simulated semiconductor line, learn how its lots and machines behave, and compare with the truth.

    The truth is the state machine that the simulator follows. Its language is compared as far as this run went through
    it; its probabilities are those of another run, with the next seed, which nothing was learned from.

    Writes the stream of the lots (lots.jsonl) and, for the lots and each class of machines, the model, its DOT text,
    its picture and a page to explore it in, and a page of all of them (index.html).
    """
    from flexstream.fab.agreement import compare

    from .show import table

    if "out" not in given_options():
        check_default(out, "demo", f"--out and another folder, or --out {out} to write into it")
    out.mkdir(parents=True, exist_ok=True)
    say(f"watching five machines for {weeks:g} weeks ...")
    learned, truth, plant = _watch(out, weeks, seed)
    other = _count(weeks, seed + 1)
    put("-", f"{table(learned['lot'])}\n")
    verdicts = {}
    for name, automaton in learned.items():
        _write(out, _file(name), automaton)
        language, shares = (compare(automaton, true[name], LENGTH) for true in (truth, other))
        verdicts[name] = _verdict(name, automaton, truth[name], language.difference, shares)
        put("-", verdicts[name] + "\n")
    _write_page(out, learned, verdicts, plant)
    put("-", _closing(plant, out))


def _watch(out: Path, weeks: float, seed: int) -> tuple[dict[str, PDFA], dict[str, PDFA], Plant]:
    """Run the fab once; learn its lots and each class of machines from the stream, beside it count the truth."""
    from flexstream.fab.log.output import line
    from flexstream.fab.log.views import View, ViewOptions, whole_cases
    from flexstream.fab.parameters import WEEK, Parameters
    from flexstream.fab.plant import Plant
    from flexstream.fab.truth import Truth
    from flexstream.learning.learner import StreamLearner

    parameters = Parameters()
    truth = Truth(parameters)
    plant = Plant(parameters, seed, [truth.watch])
    log = list(plant.events(weeks * WEEK))
    learned, lines = {}, []
    for name in ("lot", *parameters.machines):
        view = View(ViewOptions(*(("lot", "") if name == "lot" else ("machine", name))), parameters)
        seen = list(whole_cases(view.over(log)))
        if name == "lot":
            lines = [line(one.event, one.case, one.activity) for one in seen]
        learner = StreamLearner()
        learner.learn_many(_traces((one.case, one.activity) for one in seen))
        learned[name] = learner.automaton
    put(str(out / "lots.jsonl"), "".join(lines))
    return learned, truth.automata(), plant


def _count(weeks: float, seed: int) -> dict[str, PDFA]:
    """Return the true state machines with the counts of a run of their own."""
    from flexstream.fab.parameters import WEEK, Parameters
    from flexstream.fab.plant import Plant
    from flexstream.fab.truth import Truth

    truth = Truth(Parameters())
    Plant(Parameters(), seed, [truth.watch]).run(weeks * WEEK)
    return truth.automata()


def _traces(pairs: Iterable[tuple[str, str]]) -> Iterator[list[str]]:
    cases: dict[str, list[str]] = {}
    for case, activity in pairs:
        cases.setdefault(case, []).append(activity)
    yield from cases.values()


def _write(out: Path, name: str, automaton: PDFA) -> None:
    """Write a model and its pictures."""
    from flexstream.writers import write

    put(str(out / f"{name}.json"), automaton.to_json())
    put(str(out / f"{name}.dot"), write(automaton, "dot"))
    put(str(out / f"{name}.svg"), write(automaton, "svg"))


def _file(name: str) -> str:
    return "lots" if name == "lot" else name


def _write_page(out: Path, learned: dict[str, PDFA], verdicts: dict[str, str], plant: Plant) -> None:
    """Write a page of the lots and all classes of machines, and one for each to explore it in."""
    from flexstream.explorer import Part, explorer_page, overview_page

    parts = []
    for name, automaton in learned.items():
        heading, page = "Lots" if name == "lot" else f"Machines: {name}", f"{_file(name)}.html"
        put(str(out / page), explorer_page(automaton, heading))
        parts.append(Part(heading, f"{verdicts[name]}.", automaton, page))
    about = (_numbers(plant), "What lots and machines do, as learned from the stream of events alone.")
    put(str(out / "index.html"), overview_page("A simulated fab", about, parts))


def _numbers(plant: Plant) -> str:
    return (
        f"{plant.started:,} lots started, {plant.shipped:,} came out, {plant.scrapped:,} were lost to breakdowns, "
        f"{plant.in_process} are under way."
    )


def _verdict(name: str, automaton: PDFA, truth: PDFA, difference: Any, shares: Agreement) -> str:
    """Say how a learned automaton compares with the true one."""
    what = f"{'lots' if name == 'lot' else name + ' machines'}: {len(automaton)} states, {len(truth)} in truth; "
    if difference is not None:
        return f"{what}they differ after: {' '.join(symbol or '(end)' for symbol in difference)}"
    largest = max(abs(one.learned - one.true) for one in shares.outcomes)
    return (
        f"{what}the same traces of up to {LENGTH} events; probabilities within {largest:.3f} of another run's "
        f"({shares.largest_z:.1f} standard errors at most; chance allows {shares.critical_z():.1f})"
    )


def _closing(plant: Plant, out: Path) -> str:
    names = ", ".join(sorted(path.name for path in out.iterdir()))
    return (
        f"\n{_numbers(plant)}\n"
        f"In {out}/: {names}\n\n"
        f"Next: flexstream simulate minifab --inject skip:S4:0.2@1w | flexstream score {out}/lots.json -\n"
        f"      flexstream watch YOUR.log\n"
        f"Open {out / 'index.html'} in a browser: what the lots and the machines do, to look at and to explore.\n"
    )
