"""Giving back: what was held back as repeats is evidence after all where the source has changed and explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..merging.interpolation import Tables
from .answer import Answer
from .members import Member
from .taking_back import without_copies

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA
    from ..summary.tree import PrefixTree
    from .learner import StreamLearner


def gave_back(answer: Answer) -> bool:
    """Tell whether an answer was made anew, with other traces as evidence than the learner's tree holds."""
    return answer.made_anew_of is not None


def with_given_back(learner: StreamLearner, answer: Answer) -> Answer:
    """Return an answer with all that is evidence and no more: where that is not what the tree holds, one made anew.

    Copies of each trace that came in any order are taken back, and where the source has changed what was held back
    and is explained is given back.  The learner is left as it is: either is done to another tree.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["c"], ["a", "c"]] * 500)
    >>> answer = learner.answer()
    >>> with_given_back(learner, answer) is answer
    True
    """
    if gave_back(answer):
        return answer
    members = [Member(member.heuristic, member.strategy) for member in learner._members]
    if (once := without_copies(learner)) is not None:
        codes = learner._symbol_codes()
        once.grow_near(learner.heuristic.near, codes)
        members[answer.best].search(once, len(learner.alphabet), codes, halt=learner._halt)  # near what it then grows
        made = _made_anew(learner, answer, once, members)
        made._tables = Tables(once, len(learner.alphabet), once=True)
        return made
    if (found := learner.repeats.explained(_of_any_size(learner, answer))) is None:
        return answer
    back, left = found
    tree, codes = learner.tree.copy(), learner._symbol_codes()
    for member, own in zip(members, learner._members, strict=True):
        member.journal = own.journal
    for batch in back.batches():
        for renumbering in tree.count(batch, codes):
            for member in members:
                member.renumber(renumbering)
    tree.repeated = left
    return _made_anew(learner, answer, tree, members)


def _of_any_size(learner: StreamLearner, answer: Answer) -> PDFA:
    """Return the automaton that the evidence speaks for, whatever most states it was asked for with."""
    if answer.most is None or not learner.repeats.explains_any:
        return answer.bare
    first = Member(learner.heuristic, learner.strategy)
    return learner._searched(learner.tree.copy(), None, [first], 0).bare


def _made_anew(learner: StreamLearner, answer: Answer, tree: PrefixTree, members: list[Member]) -> Answer:
    """Return what another tree than the learner's amounts to; it grows."""
    tree.grow_near(learner.heuristic.near, learner._symbol_codes())
    made = Answer.of(learner, members, answer.best, tree, answer.most)
    made.made_anew_of = answer.tree is learner.tree, answer.most, answer.best, answer.before
    return made
