"""Giving back: what was held back as repeats is evidence after all where the source has changed and explains it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..stream.batch import TraceBatch
from .answer import Answer
from .members import Member
from .provenance import provenance

if TYPE_CHECKING:
    from ..summary.repeated import Repeated
    from .learner import StreamLearner

AT_ONCE = 1 << 16
"""Traces that are counted at once."""


def gave_back(answer: Answer) -> bool:
    """Tell whether an answer was made anew with traces that had been held back."""
    return answer.made_anew_of is not None


def with_given_back(learner: StreamLearner, answer: Answer) -> Answer:
    """Return an answer with all that is evidence: where what was held back is explained, one that is made anew.

    The learner is left as it is: what it holds back is given to a copy of its tree.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["c"], ["a", "c"]] * 500)
    >>> answer = learner.answer()
    >>> with_given_back(learner, answer) is answer
    True
    """
    if gave_back(answer) or (found := learner.repeats.explained(answer.bare)) is None:
        return answer
    back, left = found
    tree, codes = learner.tree.copy(), learner._symbol_codes()
    members = [Member(member.heuristic, member.strategy) for member in learner._members]
    for member, own in zip(members, learner._members, strict=True):
        member.journal = own.journal
    for batch in _batches(back):
        for renumbering in tree.count(batch, codes):
            for member in members:
                member.renumber(renumbering)
    tree.grow_near(learner.heuristic.near, codes)
    tree.repeated = left
    given = tree, learner.alphabet, codes, learner.smoothing, provenance(learner, tree), answer.most
    made = Answer(members, answer.best, *given, learner.timed, learner.drawn, learner._halt, learner._keep)
    made.made_anew_of = answer.tree is learner.tree, answer.most, answer.best, answer.before
    return made


def _batches(back: Repeated) -> Iterator[TraceBatch]:
    """Yield traces as often as they came."""
    rows, lengths = np.repeat(np.arange(len(back.times)), back.times), np.diff(back.starts)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        offsets = np.concatenate([[0], np.cumsum(lengths[some])])
        places = np.repeat(back.starts[some] - offsets[:-1], lengths[some]) + np.arange(offsets[-1])
        yield TraceBatch(back.symbols[places], offsets)
