"""The plan as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget import format_memory
from ..sizes import Sizes, amount
from .plan import Plan, smallest
from .reads import reads_text
from .sample_memory import fits, sample_bytes


def plan_text(plan: Plan) -> str:
    """Return the table of a plan: a row for each theorem, then what a run under the chosen one is given."""
    demand = plan.demand
    lines = [
        f"target: at most {demand.states:,} states, {demand.symbols:,} symbols, mu >= {demand.mu:g} within "
        f"{demand.futures} events, expected length <= {demand.length:g}",
        f"asked: error at most eps = {demand.eps:g}, with probability at least {1 - demand.delta:g}",
        "",
        f"{'theorem':<21} {'a state':>10} {'a batch':>11} {'batches':>7} {'strings':>11} "
        f"{'probabilities':>13} {'sketch':>8} {'memory':>11}",
        *(_row(sizes) for sizes in plan.sizes.values()),
        "",
        *(f"{name}: {sizes.promise}" for name, sizes in plan.sizes.items()),
        "",
        *reads_text(demand),
        "",
        *_run(plan),
    ]
    return "\n".join(lines) + "\n"


def _row(sizes: Sizes) -> str:
    sketch = f"{sizes.width}x{sizes.depth}" if sizes.width else "-"
    memory = format_memory(sizes.memory) if sizes.memory < 2.0**50 else f"{amount(sizes.memory)} B"
    more = amount(sizes.probabilities) if sizes.probabilities else "-"
    return (
        f"{sizes.theorem:<21} {amount(sizes.node):>10} {amount(sizes.batch):>11} {amount(sizes.batches):>7} "
        f"{amount(sizes.strings):>11} {more:>13} {sketch:>8} {memory:>11}"
    )


def _run(plan: Plan) -> Iterator[str]:
    if plan.run is None:
        yield f"run: none, {plan.theorem} asks for more strings than any run can count"
        return
    yield f"run ({plan.theorem}): refine every {plan.run['every']:,} strings, heuristic {plan.run['heuristic']} with"
    yield "  " + ", ".join(f"{name} {value:.3g}" for name, value in plan.run["options"].items())
    needed = sample_bytes(plan)
    sample = format_memory(needed) if needed < 2.0**50 else f"{amount(needed)} B"
    enough = (
        f"within the {plan.run['memory']} of the run"
        if fits(plan)
        else f"of {plan.run['memory']}; where strings seldom repeat give it more --memory, as counts that are evicted "
        "prove nothing"
    )
    yield f"  sample: {plan.sizes[plan.theorem].strings:,.0f} strings take at most about {sample}, {enough}"


def support_text(plan: Plan, strings: int) -> str:
    """Return what so many strings support: for each theorem the smallest eps and the smallest mu."""
    lines = [f"{strings:,} strings support (the other value as asked; - if none):", ""]
    lines.append(f"{'theorem':<21} {'eps':>10} {'mu':>10}")
    for name in plan.sizes:
        found = (smallest(name, plan.demand, strings, what) for what in ("eps", "mu"))
        texts = ["-" if value is None else f"{value:.3g}" for value in found]
        lines.append(f"{name:<21} {texts[0]:>10} {texts[1]:>10}")
    return "\n".join(lines) + "\n"
