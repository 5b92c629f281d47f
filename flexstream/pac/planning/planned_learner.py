"""A learner that runs under a plan: its parameters are the plan's, and the level of each look is shared out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from ...errors import UsageError
from ...learning.learner import StreamLearner
from ...merging.heuristics.css import CSS
from ..theorems.flexstream import LEAST_LEVEL, level
from .plan import Plan

if TYPE_CHECKING:
    from ...saved import Saved


class PlannedLearner(StreamLearner):
    """Learn under a plan; not pure, it is a `StreamLearner` whose test gets stricter with every look.

    Parameters
    ----------
    plan : Plan
    **changes
        Parameters that no promise depends on: ``seed`` and ``smoothing``.

    Raises
    ------
    UsageError
        If the plan is too large to run, or a change touches what the plan has fixed.

    Examples
    --------
    >>> from flexstream.pac.demand import Demand
    >>> plan = Plan.make(Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1))
    >>> learner = PlannedLearner(plan)
    >>> learner.every == plan.run["every"], learner.heuristic.name
    (True, 'css')
    """

    def __init__(self, plan: Plan, **changes: Any) -> None:
        if plan.run is None:
            raise UsageError(f"{plan.theorem} asks for more strings than any run can count (expected: another plan)")
        fixed = sorted(set(changes) - {"seed", "smoothing"})
        if fixed:
            raise UsageError(f"{', '.join(fixed)}: fixed by the plan (expected: to leave it out)")
        # The theorems speak of independent strings, in whatever order they come: what is alike is no repetition.
        super().__init__(**plan.run, repeats=False, **changes)
        self.plan = plan

    @property
    def _fresh(self) -> None:
        """None: half of a planned sample is no sample of that plan."""

    def _made_with(self, params: Mapping[str, Any]) -> Self:
        free = {name: params[name] for name in ("seed", "smoothing")}
        fixed = {name: value for name, value in params.items() if value != self.settings.to_dict()[name]}
        return type(self)(self.plan, **fixed | free)

    @classmethod
    def _made_from(cls, saved: Saved) -> Self:
        params = saved.raw("parameters", dict)
        plan = Plan.from_document(saved.raw("plan"))
        return cls(plan, **{name: params.get(name) for name in ("seed", "smoothing")})

    def _saved_with(self) -> dict[str, Any]:
        return {**super()._saved_with(), "plan": self.plan.to_document()}

    def _prepare(self) -> None:
        """Let the next search have the level that its look gets: δ_i = 6δ/(π²i²), i = 1, 2, …"""
        (member,) = self._members  # plans have no ensembles
        if isinstance(self.heuristic, CSS):
            self.heuristic = member.heuristic = replace(self.heuristic, alpha=self.level(self.refinements + 1))

    def level(self, look: int) -> float:
        """Return the level of the test at the i-th look."""
        if self.plan.theorem == "flexstream":
            return level(self.plan.demand, look, self.events + self.traces)
        planned = self.plan.sizes[self.plan.theorem].batches
        alpha = float(self.plan.run["options"]["alpha"])  # type: ignore[index]
        return max(alpha * min(1.0, planned / look) ** 2, LEAST_LEVEL)
