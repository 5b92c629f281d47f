"""``flexstream pac search``: Balle's learner, told neither n nor μ."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from flexstream.defaults import DELTA, EPS

from .console import Notes, put, say
from .paths import MODEL, called, check_outputs, check_sources, no_trace
from .reading import read_options, reading
from .shares import Share
from .show import table
from .stopping import stopping, to_the_end

if TYPE_CHECKING:
    from flexstream.pac.search.adaptive_learner import AdaptiveLearner
    from flexstream.pac.theorems.guesses import Guess


@click.command(short_help="Learn without knowing n and mu: Balle's learner.")
@click.option("--eps", type=Share(), default=EPS, show_default=True, help="Share of the traces that may be left out.")
@click.option(
    "--delta", type=Share(), default=DELTA, show_default=True, help="Probability that anything said is wrong."
)
@click.option(
    "--gamma", type=float, default=0.1, show_default=True, help="A change: a state's share of traces moves by so much."
)
@click.option("--states", type=int, metavar="N", help="With --mu: no search, the source has at most so many states.")
@click.option("--mu", type=float, help="With --states: any two of them differ by this at least.")
@click.option(
    "-o", "--output", type=MODEL, default="-", show_default=True, metavar="MODEL", help="Model; - prints a table."
)
@reading
def search(
    eps: float,
    delta: float,
    gamma: float,
    states: int | None,
    mu: float | None,
    output: str,
    sources: tuple[str, ...],
    **given: Any,
) -> None:
    """Learn states and transitions from a stream, told neither how many states there are nor how far they differ.

    \b
      flexstream pac search traces.txt -o model.json

    Guesses of both follow one another, coarse ones first, each on fresh traces. What a guess has found is told, with
    what it supposes: a difference mu between any two states of the source. With probability 1 - delta all of it is
    right under which that holds. It takes many traces; flexstream learn takes far fewer and promises less. A change
    of the source is noticed by the traces that come to each state, and learning begins anew.
    """
    from flexstream.pac.search.adaptive_learner import AdaptiveLearner
    from flexstream.readers import Reading

    check_outputs([output], sources)
    learner = AdaptiveLearner(eps, delta, gamma, *_told(states, mu), tell=say)
    options = read_options(given)
    check_sources(sources, options.on_error == "skip")
    source = Reading(sources, learner.alphabet.copy(), options)
    notes = Notes(source)
    with stopping(source) as came, to_the_end(notes, came):
        for batch in source:
            notes.flush()
            learner.learn_many(batch, source.alphabet)
    _end(learner, sources, output, bool(came))
    if came:
        sys.exit(128 + came[0])


def _told(states: int | None, mu: float | None) -> tuple[Guess | None, int | None]:
    """Return the only guess, if there is to be no other, and how many rounds there are."""
    from flexstream.errors import UsageError
    from flexstream.pac.theorems.guesses import Guess

    if states is None and mu is None:
        return None, None
    if states is None or mu is None:
        missing, given = ("--states", "--mu") if states is None else ("--mu", "--states")
        raise UsageError(f"{given} without {missing} (expected: both, or neither and both are looked for)")
    return Guess(states, mu), 1


def _end(learner: AdaptiveLearner, sources: tuple[str, ...], output: str, stopped: bool) -> None:
    """Write what stands at the end, or say that nothing does."""
    from flexstream.errors import DataError
    from flexstream.writers.labels import counted

    guess = learner.guess
    if not learner.strings and not stopped:
        raise no_trace(sources, ", so nothing was written")
    if not learner.noticed:
        late = "nobody watches before something is found and some thousand traces more have come"
        if (delay := learner.longest_delay) is not None:
            late = f"one that moves a share by {learner.gamma:g} takes {delay:,} at most to notice"
        say(f"no change of the source was noticed in {counted(learner.strings, 'trace')}; {late}")
    if learner.looking:
        say(f"the guess that came last, n {guess.states:,.0f}, mu {guess.mu:g}, is not decided yet")
    if learner.automaton is not None:
        put(output, table(learner.automaton) if output == "-" else learner.automaton.to_json())
        return
    since = f" since trace {learner.noticed[-1].strings:,}" if learner.noticed else ""
    problem = f"nothing is sure{since}, so nothing was written"
    if not stopped:
        raise DataError(called(sources), None, problem, "more traces, or flexstream learn")
    say(problem)
