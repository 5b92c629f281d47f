"""Automata for other libraries: as a graph of networkx, as frames of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..display import Displayed

if TYPE_CHECKING:
    import networkx

    from .frames import Frames
    from .pdfa import PDFA


class Exchanged(Displayed):
    """What :class:`~flexstream.automata.pdfa.PDFA` becomes elsewhere."""

    def to_networkx(self) -> networkx.MultiDiGraph:
        """Return a networkx MultiDiGraph: nodes are states, edge keys are symbols, with all numbers as attributes."""
        from .graph import to_networkx

        return to_networkx(cast("PDFA", self))

    def to_pandas(self) -> Frames:
        """Return the states and the transitions as two frames of pandas.

        Returns
        -------
        Frames
            See `flexstream.automata.frames.Frames`.

        Raises
        ------
        MissingProgramError
            If pandas is not installed.

        Examples
        --------
        >>> from flexstream.targets import reber
        >>> states, transitions = reber().to_pandas()
        >>> transitions.query("symbol == 'T'")[["source", "target", "probability"]].values.tolist()
        [[0.0, 1.0, 0.5], [2.0, 2.0, 0.5]]
        """
        from .frames import to_pandas

        return to_pandas(cast("PDFA", self))
