"""Learn an agent's habits from the tools it calls, then raise an alarm when it leaves them.

The agent is simulated, so that its workflow is known: it looks for what is wrong, reads, edits, tests, and commits what
has passed.  What is learned from are its conversations, as the APIs of language models have them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import flexstream

WORKFLOW = {
    "": {"search": 0.7, "list_files": 0.3},
    "list_files": {"search": 1.0},
    "search": {"read_file": 1.0},
    "read_file": {"read_file": 0.3, "edit_file": 0.7},
    "edit_file": {"run_tests": 1.0},
    "run_tests": {"edit_file": 0.3, "commit": 0.7},
    "commit": {},
}
"""Which tool follows which, and how often."""
RATE = 0.01
"""Of conversations as usual so many may raise an alarm."""

Conversation = dict[str, Any]
Surprises = tuple[float, float]


def calls(chance: random.Random) -> list[str]:
    """Return the tools that the agent calls in one conversation."""
    called, last = list[str](), ""
    while ways := WORKFLOW[last]:
        last = chance.choices(list(ways), list(ways.values()))[0]
        called.append(last)
    return called


def conversation(number: int, called: Iterable[str]) -> Conversation:
    """Return a conversation in which tools are called."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "please mend it"}]
    for place, tool in enumerate(called):
        call = {"id": f"call_{place}", "type": "function", "function": {"name": tool, "arguments": "{}"}}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"call_{place}", "content": "ok"})
    return {"id": f"conversation {number}", "messages": messages}


def conversations(count: int, seed: int) -> list[Conversation]:
    """Return conversations as usual."""
    chance = random.Random(seed)
    return [conversation(number, calls(chance)) for number in range(count)]


class Watch:
    """Knows the habits of an agent, and how far it goes from them by chance.

    A step that never or hardly ever comes shows in the least expected call; steps each of which is usual, but which go
    on and on, in the bits of all calls together.  Both are compared with those of conversations that were not learned
    from: p = (1 + how many of these are as surprising) / (1 + their number), twice the smaller of the two.
    """

    def __init__(self, learned_from: list[Conversation], calibration: list[Conversation]) -> None:
        self.learned = flexstream.learn(learned_from, preset="agents")
        self.automaton = self.learned.automaton
        self._usual = [self._surprises(called) for called in self.tools(calibration)]

    def tools(self, given: list[Conversation]) -> list[list[str]]:
        """Return the tools called in conversations."""
        return list(flexstream.read(given, like=self.learned))

    def _surprises(self, called: list[str]) -> Surprises:
        score = self.automaton.score_one(called)
        return score.worst.bits, -score.log2_prob

    def p_value(self, called: list[str]) -> float:
        """Return how likely it is that tools as usual surprise as much as these."""
        found = self._surprises(called)
        values = [
            (1 + sum(usual[kind] >= found[kind] for usual in self._usual)) / (1 + len(self._usual)) for kind in (0, 1)
        ]
        return min(1.0, 2 * min(values))

    def why(self, called: list[str]) -> str:
        """Say what is least expected, and what was."""
        worst = self.automaton.score_one(called).worst
        ways = self.automaton.predict_proba_one(called[: worst.position])
        usual = max(ways, key=lambda way: ways[way])
        what = worst.symbol or "the end"
        return f"call {worst.position + 1} is {what}, {worst.bits:.1f} bits; usual there: {usual} ({ways[usual]:.2f})"


def main() -> None:
    """Learn, and watch an agent that goes wrong in four ways."""
    watch = Watch(conversations(500, seed=1), conversations(999, seed=2))
    print(f"habits: {watch.learned}")
    usual = watch.tools(conversations(2000, seed=3))
    alarms = sum(watch.p_value(called) <= RATE for called in usual)
    print(f"as usual: {alarms} alarms in {len(usual):,} conversations")
    begin = ["search", "read_file"]
    wrong = {
        "loops": [*begin, *["edit_file", "run_tests"] * 12, "commit"],
        "skips a step": [*begin, "edit_file", "commit"],
        "calls a tool out of place": [*begin, "edit_file", "list_files", "run_tests", "commit"],
        "calls a tool it never called": [*begin, "edit_file", "run_tests", "delete_branch", "commit"],
    }
    given = [conversation(number, called) for number, called in enumerate(wrong.values())]
    for name, called in zip(wrong, watch.tools(given), strict=True):
        p_value = watch.p_value(called)
        alarm = "ALARM" if p_value <= RATE else "quiet"
        print(f"{name}: {alarm} (p = {p_value:.3f}); {watch.why(called)}")


if __name__ == "__main__":
    main()
