"""The learner in the words of scikit-learn and river: thin names for what it does anyway."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA, Outcome
from ..display import Displayed
from ..errors import NotFittedError, UsageError, parameter
from ..stream.batch import TraceBatch
from ..stream.traces import as_traces
from .members import Credit
from .observers import Observer
from .settings import Settings

if TYPE_CHECKING:
    from ..automata.frames import Frames
    from ..automata.mixture import Ensemble
    from ..automata.remaining import Remaining
    from ..automata.score import Score
    from ..stream.alphabet import Alphabet

_DEFAULTS = Settings().to_dict()
_WITHIN = "options__"
Traces = TraceBatch | Iterable[Sequence[str | int]]


class Estimator(Displayed, ABC):
    """What people know from other libraries.

    ``learn_one``, ``score_one`` and ``predict_proba_one`` are river's words, ``fit``, ``partial_fit``, ``score``,
    ``get_params`` and ``set_params`` scikit-learn's, whose ``clone`` and model selection take learners as they are:
    traces stand for rows, and there is no ``y``.  Neither library is needed.

    A learner that has seen nothing has a model, too: one state, no symbol, and nothing known of what comes.  What is
    asked of one trace, river's words, is answered by it, so that a loop that asks before it learns needs no exception
    for the first trace; ``automaton``, ``model`` and ``to_pandas`` return it.  What judges by many traces, ``score``,
    ``score_samples`` and ``frontier``, raises NotFittedError, as in scikit-learn: a figure would look like a finding.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> StreamLearner().predict_proba_one([])
    {<Outcome.END: 'end of the trace'>: 0.5, <Outcome.UNKNOWN: 'a symbol outside the alphabet'>: 0.5}
    >>> learner = StreamLearner().fit([["load", "run"], ["load", "setup", "run"]] * 200)
    >>> round(learner.predict_proba_one(["load"])["setup"], 2)
    0.5
    >>> learner.set_params(every=100).fit([["load"]] * 50).traces
    50
    """

    settings: Settings
    alphabet: Alphabet
    _credit: Credit
    _observers: list[Observer]
    _waiting: Settings | None = None  # parameters that hold from the next `fit` on

    @property
    @abstractmethod
    def traces(self) -> int:
        """Number of traces seen."""

    @property
    @abstractmethod
    def model(self) -> PDFA | Ensemble:
        """What to score with."""

    @property
    @abstractmethod
    def automaton(self) -> PDFA:
        """The automaton of all that was seen."""

    @abstractmethod
    def _watch(self) -> None: ...

    @abstractmethod
    def _learn(self, given: TraceBatch | list[list[str]], alphabet: Alphabet | None) -> None: ...

    def __repr__(self) -> str:
        changed = [f"{key}={value!r}" for key, value in self.get_params().items() if value != _DEFAULTS[key]]
        return f"{type(self).__name__}({', '.join(changed)})"

    # --- parameters --------------------------------------------------------------------------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters the learner was made with, or those that `set_params` set.

        ``deep`` is scikit-learn's, and makes no difference: no parameter is an estimator.
        """
        return (self._waiting or self.settings).to_dict()

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``options__NAME`` sets one of the heuristic's options.

        A learner that has learned something still answers from that, and the new values hold from the next `fit` on;
        until then it learns nothing else, since what it has counted was counted under the old ones.

        Raises
        ------
        WrongTypeError, UsageError
            If there is no such parameter, or the values do not do; then nothing is changed.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> StreamLearner().set_params(heuristic="alergia", options__alpha=0.01)
        StreamLearner(heuristic='alergia', options={'alpha': 0.01})
        """
        if params:
            made = self._made_with(_changed(self.get_params(), params))
            if self.traces:
                self._waiting = made.settings
            else:
                self._become(made)
        return self

    def clone(self) -> Self:
        """Return a learner with the same parameters that has seen nothing."""
        return self._made_with(self.get_params())

    @property
    def _fresh(self) -> Callable[[], Self] | None:
        """What makes learners of one automaton that is found once, at the end; None where that would say nothing."""
        return partial(type(self), **{**self.settings.to_dict(), "ensemble": 1, "every": 0})

    def _made_with(self, params: Mapping[str, Any]) -> Self:
        return type(self)(**params)

    def _become(self, fresh: Self) -> None:
        """Take the place of a learner that has seen nothing; observers, and what others have set on it, stay."""
        kept = [observer for observer in self._observers if observer is not self._credit]
        self.__dict__.update(fresh.__dict__, _waiting=None)
        self._observers.extend(kept)
        self._watch()

    def _check_parameters(self) -> None:
        """Raise UsageError if parameters were set that what was learned does not have."""
        if self._waiting is not None:
            raise UsageError(
                "parameters were set after something had been learned with others (expected: `fit`, which begins anew, "
                "or to learn with a `clone()`)"
            )

    def __sklearn_clone__(self) -> Self:
        return self.clone()

    def __sklearn_is_fitted__(self) -> bool:
        return self.traces > 0

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags  # it is scikit-learn that asks

        rows = InputTags(two_d_array=False, string=True, categorical=True)
        return Tags(estimator_type="density_estimator", target_tags=TargetTags(required=False), input_tags=rows)

    # --- learning ----------------------------------------------------------------------------------------------

    def fit(self, traces: Traces, y: object = None) -> Self:
        """Forget all that was learned, learn traces, and return the learner.

        Parameters
        ----------
        traces : TraceBatch, or iterable of sequences of symbols
            A batch is encoded with this learner's ``alphabet``.
        y
            Not used: scikit-learn's pipelines hand it over.

        Raises
        ------
        WrongTypeError, UsageError
            As `learn_many`; then nothing is learned, and nothing forgotten.
        """
        given, known = given_traces(traces), None
        if isinstance(given, TraceBatch):
            given.check(known := self.alphabet)
        self._become(self.clone())
        self._learn(given, known)
        return self

    def partial_fit(self, traces: Traces, y: object = None) -> Self:
        """Learn more traces, as `learn_many`, and return the learner."""
        self._learn(given_traces(traces), None)
        return self

    # --- asking ------------------------------------------------------------------------------------------------

    def score_one(self, trace: Sequence[str | int]) -> Score:
        """Return probability and least expected event of one trace, see :meth:`~flexstream.PDFA.score_one`.

        This, like all that is asked here, is answered by the model of all traces seen so far, which is made anew where
        some came since it was asked for last.  To score each trace of a long stream before learning it, ask for
        ``learner.model`` now and then, and score with that.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> learner = StreamLearner().fit([["load", "run"]] * 100)
        >>> learner.score_one(["load", "run"]).log2_prob > -0.1, learner.score_one(["run"]).unseen
        (True, 1)
        """
        return self.model.score_one(trace)

    def predict_proba_one(self, prefix: Sequence[str | int]) -> dict[str | Outcome, float]:
        """Return the probability of each symbol, of ``END`` and of ``UNKNOWN`` after the beginning of a trace.

        They sum to 1, for a learner that has seen nothing as well.

        Examples
        --------
        >>> from flexstream import END, StreamLearner
        >>> learner = StreamLearner().fit([["load", "run"], ["load"]] * 100)
        >>> {outcome: round(p, 1) for outcome, p in learner.predict_proba_one(["load"]).items() if p > 0.1}
        {'run': 0.5, <Outcome.END: 'end of the trace'>: 0.5}
        """
        return self.model.predict_proba_one(prefix)

    def predict_one(self, prefix: Sequence[str | int]) -> str | Outcome:
        """Return what is likeliest to come next after the beginning of a trace: an event, or ``END``.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> StreamLearner().fit([["load", "run"], ["load", "run", "run"]] * 100).predict_one(["load"])
        'run'
        """
        return self.model.predict_one(prefix)

    def remaining(self, prefix: Sequence[str | int]) -> Remaining:
        """Return how many events are still to come after the beginning of a trace, and how it may end.

        See :class:`~flexstream.automata.remaining.Remaining`; it is the automaton alone that says so.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> coming = StreamLearner().fit([["load", "run"], ["load", "fix", "run"]] * 100).remaining(["load"])
        >>> round(coming.mean, 1), coming.quantile(0.9), round(coming.reaches("fix"), 1)
        (1.5, 2, 0.5)
        """
        return self.model.remaining(prefix)

    def score_samples(self, traces: Traces) -> NDArray[np.float64]:
        """Return the base-2 logarithm of the probability of each trace, shape (traces,).

        Raises
        ------
        NotFittedError
            If nothing was learned yet.
        WrongTypeError
            If one of them is no trace.
        """
        if not self.traces:
            raise NotFittedError("nothing was learned yet (expected: `fit`, `learn_one` or `learn_many` before)")
        model, given = self.model, given_traces(traces)
        batch = given if isinstance(given, TraceBatch) else TraceBatch.from_texts(given, model.alphabet())
        return model.score_batch(batch)[0]

    def score(self, traces: Traces, y: object = None) -> float:
        """Return the mean of the base-2 logarithms of the probabilities of traces: the larger the better.

        Raises
        ------
        NotFittedError, WrongTypeError
            As `score_samples`.
        UsageError
            If there are none.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> learner = StreamLearner().fit([["load", "run"], ["load"]] * 100)
        >>> round(learner.score([["load"], ["load", "run"]]), 1)
        -1.0
        """
        scores = self.score_samples(traces)
        if not len(scores):
            raise UsageError(f"{parameter('traces')} holds none (expected: at least one trace)")
        return float(scores.mean())

    def to_pandas(self) -> Frames:
        """Return the states and transitions of the automaton, see :meth:`flexstream.PDFA.to_pandas`."""
        return self.automaton.to_pandas()


def given_traces(traces: Traces) -> TraceBatch | list[list[str]]:
    """Return traces as texts; those that are encoded already as they are."""
    return traces if isinstance(traces, TraceBatch) else as_traces(traces)


def _changed(params: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with some of them changed.

    >>> _changed({"seed": 0, "options": {}}, {"seed": 3, "options__alpha": 0.1})
    {'seed': 3, 'options': {'alpha': 0.1}}
    """
    plain = {name: value for name, value in changes.items() if not name.startswith(_WITHIN)}
    for name in plain:
        if name not in params:
            import difflib

            near = difflib.get_close_matches(name, params, 3) or params
            raise UsageError(f"there is no parameter {parameter(name)} (expected: one of {', '.join(near)})")
    made = {**params, **plain}
    options = {name[len(_WITHIN) :]: value for name, value in changes.items() if name.startswith(_WITHIN)}
    return {**made, "options": {**(made["options"] or {}), **options}} if options else made
