"""Again: how an answer was made that a learner had when it was saved, so that it is made again as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..merging.journal import Journal
from ..tuples import NamedTuple
from .giving_back import with_given_back
from .members import Member

if TYPE_CHECKING:
    from ..saved import Saved
    from .answer import Answer
    from .learner import StreamLearner


class Again(NamedTuple):
    """What an answer hung on beside what a learner has counted.

    A refinement builds on the decisions of the one before, and the learner holds its own by then.

    Attributes
    ----------
    own : bool
        Whether it is about the learner's own tree, which grew for it, or about a copy.
    most : int or None
        Most states.
    best : int
        Which member was best.
    before : list of Journal
        The decisions that the members had.
    gave_back : bool
        Whether it was made anew with traces that had been held back.
    """

    own: bool
    most: int | None
    best: int
    before: list[Journal]
    gave_back: bool = False

    @classmethod
    def of(cls, answer: Answer, learner: StreamLearner) -> Again:
        """Return how an answer of a learner was made."""
        if answer.made_anew_of is not None:
            return cls(*answer.made_anew_of, True)
        return cls(answer.tree is learner.tree, answer.most, answer.best, answer.before)

    def answer(self, learner: StreamLearner) -> Answer:
        """Make the answer again, of a learner that has counted nothing since."""
        learner.refinements -= 1  # it was counted
        learner._prepare()
        learner.refinements += 1
        tree = learner.tree if self.own else learner.tree.copy()
        if not self.own:
            tree.grow_near(learner.heuristic.near, learner._symbol_codes())
        chain = learner.chain
        learner.chain = chain.before if self.own else chain  # as it was before the answer was made
        members = [Member(member.heuristic, member.strategy) for member in learner._members]
        for member, journal in zip(members, self.before, strict=True):
            member.journal = journal
        made = learner._searched(tree, self.most, members, self.best)
        learner.chain = chain
        return with_given_back(learner, made) if self.gave_back else made

    def state(self) -> dict[str, Any]:
        """Return the state that `saved` takes."""
        return {**self._asdict(), "before": [journal.state() for journal in self.before]}

    @classmethod
    def saved(cls, saved: Saved, members: int, nodes: int) -> Again:
        """Return what was saved of a learner with so many members and nodes; raises StateError if it cannot be."""
        most = saved.optional("most", lambda name: saved.whole(name, 1))
        before = [Journal.saved(part, nodes) for part in saved.parts("before", members)]
        return cls(saved.flag("own"), most, saved.whole("best", 0, members - 1), before, saved.flag("gave_back"))
