"""The kinds of ``flexstream simulate`` that draw traces from an automaton: ``pdfa``, ``pfa``, ``hmm``, ``reber``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .console import put, say
from .paths import FileName, check_outputs

if TYPE_CHECKING:
    from flexstream.targets.problem import Problem

BLOCK = 1 << 16
"""Events, about, that are written at a time."""

LARGEST = 2**31 - 1
Options = Callable[[Callable[..., None]], Callable[..., None]]


def _stream(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every kind."""
    for option in (
        click.option(
            "-o",
            "--output",
            type=FileName(),
            default="-",
            show_default=True,
            metavar="STEM",
            help="FOLDER/NAME of the files to write; - writes the traces alone to stdout.",
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same."),
        click.option("--traces", type=click.IntRange(0, LARGEST), default=20_000, show_default=True, help="How many."),
    ):
        command = option(command)
    return command


_share = click.FloatRange(0, 1, min_open=True)
_RECIPE = (
    click.option("--states", type=click.IntRange(1, LARGEST), default=40, show_default=True),
    click.option("--symbols", type=click.IntRange(1, LARGEST), default=12, show_default=True, help="Of the alphabet."),
    click.option(
        "--symbol-sparsity", type=_share, default=0.3, show_default=True, help="Share of them that a state can emit."
    ),
    click.option(
        "--transition-sparsity", type=_share, default=0.1, show_default=True, help="Share of states that can come next."
    ),
    click.option("--final", type=_share, default=0.3, show_default=True, help="Share of states that can end a trace."),
    click.option(
        "--mean-length", type=click.FloatRange(0, min_open=True), default=15.0, show_default=True, help="Of a trace."
    ),
)
_INITIAL = click.option(
    "--initial", type=_share, default=0.1, show_default=True, help="Share of states that can start a trace."
)


def _recipe(*more: Options) -> Options:
    """Add the options of random automata."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        options: list[Options] = [*_RECIPE, *more]
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command(short_help="A random deterministic automaton.")
@_recipe()
@_stream
def pdfa(**given: Any) -> None:
    """Draw traces from a random probabilistic deterministic automaton.

    Automata and files are those of the PAutomaC competition (Verwer, Eyraud & de la Higuera 2014). With -o FOLDER/NAME
    four files are written: NAME.pautomac.train, NAME.pautomac.test (1,000 different strings),
    NAME.pautomac_solution.txt (their probabilities) and NAME.pautomac_model.txt (the automaton).
    """
    _random("pdfa", **given)


@click.command(short_help="A random automaton that is not deterministic.")
@_recipe(_INITIAL)
@_stream
def pfa(**given: Any) -> None:
    """Draw traces from a random automaton in which a symbol can lead to several states; see the kind pdfa."""
    _random("pfa", **given)


@click.command(short_help="A random hidden Markov model.")
@_recipe(_INITIAL)
@_stream
def hmm(**given: Any) -> None:
    """Draw traces from a random hidden Markov model whose states can end the trace; see the kind pdfa."""
    _random("hmm", **given)


@click.command(short_help="The Reber grammar.")
@_stream
def reber(traces: int, seed: int, output: str) -> None:
    """Draw traces from the Reber grammar (6 states), without its frame of B and E.

    In the files of -o symbols are numbers: P, S, T, V, X are 0 to 4.
    """
    from flexstream.targets import PFA, Problem
    from flexstream.targets import reber as grammar

    _check(output)
    _put(Problem.of(PFA.from_pdfa(grammar()), seed), "reber", traces, output)


def _random(kind: str, traces: int, seed: int, output: str, **recipe: Any) -> None:
    from flexstream.targets import Problem, Recipe

    _check(output)
    _put(Problem.random(kind, Recipe(**recipe), seed), kind, traces, output)


def _check(output: str) -> None:
    """Find out what could not be written before the work begins."""
    from flexstream.targets.problem import problem_files

    for path in [output] if output == "-" else map(str, problem_files(output)):
        check_outputs([path], [])


def _put(problem: Problem, kind: str, traces: int, output: str) -> None:
    """Write a problem, or stream its traces."""
    from flexstream.targets.problem import TESTS, problem_files, write_problem
    from flexstream.writers.labels import size_of

    target, mean = problem.target, problem.target.mean_length()
    say(f"{kind} with {size_of(len(target), len(target.targets), len(target.symbols))}; mean length {mean:.2f}")
    if output == "-":
        _put_lines(problem, traces, max(1, round(BLOCK / (mean + 1))))
        return
    tests = write_problem(problem, output, traces)
    if tests < TESTS:
        say(f"only {tests:,} different strings came for the test file, not {TESTS:,}")
    say(f"wrote {', '.join(map(str, problem_files(output)))}")


def _put_lines(problem: Problem, traces: int, block: int) -> None:
    from flexstream.automata.sampling import texts

    source = problem.traces()
    for start in range(0, traces, block):
        lots = texts(source.batch(min(block, traces - start)), problem.target.symbols)
        put("-", "".join(" ".join(lot) + "\n" for lot in lots))
