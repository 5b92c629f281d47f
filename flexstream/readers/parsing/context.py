"""ReadContext: what a format is given besides its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..diagnostics import Diagnostics
from ..options import ReadOptions
from .times import Clock

if TYPE_CHECKING:
    from .tokeniser import Tokeniser


class ReadContext(Diagnostics):
    """Diagnostics with the services that formats share.

    Parameters
    ----------
    options : ReadOptions, optional
        How to read.
    tokeniser : Tokeniser, optional
        The fast path for formats of plain words; without it they take the general path.
    case_bytes : int, optional
        Bytes for open cases, of which tables of case names may take a quarter; no limit by default.
    clock : Clock, optional
        Turns texts into seconds; kept over all sources so that years without a name go on.

    Examples
    --------
    >>> context = ReadContext(ReadOptions(format="lines"))
    >>> context.clock.seconds("1970-01-01T00:01:00Z"), context.tokeniser
    (60.0, None)
    """

    def __init__(
        self,
        options: ReadOptions | None = None,
        tokeniser: Tokeniser | None = None,
        case_bytes: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(options)
        self.tokeniser, self.case_bytes = tokeniser, case_bytes
        self.clock = Clock() if clock is None else clock
