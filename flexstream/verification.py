"""Verification: whether a model or a saved learner is what its own record says, and what its source makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .arguments import fitting_path
from .automata.mixture import Ensemble
from .automata.model_file import is_as_written, load_model
from .container import CHECKPOINT, MAGIC, encode, read
from .errors import DataError, FlexStreamError, ModelError
from .learning.additive import Summary
from .learning.journal_chain import RULES, Chain, Link, counts_of, decisions_of
from .learning.learner import StreamLearner
from .learning.learner_state import LEARNER, summary_of
from .learning.observers import Observer
from .learning.schedule import NEVER
from .monitoring.adwin import DELTA
from .monitoring.drift import Drift
from .pac.planning.planned_learner import PlannedLearner
from .readers.batches import read_batches
from .readers.options import ReadOptions
from .saved import Saved, StateError
from .version import __version__
from .writers.labels import counted

if TYPE_CHECKING:
    from .automata.model_file import Model
    from .merging.search import Refinement
    from .readers.listing import Data
    from .stream.batch import TraceBatch


_FITS = {True: "fits", False: "does not fit"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    good : bool or None
        None where it cannot be told.
    text : str
        In one line.
    """

    good: bool | None
    text: str


@dataclass(frozen=True)
class _Claim:
    """What a file says of itself."""

    made: Mapping[str, Any]  # what a learner is made with
    version: str
    reading: Mapping[str, Any] | None
    on_drift: str | None
    delta: float | None
    traces: int
    chain: Chain | None
    model: Model | None
    learner: StreamLearner | None

    def judged(self, good: bool, text: str) -> Finding:
        """Return what was found when all was decided again; what is other by other rules is no proof of anything."""
        rules = 0 if self.chain is None else self.chain.rules
        if good or rules == RULES:
            return Finding(good, text)
        which = "an older version" if rules < RULES else "a newer version"
        return Finding(None, f"{text}; {which} has made it by rules of its own, which this one cannot ask again")

    def blank(self) -> StreamLearner:
        """Return a learner that has seen nothing, made alike; raises StateError where none can be made so."""
        saved = Saved(self.made, "parameters")
        try:
            learner = (PlannedLearner if "plan" in saved else StreamLearner)._made_from(saved)
        except (FlexStreamError, TypeError, ValueError) as error:
            saved.wrong(f"no learner can be made with its parameters: {error}")
        if self.on_drift is not None:
            delta = DELTA if self.delta is None else self.delta
            learner.observe(Drift(self.on_drift, delta, tell=lambda line: None))
        return learner


def verify(path: str | Path, source: Data | None = None) -> list[Finding]:
    """Look whether a file is what was learned.

    Of a model the seal is checked, which is of all that it says: numbers, symbols and its record.  A seal is no
    signature: who writes a changed model anew with this library seals it anew, and only its source tells.

    Of a saved learner every link and every sum is checked, and where nothing was counted since its last refinement the
    tree is folded again; of both kinds the chain of refinements is checked seal by seal.  With the source all is
    learned again, as it was, and compared at each link and at the end; what was added up of parts is compared with the
    sum of one part, and where that is another it cannot be told.  Nor can it of what an earlier version has made of its
    counts by other rules.

    Parameters
    ----------
    path : str or Path
        A model, a file that `StreamLearner.save` has written, or a checkpoint or the folder of some.
    source : optional
        What it was learned from, as for `flexstream.learn`.

    Raises
    ------
    DataError, ModelError
        If a file cannot be read at all.

    Examples
    --------
    >>> import tempfile
    >>> learner, path = StreamLearner(every=50), Path(tempfile.mkdtemp()) / "lots.learner"
    >>> learner.learn_many([["load", "run"], ["load"]] * 50)
    >>> learner.save(path)
    >>> for finding in verify(path, [["load", "run"], ["load"]] * 50):
    ...     print(finding.good, finding.text)
    True every link and every sum fits
    True 2 refinements, each sealed with all before it
    True folded again: the same decisions
    True learned again: the same at 2 refinements, and the same at trace 100
    """
    place = fitting_path(path, expected="a model, a checkpoint, or a folder of some")
    place = _newest(place) if place.is_dir() else place
    try:
        claim = _claim_of(place)
    except StateError as error:
        return [Finding(False, error.problem.marked)]
    except ModelError as error:
        if is_as_written(place) is not False:  # no model at all, or one whose change is not shown by a seal
            raise
        return [_of_seal(place), Finding(False, error.message.marked)]
    findings = [] if claim is not None and claim.learner is not None else [_of_seal(place)]
    if claim is None:
        none = "the model has no record of learning: it was given, searched or made by other means"
        return [*findings, Finding(None, none)]
    findings += _of_itself(claim)
    return findings if source is None else [*findings, _of_source(claim, source)]


# --- what a file says ------------------------------------------------------------------------------------------


def _claim_of(place: Path) -> _Claim | None:
    try:
        with place.open("rb") as file:
            kept = file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise DataError(str(place), None, f"cannot be read: {error.strerror}", "a model or a checkpoint") from None
    return _of_state(place) if kept else _of_model(place)


def _newest(folder: Path) -> Path:
    """Return the last checkpoint in a folder."""
    names = ((re.fullmatch(r"checkpoint-(\d{1,18})", path.name), path) for path in folder.iterdir())
    found = {int(name[1]): path for name, path in names if name}
    if not found:
        raise DataError(str(folder), None, "has no checkpoint", "a folder of checkpoints, or a file")
    return found[max(found)]


def _of_state(path: Path) -> _Claim:
    state = read(path, LEARNER, CHECKPOINT)
    state = state if "made" in state else Saved(Saved(state).raw("parts")).raw("learner", dict)
    saved = Saved(state)
    observers = saved.raw("observers", dict)
    watching = saved.part("observers").part("drift") if "drift" in observers else None
    on_drift, delta = (None, None) if watching is None else (watching.text("follow"), watching.number("delta"))
    made, version = saved.raw("made", dict), saved.text("flexstream")
    claim = _Claim(made, version, None, on_drift, delta, 0, None, None, None)
    learner = claim.blank()
    learner.restore({**state, "observers": {name: seen for name, seen in observers.items() if name == "drift"}})
    reading, traces = learner.reading, learner.forgotten + learner.traces
    return replace(claim, reading=reading, traces=traces, chain=learner.chain, learner=learner)


def _of_model(path: Path) -> _Claim | None:
    model = load_model(path)
    if not {"parameters", "journal", "traces"} & set(model.provenance):
        return None
    told = Saved(dict(model.provenance), "provenance")
    made = {"parameters": told.raw("parameters", dict), **({"plan": told.raw("plan")} if "plan" in told else {})}
    drift = told.part("drift") if "drift" in told else None
    traces = told.whole("traces") if drift is None else drift.whole("last")
    on_drift = None if drift is None or "on_drift" not in drift else drift.text("on_drift")
    reading = told.raw("reading", dict) if "reading" in told else None
    chain = Chain.saved(told.part("journal")) if "journal" in told else None
    return _Claim(made, told.text("flexstream"), reading, on_drift, None, traces, chain, model, None)


# --- against itself --------------------------------------------------------------------------------------------


def _of_seal(path: Path) -> Finding:
    """Look whether a model says what it said when it was written."""
    fits = is_as_written(path)
    if fits is None:
        return Finding(None, "whether the model was changed: it was written before models were sealed")
    return Finding(fits, f"the model is {'as' if fits else 'not as'} it was written: its seal {_FITS[fits]}")


def _of_itself(claim: _Claim) -> Iterator[Finding]:
    if claim.learner is not None:
        yield Finding(True, "every link and every sum fits")
    yield _of_chain(claim)
    if claim.learner is not None:
        yield from _decided(claim.learner)
        yield _folded_again(claim, claim.learner)


def _of_chain(claim: _Claim) -> Finding:
    chain = claim.chain
    if chain is None:
        return Finding(None, "no record of its refinements: an older version has written it")
    for link in chain.broken():
        return Finding(False, f"the record of the refinement at trace {link.traces:,} was changed, or of one before it")
    begun = Chain.begin(claim.made["parameters"], chain.summed, chain.rules)
    if claim.version == __version__ and begun.start != chain.start:
        return Finding(False, "the record of refinements belongs to other parameters")
    if not chain.number:
        return Finding(True, "no refinement was recorded: the model is that of its end alone")
    return Finding(True, f"{counted(chain.number, 'refinement')}, each sealed with all before it")


def _decided(learner: StreamLearner) -> Iterator[Finding]:
    """Hold the decisions that a learner has against the record; with nodes that were given up some are gone."""
    if not learner.chain.links or learner.settings.states is not None:
        return
    link, journals = learner.chain.links[-1], [member.journal for member in learner._members]
    if sum(map(len, journals)) != link.decided:
        yield Finding(None, f"decisions of the refinement at trace {link.traces:,} were given up since")
    elif decisions_of(learner.tree.columns, journals) != link.decisions:
        yield Finding(False, f"a decision is another than at the refinement at trace {link.traces:,}")


def _folded_again(claim: _Claim, learner: StreamLearner) -> Finding:
    """Fold the tree of a learner once more, by the decisions with which its last refinement began."""
    again = learner._again
    if not learner.traces and not learner.forgotten:
        return Finding(True, "no trace had ended by then: nothing was counted that could be folded again")
    if again is None or not again.own or not learner.chain.links:
        return Finding(None, "traces were counted since its last refinement: only its source can tell more")
    link = learner.chain.links[-1]
    if (learner.traces, learner.events, counts_of(learner.tree.columns)) != (link.traces, link.events, link.counts):
        return Finding(False, f"a count is another than at the refinement at trace {link.traces:,}")
    same = decisions_of(learner.tree.columns, again.answer(learner).journals) == link.decisions
    return claim.judged(same, f"folded again: {'the same' if same else 'other'} decisions")


# --- against its source ----------------------------------------------------------------------------------------


class _Links(Observer):
    """Refines where a chain says that it was refined, and finds the first link that is another.

    Parameters
    ----------
    chain : Chain
    alone : bool
        Whether the schedule is all that there was, and the end is compared only: a new beginning begins a new chain.
    """

    def __init__(self, chain: Chain, alone: bool) -> None:
        self._links, self._first = () if alone else chain.links, chain.number - len(chain.links)
        self._places = [] if alone else [link.traces for link in chain.links]
        self.same = 0
        self.other: Link | None = None

    def until(self, traces: int) -> int:
        """Return how many traces are missing to the next place at which it was refined."""
        return min((place - traces for place in self._places if place > traces), default=NEVER)

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Refine where it was done, be it beside the schedule."""
        if learner.traces in self._places:
            learner._settle()
            if not learner.chain.links or learner.chain.links[-1].traces != learner.traces:
                learner.refine()

    def refined(self, learner: StreamLearner, refinement: Refinement) -> None:
        """Compare the newest link with the one in its place."""
        place = learner.chain.number - 1 - self._first
        if self.other is not None or not 0 <= place < len(self._links):
            return
        if learner.chain.links[-1] == self._links[place]:
            self.same += 1
        else:
            self.other = self._links[place]


def _of_source(claim: _Claim, source: Data) -> Finding:
    """Learn again, up to where the file was written."""
    chain = claim.chain or Chain.begin({})
    try:
        learner = claim.blank()
    except StateError as error:
        return Finding(False, error.problem.marked)
    if chain.summed:
        return _of_parts(claim, learner, source)
    links = _Links(chain, alone=claim.on_drift is not None)
    learner.observe(links)
    seen = _learn_again(learner, source, claim)
    if links.other is not None:
        alike = counted(links.same, "refinement")
        before = (
            f"{alike} before {'is' if links.same == 1 else 'are'} the same" if links.same else "none before is known"
        )
        return claim.judged(False, f"learned again: other at the refinement at trace {links.other.traces:,}; {before}")
    if seen < claim.traces:
        return _too_few(seen, claim)
    told = f"the same at {counted(links.same, 'refinement')}, and " if links.same else ""
    same = _same_model(claim.model, learner) if claim.model is not None else _same_summary(claim.learner, learner)
    end = f"{'the same' if same else 'other'} at trace {claim.traces:,}"
    return claim.judged(same, f"learned again: {told}{end}")


def _too_few(seen: int, claim: _Claim) -> Finding:
    return Finding(False, f"learned again: the source has {seen:,} traces, {claim.traces:,} were learned")


def _of_parts(claim: _Claim, learner: StreamLearner, source: Data) -> Finding:
    """Learn again what is a sum of parts: no order of a stream makes it, so what is other is no proof against it.

    What has to be the same, whatever the parts were, are the amounts: those of all that the source has.
    """
    wanted = claim.model if claim.learner is None else claim.learner.model
    assert wanted is not None
    seen = _learn_again(learner, source, replace(claim, traces=claim.traces + 1))
    if seen < claim.traces:
        return _too_few(seen, claim)
    of = f"what was added up of parts has {claim.traces:,}"
    if seen > claim.traces:
        return Finding(None, f"learned again: the source has more traces, {of}; which they are is not recorded")
    events = wanted.provenance.get("events")
    if learner.events != events:
        return Finding(False, f"learned again: {learner.events:,} events, {events:,} were learned")
    again = Summary.of(learner).close().learner()
    again.refine()
    if _same_model(wanted, again):
        return Finding(True, f"learned again and added up: the same at trace {claim.traces:,}")
    free = "parts that were added up, or their order, may make another of the same traces"
    return Finding(None, f"learned again: the same amounts, other at trace {claim.traces:,}; {free}")


def _learn_again(learner: StreamLearner, source: Data, claim: _Claim) -> int:
    """Learn as many traces as had been learned, or as there are; return how many they were."""
    reading = read_batches(source, learner.alphabet.copy(), ReadOptions(), learner.budget, claim.reading)
    seen = 0
    for batch in reading:
        part = batch if len(batch) <= claim.traces - seen else batch.part(0, claim.traces - seen)
        learner.learn_many(part, reading.alphabet)
        seen += len(part)
        if seen == claim.traces:
            break
    return seen


def _same_summary(one: StreamLearner | None, other: StreamLearner) -> bool:
    """Tell whether two learners counted the same, and decided the same."""
    assert one is not None
    kept = [encode({**summary_of(learner), "reading": None}) for learner in (one, other)]
    return kept[0] == kept[1] and one.chain == other.chain


def _same_model(model: Model, learner: StreamLearner) -> bool:
    """Tell whether a learner hands out a model, asked now or once it has refined."""
    wanted = _bare(model)
    if _bare(learner.model) == wanted:
        return True
    learner.refine()
    return _bare(learner.model) == wanted


def _bare(model: Model) -> str:
    """Return a model as text without what is told about it."""
    if isinstance(model, Ensemble):
        bare = [replace(one, provenance={}, evidence={}) for one in model.members]
        return Ensemble(bare, model.weights, {}, model.softened, model.shares).to_json()
    return replace(model, provenance={}, evidence={}).to_json()
