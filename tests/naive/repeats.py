"""Slow twins of what tells repeated traces: lists and dictionaries, whole traces in place of their hashes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from .registry import twin

Trace = tuple[int, ...]


class Lag:
    """A bet that traces come again in the order in which they came ``lag`` traces before."""

    def __init__(self) -> None:
        self.lag, self.bits = 0, 0.0


class Watch:
    """What is known of the traces so far."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.held: Counter[Trace] = Counter()
        self.lags = [Lag(), Lag()]
        self.beyond, self.open = 0.0, False

    def copied(self, trace: Trace) -> bool:
        """Tell whether a trace goes on with a copy of what came before."""
        now, times = len(self.traces), self.traces.count(trace)
        line, met, copied = 10 + math.log2(now + 2), False, False
        for bet in self.lags:
            if 0 < bet.lag <= now and self.traces[now - bet.lag] == trace:
                met = True
                won = math.log2(7 / 8 * (now + 2) / (times + 1) + 1 / 8) - 3
                bet.bits = min(bet.bits + max(won, 0.0), line + 12)
                copied = copied or bet.bits >= line
            else:
                bet.bits = max(bet.bits - 3, 0.0)
        weakest = min(self.lags, key=lambda bet: bet.bits)
        if times and not met and weakest.bits == 0:
            lag = now - max(place for place, other in enumerate(self.traces) if other == trace)
            if lag not in [bet.lag for bet in self.lags]:
                weakest.lag = lag
        return copied

    def unexpected(self, trace: Trace, learned: int, probability: Callable[[Trace], float]) -> bool:
        """Tell whether a trace came more often, as evidence, than an automaton of so many traces lets expect."""
        times = self.traces.count(trace) + 1 - self.held[trace]
        evidence = len(self.traces) - self.held.total() + 1
        if times < 3 or not learned or times > evidence / 8:
            return False
        expected = evidence * probability(trace)
        return times > 2 + expected + 3 * math.sqrt(expected * (1 + evidence / learned))

    def look_at(self, trace: Trace, learned: int, probability: Callable[[Trace], float]) -> bool:
        """Tell whether a trace is held back."""
        held, few = self.copied(trace), len({*self.traces, trace}) < 6
        if not held:
            beyond = self.unexpected(trace, learned, probability)
            self.beyond += (beyond - self.beyond) / 512
            self.open = self.beyond > 1 / 5 or (self.open and self.beyond >= 1 / 20)
            held = beyond and self.open
        held = held and not few
        self.held[trace] += held
        self.traces.append(trace)
        return held


@twin("repeats.find_repeats")
def repeats(
    traces: Sequence[Trace], automata: Mapping[int, tuple[int, Callable[[Trace], float]]]
) -> tuple[list[bool], Counter[Trace]]:
    """Tell which traces are held back, and how often each; from trace ``i`` on ``automata[i]`` is what is expected."""
    watch, told = Watch(), []
    learned, probability = 0, (lambda trace: 0.0)
    for number, trace in enumerate(traces):
        learned, probability = automata.get(number, (learned, probability))
        told.append(watch.look_at(trace, learned, probability))
    return told, +watch.held
