"""States that foretell traces which were not learned less well than fewer states do, or than none."""

from __future__ import annotations

from ...errors import Message, parameter
from ...writers.labels import counted
from ..facts import Facts
from ..verdict import Verdict
from .trace_faults import MORE, rounded


def too_coarse(facts: Facts) -> Verdict | None:
    """Tell that the model foretells worse than counting pairs does, as an option leaves it too few states."""
    automaton, options = facts.judged, facts.coarsening
    if automaton is None or not automaton.evidence or not facts.cased or not options:
        return None
    from ...pac.report.outdone import outdone  # takes as long to import as all that is judged here

    found = outdone(automaton)
    if found is None or found.by is not None:
        return None
    names = " and ".join(parameter(name) for name in options)
    it = "it" if len(options) == 1 else "them"
    text = (
        f"too coarse: learned from {found.learned:,} of the traces, {counted(found.states, 'state')} foretell "
        f"{counted(found.tested, 'other')} with at least {found.least:.2g} bits more each than counting pairs takes, "
        f"as {names} allow{'s' if len(options) == 1 else ''} no more; leave {it} out"
    )
    return Verdict("too_coarse", Message(text), dict.fromkeys(options))


def too_many_states(facts: Facts) -> Verdict | None:
    """Tell that the traces do not speak for as many states as were found, where that was tried and is no chance."""
    automaton, settings = facts.judged, facts.learner.settings
    if automaton is None or not automaton.evidence or settings.ensemble > 1 or not facts.cased:
        return None
    from ...pac.report.outdone import outdone  # takes as long to import as all that is judged here

    found = outdone(automaton)
    if found is None or (found.by is None and facts.coarsening):
        return None
    found_states = f"too many states for so few traces: learned from {found.learned:,} of them, {found.states:,} states"
    worse = f"foretell {counted(found.tested, 'other')} with at least {found.least:.2g} bits more each than"
    enough = f"about {rounded(MORE * facts.traces):,} traces"
    if found.by is None or settings.states is not None:
        better = "counting pairs takes" if found.by is None else f"{found.by:,}"
        return Verdict("too_many_states", Message(f"{found_states} {worse} {better}; {enough} may do"), verb="inspect")
    text = f"{found_states} {worse} {found.by:,} ({found.bits:.2g} here): {parameter('states')}, or {enough}"
    return Verdict("too_many_states", Message(text), {"states": found.by})
