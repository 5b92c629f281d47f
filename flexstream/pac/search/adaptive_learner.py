"""AdaptiveLearner: Balle's learner, which is told neither n nor μ, and begins anew after a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ...arguments import expect, fitting
from ...automata.pdfa import PDFA
from ...defaults import DELTA, EPS
from ...errors import UsageError
from ...stream.alphabet import Alphabet
from ...stream.batch import TraceBatch
from ...stream.manner import Manner
from ..theorems.balle import look_share
from ..theorems.guesses import Guess, Terms
from .found import Found, model_of
from .guess_round import CHUNK, FOUND, GuessRound
from .suffixes import END
from .visit_watch import Shift, VisitWatch

GAMMA = 0.1
MOST_SYMBOLS = 0x10FFFF
"""Each is a character of its own, and one is the end."""


class Noticed(NamedTuple):
    """A change of the source: after how many strings it was noticed, and what moved."""

    strings: int
    shift: Shift
    states: int

    @property
    def text(self) -> str:
        """What is said of it."""
        leaves = self.shift.state == self.states
        where = "traces leave the automaton" if leaves else f"traces come to q{self.shift.state}"
        return (
            f"the source has changed, noticed after trace {self.strings:,}: {where} {100 * self.shift.after:.1f} % of "
            f"the time, {100 * self.shift.before:.1f} % before; learning begins anew"
        )


class AdaptiveLearner:
    """Learn the structure of a PDFA from a stream without knowing how many states it has and how far they differ.

    Rounds follow one another, each on fresh strings, with guesses that grow: n and 1/μ.  What a round has found stands
    until a later one has found something.  With probability 1 - δ all of it is right that was found under a μ which is
    not above that of the source, and no change is noticed where there is none (docs/pac.md, theorems 9 and 10).

    Parameters
    ----------
    eps : float
        What is not found comes in so many of the strings at most, 0 < eps < 1.
    delta : float
        Probability that anything claimed or noticed is wrong, in the whole stream, 0 < delta < 1.
    gamma : float
        Shift of the share of strings that come to a state that is to be noticed, 0 < gamma < 1.
    guess : Guess, optional
        The first guess; with ``rounds=1`` and the true n and μ it is the learner that knows them.
    rounds : int, optional
        After so many nothing more is looked for, until the source changes.
    tell : callable, optional
        Is told in a sentence what was found, and what was noticed.

    Attributes
    ----------
    alphabet : Alphabet
    strings : int
        Strings so far.
    found : Found or None
        What stands; None before the first find, and after a change until the next.
    finds : list of Found
        All finds, and ``noticed`` all changes.

    References
    ----------
    Balle, Castro & Gavaldà, "Adaptively learning probabilistic deterministic automata from data streams", Machine
    Learning 96, 2014.  The bound of shares is that of lemma 6 instead of Vapnik & Chervonenkis'.

    Examples
    --------
    >>> learner = AdaptiveLearner(eps=0.2)
    >>> learner.learn_many([["a", "b"], ["b"]] * 5_000)
    >>> learner.automaton, learner.found.guess, learner.found.strings
    (PDFA(3 states, 3 transitions, 2 symbols), Guess(states=4.0, mu=0.25), 8756)
    """

    def __init__(
        self,
        eps: float = EPS,
        delta: float = DELTA,
        gamma: float = GAMMA,
        guess: Guess | None = None,
        rounds: int | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        for name, value in (("eps", eps), ("delta", delta), ("gamma", gamma)):
            if not 0 < fitting(name, value, float) < 1:
                raise UsageError(f"{name} must be a number above 0, below 1, not {value}")
        self.eps, self.delta, self.gamma, self.rounds, self._tell = eps, delta, gamma, rounds, tell
        self._rounds = 0
        self._first = Guess.first() if guess is None else guess
        if not (self._first.states >= 1 and 0 < self._first.mu <= 1):
            raise UsageError(
                f"a guess of {self._first.states:g} states and mu {self._first.mu:g} (expected: at least 1, and above "
                "0, at most 1)"
            )
        self.alphabet, self.strings, self.number = Alphabet(), 0, 0
        self.found: Found | None = None
        self.finds: list[Found] = []
        self.noticed: list[Noticed] = []
        self._manner: Manner | None = None
        self._watches: list[VisitWatch] = []
        self._round: GuessRound | None = None
        self._known = {END}
        self._begin(self._first)

    def learn_many(self, traces: TraceBatch | Iterable[Sequence[str]], alphabet: Alphabet | None = None) -> None:
        """Learn many traces.

        Parameters
        ----------
        traces : TraceBatch, or iterable of sequences of symbols
            A batch is encoded with this learner's ``alphabet`` or with the one given.
        alphabet : Alphabet, optional
            A copy of this learner's that may have grown since.

        Raises
        ------
        WrongTypeError
            If one of them is no trace; then none is learned.
        UsageError
            If a batch has an id that the alphabet does not, or there are more than a million symbols; then none is
            learned.
        """
        if isinstance(traces, TraceBatch):
            if alphabet is not None:
                self.alphabet.follow(expect("alphabet", alphabet, Alphabet), len(alphabet))
            traces.check(self.alphabet)
            batch = traces
        else:
            batch = TraceBatch.from_traces(traces, self.alphabet)
        if len(self.alphabet) > MOST_SYMBOLS:
            raise UsageError(f"{len(self.alphabet):,} different symbols (expected: {MOST_SYMBOLS:,} at most)")
        self._manner = self._manner if batch.manner is None else batch.manner
        texts, start = _texts(batch), 0
        while start < len(texts):
            stop = start + self._until()
            self._take(texts[start:stop])
            start = stop

    @property
    def automaton(self) -> PDFA | None:
        """What stands, as an automaton, its probabilities from the strings of its round; its provenance says what."""
        if self.found is None:
            return None
        reading = {} if self._manner is None else {"reading": dict(self._manner)}
        return replace(self.found.model, provenance={"search": self.found.to_document(), **reading})

    @property
    def longest_delay(self) -> int | None:
        """In how many strings a change from now on would be noticed, see `VisitWatch`; None while nobody watches.

        Somebody does once something was found, and enough strings for a reference have come since.
        """
        return min((watch.longest_delay for watch in self._watches if watch.ready), default=None)

    @property
    def looking(self) -> bool:
        """Whether a round is under way."""
        return self._round is not None

    @property
    def guess(self) -> Guess:
        """The guess of the present round."""
        return self._guess

    def _until(self) -> int:
        """Return after how many strings something is done at the latest."""
        rounds = CHUNK if self._round is None else self._round.until
        return min([rounds, *(watch.until for watch in self._watches)])

    def _take(self, texts: list[str]) -> None:
        self.strings += len(texts)
        strings = Counter(texts)
        for text in strings:
            self._known.update(text)
        for watch in self._watches:
            if (shift := watch.take(strings)) is not None:
                self._change(Noticed(self.strings, shift, len(watch.found.edges)))
                return
        if len(self._watches) > 1 and self._watches[1].ready:
            del self._watches[0]
        if self._round is not None and (end := self._round.take(strings, len(self._known) - 1)) is not None:
            self._end(self._round, end)

    def _begin(self, guess: Guess) -> None:
        """Begin a round, which has its part 6/(π²k²) of half of δ."""
        self._guess, self.number = guess, self.number + 1
        going = self.rounds is None or self._rounds < self.rounds
        self._rounds += 1
        share = look_share(self.delta / 2, self.number)
        self._round = GuessRound(Terms(guess.states, guess.mu, self.eps, share)) if going else None

    def _end(self, ended: GuessRound, how: str) -> None:
        if how == FOUND:
            self._keep(ended)
        elif self.rounds == self._rounds:
            self._tell(f"more than {self._guess.states:,.0f} states were found: there are more, or mu is smaller")
        self._begin(self._guess.after(len(ended.states)))

    def _keep(self, ended: GuessRound) -> None:
        edges = [{key: to.state for key, to in node.edges.items() if to.state >= 0} for node in ended.states]
        before, model = self.strings - ended.strings, model_of(ended.states, list(self.alphabet))
        self.found = Found(self.number, self._guess, self.eps, ended.strings, before, edges, model)
        self.finds.append(self.found)
        level = look_share(self.delta / 2, len(self.finds))
        ready = [watch for watch in self._watches if watch.ready][-1:]
        self._watches = [*ready, VisitWatch(self.found, self.gamma, level)]
        self._tell(self.found.text)

    def _change(self, noticed: Noticed) -> None:
        """Begin anew, with the next string."""
        self.noticed.append(noticed)
        self.found, self._watches, self._rounds = None, [], 0
        self._tell(noticed.text)
        self._begin(self._first)


def _texts(batch: TraceBatch) -> list[str]:
    """Return the strings of a batch, a character for each symbol and one for the end."""
    offsets = batch.offsets.tolist()
    whole = (batch.symbols.astype("<u4") + np.uint32(1)).tobytes().decode("utf-32-le", "surrogatepass")
    return [whole[start:stop] + END for start, stop in pairwise(offsets)]
