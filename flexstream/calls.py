"""The library in one call: `learn` from whatever holds events, and `read` the traces in it."""

from __future__ import annotations

import difflib
import inspect
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self

from .arguments import written
from .budget import Budget
from .defaults import MEMORY
from .errors import DataError, Message, UsageError, WrongTypeError, parameter
from .learning.learner import StreamLearner
from .pac.report.evidence import model_with_evidence
from .readers.batches import read_batches
from .readers.diagnostics import ReadStats
from .readers.listing import Data
from .readers.options import ReadOptions, expanded
from .readers.reading import Reading
from .stream.alphabet import Alphabet
from .stream.batch import TraceBatch
from .stream.manner import Manner
from .stream.overlap import Overlap
from .verdict.judge import judge_model
from .verdict.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from .automata.fleet import Fleet
    from .automata.model_file import Model
    from .learning.checkpoint import Checkpoints
    from .learning.fleet_learner import Members
    from .monitoring.drift import Drift
    from .monitoring.source_change import SourceChange
    from .saved import Saved

LOG = logging.getLogger("flexstream")
"""Told what is guessed (info), and what is wrong with a model (warning)."""
READING = tuple(field.name for field in fields(ReadOptions))
LEARNING = tuple(inspect.signature(StreamLearner).parameters)


class Learned(StreamLearner):
    """A learner that `learn` has made, and what there is to say about how that went; it can learn on.

    Attributes
    ----------
    notes : tuple of Message
        What was guessed about the data, and what was left out.
    stats : ReadStats
        What was counted while they were read.
    verdicts : tuple of Verdict
        What is wrong with the model, and what to do about it; empty where all is well.
    changes : tuple of SourceChange
        Changes of the source that were noticed, where they were watched for.
    """

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.notes: tuple[Message, ...] = ()
        self.stats = ReadStats()
        self.verdicts: tuple[Verdict, ...] = ()
        self.changes: tuple[SourceChange, ...] = ()
        self._judged: tuple[int, Model] | None = None
        self._drift: Drift | None = None
        self._by_member: Members | None = None

    def __repr__(self) -> str:
        counts = f"{self.traces:,} traces, {self.events:,} events, {len(self.alphabet):,} symbols"
        return f"<Learned: {counts} -> {len(self.automaton):,} states>"

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self._by_member is not None:  # a copy has no observers but those that are a part of it
            self.observe(self._by_member)

    def save(self, path: str | Path) -> None:
        """Write the model with its evidence and the verdicts on it to a file, as ``flexstream learn -o`` does.

        Raises
        ------
        DataError
            If it cannot be written.
        UsageError
            If the name ends like that of a picture, a page, or a packed file.
        """
        from .endings import model_name
        from .files import write_atomically

        model_name(path)
        model = self._judge(None)
        write_atomically(path, (model if self._by_member is None else self._by_member.fleet(self, model)).to_json())

    @property
    def fleet(self) -> Fleet:
        """The models of all members, where they were told apart with ``per``.

        Raises
        ------
        UsageError
            If they were not.
        """
        if self._by_member is None:
            raise UsageError(f"no members were told apart (expected: {parameter('per')}, what tells them apart)")
        return self._by_member.fleet(self)

    def save_learner(self, path: str | Path) -> None:
        """Write the whole learner to a file, from which `load` makes one that learns on.

        Raises
        ------
        DataError
            If it cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> path = f"{tempfile.mkdtemp()}/lots.learner"
        >>> learn([["load", "run"], ["load"]] * 100).save_learner(path)
        >>> Learned.load(path).traces
        200
        """
        super().save(path)

    def _saved_with(self) -> dict[str, Any]:
        kept = self._by_member
        return super()._saved_with() | ({} if kept is None else {"per": [kept.by, kept.capacity]})

    @classmethod
    def _made_from(cls, saved: Saved) -> Self:
        learned = super()._made_from(saved)
        if "per" in saved:
            by, capacity = saved.raw("per", list)
            learned._tell_apart(by, capacity)
        return learned

    def _tell_apart(self, by: str, capacity: int) -> None:
        """Keep traces of each member, in so many bytes."""
        from .learning.fleet_learner import Members  # imported where they are told apart only

        self._by_member = Members(capacity, by)
        self.observe(self._by_member)

    def _judge(self, reading: Reading | None) -> Model:
        """Return the model with what is wrong with it, as it is known since it was learned, or by itself."""
        if self._judged is None or self._judged[0] != self.traces:
            model, verdicts = judge_model(model_with_evidence(self, 1), self, reading)
            self.verdicts, self._judged = tuple(verdicts), (self.traces, model)
        return self._judged[1]

    def _watch_for_drift(self, follow: str | None) -> None:
        if follow is not None:
            from .monitoring.drift import Drift  # imported where it is asked for only

            self._drift = Drift(follow)
            self.observe(self._drift)

    def _take(self, reading: Reading, keeper: Checkpoints | None = None) -> None:
        """Learn all that a reading has, and judge what comes of it."""

        def count(batch: TraceBatch) -> None:
            self.learn_many(batch, reading.alphabet)

        with Overlap(count) as counting:
            if keeper is not None:
                keeper.follow(reading, counting)
            for batch in reading if keeper is None else ():
                counting.do(batch)
        self.notes, self.stats = tuple(reading.notes), reading.stats
        if self._drift is not None:
            self._drift.settle(self)
            self.changes, self._drift = tuple(self._drift.changes), None  # which goes on watching
        if not self.traces:
            raise DataError("flexstream.learn", None, "no trace came", "at least one trace or event")
        self.refine()
        self._judge(reading)
        for note in self.notes:
            LOG.info("%s", note)
        for verdict in self.verdicts[:1]:
            LOG.warning("%s", verdict.text)


def learn(
    data: Data,
    *,
    case: str | None = None,
    event: str | None = None,
    time: str | None = None,
    on_drift: str | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: str | int = "10s",
    resume: bool = False,
    **options: Any,
) -> Learned:
    """Learn an automaton from files, frames or rows in one call.

    Parameters
    ----------
    data
        The path of a file in any of the formats, ``"-"`` for stdin, a binary file object; a frame of pandas, polars or
        Arrow, or any that hands over Arrow's batches; a mapping of names to columns; an iterable of rows (mappings,
        named tuples, data classes) or of traces; or several of them in a list.
    case, event, time : str, optional
        The columns or fields that hold the case, the event and the time; the usual ones are recognised.
    on_drift : {"report", "restart", "decay"}, optional
        What to do where the source changes, see `flexstream.monitoring.drift.Drift`; None: nobody watches for that.
    checkpoint : str or Path, optional
        A folder for checkpoints, see `flexstream.learning.checkpoint`, of which the last is written before what is open
        at the end of the data ends.
    checkpoint_every : str or int
        Traces, or a time such as ``"10s"`` or ``"5m"``, between two of them.
    resume : bool
        Whether to go on from the last one, if there is one: with the same data, or with more behind them.
    **options
        All other fields of `ReadOptions`, and all parameters of `StreamLearner`.

    Returns
    -------
    Learned
        A learner: ``automaton``, ``model``, ``explain()``, ``save(path)`` …; its ``verdicts`` say what is wrong with
        the model, the first of which is also logged as a warning, to the logger ``flexstream``.

    Raises
    ------
    WrongTypeError
        If the data are nothing that can be read, or there is no such option.
    UsageError
        If the options do not go together, or do not fit the data.
    DataError
        If something cannot be read, or holds no trace.

    Examples
    --------
    >>> rows = {"lot": [7, 8, 7, 8] * 50, "task": ["load", "load", "run", "run"] * 50}
    >>> learned = learn(rows, case="lot", event="task", start="load")
    >>> learned
    <Learned: 100 traces, 200 events, 2 symbols -> 3 states>
    >>> learned.automaton.log2_prob(["load", "run"]) > -0.1, learned.verdicts
    (True, ())
    """
    named = {name: value for name, value in (("case", case), ("event", event), ("time", time)) if value is not None}
    reading, learning = _divided({**named, **options})
    learned = _learner(learning, reading.get("per"))
    learned._watch_for_drift(on_drift)
    given, shares = ReadOptions(**expanded(reading)), (learned.budget.share("cases"), learned.budget.share("line"))
    if checkpoint is None:
        if resume:
            raise UsageError(f"{parameter('resume')} needs {parameter('checkpoint')}")
        learned._take(Reading(data, learned.alphabet.copy(), given, *shares))
        return learned
    from .learning.checkpoint import Checkpoints
    from .learning.given import parameters_of

    traced = on_drift is not None
    source = Reading(data, learned.alphabet.copy(), given, *shares, origins=traced, resumable=True)
    with Checkpoints(checkpoint, checkpoint_every, resume) as keeper:
        parts: dict[str, Any] = {"learner": learned, "reading": source}
        keeper.begin(parameters_of(learned, given, data, on_drift=on_drift), parts)
        learned._take(source, keeper)
    return learned


def _learner(learning: dict[str, Any], per: str | None) -> Learned:
    """Return what learns, and what keeps the traces of members where they are told apart."""
    if per is None:
        return Learned(**learning)
    from .learning.fleet_learner import divided  # imported where they are told apart only

    budget, own = divided(learning.get("memory", MEMORY))
    learned = Learned(**{**learning, "memory": budget})
    learned._tell_apart(per, own)
    return learned


def _divided(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options for reading and those for learning.

    >>> _divided({"case": "lot", "seed": 3})
    ({'case': 'lot'}, {'seed': 3})
    """
    for name in options:
        _known(name, (*READING, *LEARNING))
    reading = {name: value for name, value in options.items() if name in READING}
    return reading, {name: value for name, value in options.items() if name not in READING}


def _known(name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        near = difflib.get_close_matches(name, names, 3) or names
        raise WrongTypeError(f"there is no option {parameter(name)} (expected: one of {', '.join(near)})")


class Traces(Iterator[list[str]]):
    """The traces that `read` finds, one by one, as lists of symbols.

    Attributes
    ----------
    reading : Reading
        Where they come from: its ``notes`` and ``stats`` grow as it is read.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._traces = self._named()

    def __next__(self) -> list[str]:
        return next(self._traces)[1]

    def items(self) -> Iterator[tuple[str | None, list[str]]]:
        """Return the traces that are left with their names, the cases'; None where they have none."""
        return self._traces

    def _named(self) -> Iterator[tuple[str | None, list[str]]]:
        for batch in self.reading:
            texts = self.reading.alphabet.texts
            names: Sequence[str | None] = batch.names or [None] * len(batch)
            for name, trace in zip(names, batch, strict=True):
                yield name, [texts[symbol] for symbol in trace.tolist()]


def read(
    data: Data,
    *,
    like: Model | StreamLearner | Manner | None = None,
    memory: str | int | Budget = MEMORY,
    **options: Any,
) -> Traces:
    """Read the traces in files, frames or rows.

    Parameters
    ----------
    data
        As for `learn`.
    like : model, learner or mapping, optional
        Read as its stream was, but for the options that are given.
    memory : str, int or Budget
        What reading may take.
    **options
        Fields of `ReadOptions`.

    Returns
    -------
    Traces
        An iterator of lists of symbols; ``items()`` has the names of the cases beside them.

    Raises
    ------
    WrongTypeError, UsageError
        As `learn`; a DataError comes when something that cannot be read is reached.

    Examples
    --------
    >>> list(read({"lot": [7, 8, 7], "task": ["load", "load", "run"]}, case="lot", event="task").items())
    [('7', ['load', 'run']), ('8', ['load'])]
    """
    for name in options:
        _known(name, READING)
    budget = memory if isinstance(memory, Budget) else Budget(memory)
    alphabet = Alphabet(capacity=budget.share("symbols"))
    return Traces(read_batches(data, alphabet, ReadOptions(**expanded(options)), budget, _manner(like)))


def _manner(like: Any) -> Manner | None:
    """Return how the stream of a model was read."""
    if like is None or isinstance(like, Mapping):
        return like
    if isinstance(like, StreamLearner):
        return like.reading
    provenance = getattr(like, "provenance", None)
    if not isinstance(provenance, Mapping):
        raise WrongTypeError(f"{parameter('like')} is {written(like)} (expected: a model, or a learner)")
    return provenance.get("reading")
