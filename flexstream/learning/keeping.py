"""Keeping: a whole learner in one file, from which it goes on as if nothing had happened."""

from __future__ import annotations

import copy
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self, cast

from .stoppable import Stoppable

if TYPE_CHECKING:
    from pathlib import Path

    from ..saved import Saved
    from .learner import StreamLearner
    from .members import Member


class Kept(Stoppable):
    """One that can be copied, and whose state can be kept."""

    _members: list[Member]
    _due: bool

    def __getstate__(self) -> dict[str, Any]:
        """Let copies and pickles go on where the learner is, with a budget of their own and, like clones, no observers.

        Only the version that wrote a pickle reads it; `save` writes what lasts.
        """
        from .copying import state_of

        return state_of(cast("StreamLearner", self), [self._credit] if len(self._members) > 1 else [])

    def __setstate__(self, state: dict[str, Any]) -> None:
        from .copying import checked

        self.__dict__.update(checked(state))
        self._watch()

    def __copy__(self) -> Self:
        return copy.deepcopy(self)  # a tree that two learners count into would be right for neither

    @abstractmethod
    def _refine_on_schedule(self) -> None:
        """Refine because it is time to."""

    def _settle(self) -> None:
        """Do what is due after what was counted last, unless it is given up."""
        if self._due:
            with self._if_not_abandoned():
                self._refine_on_schedule()

    def state(self) -> dict[str, Any]:
        """Return all that the learner is, for `restore` or `flexstream.container`: what it counted and what it decided.

        Arrays in it are the learner's own: write the state, or copy it, before the learner goes on.  Observers that
        have a `name` are in it with theirs.
        """
        from .learner_state import state_of

        self._settle()
        return state_of(cast("StreamLearner", self))

    def restore(self, state: Any) -> None:
        """Be the learner that was saved, with the observers of this one.

        Raises
        ------
        UsageError
            If that one had other parameters, or other observers with a state; then this one stays as it is.
        StateError
            If no learner can have been so.
        """
        from .learner_state import restore

        restore(cast("StreamLearner", self), state)

    def save(self, path: str | Path) -> None:
        """Write the whole learner to a file, from which `load` makes one that goes on exactly as this one.

        A model is what `automaton.save` writes; this is more, and for this library only.

        Raises
        ------
        DataError
            If it cannot be written.
        UsageError
            If the name ends like that of a picture, a page, or a packed file.

        Examples
        --------
        >>> import tempfile
        >>> from flexstream import StreamLearner
        >>> learner, path = StreamLearner(), f"{tempfile.mkdtemp()}/lots.learner"
        >>> learner.learn_many([["load", "run"], ["load", "fix", "run"]] * 100)
        >>> learner.save(path)
        >>> again = StreamLearner.load(path)
        >>> for each in (learner, again):
        ...     each.learn_many([["load", "run"]] * 300)
        >>> again.model.to_json() == learner.model.to_json()
        True
        """
        from ..container import write
        from ..endings import check_ending
        from .learner_state import LEARNER

        check_ending(path, "a learner is written in a form of its own")
        write(path, self.state(), LEARNER)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return the learner that was saved, without its observers.

        Raises
        ------
        NewerError
            If a newer version has written it.
        DataError
            If the file cannot be read, or is none that `save` has written.
        UsageError
            If it had observers with a state: make a learner, let them observe it, and `restore` it.
        """
        from .learner_state import loaded

        return loaded(cls, path)

    @classmethod
    def _made_from(cls, saved: Saved) -> Self:
        """Return a learner with the parameters of one that was saved."""
        return cls(**saved.raw("parameters", dict))

    def _saved_with(self) -> dict[str, Any]:
        """Return what `_made_from` needs."""
        return {"parameters": self.get_params()}
