"""Shares as options of the command line take them: 0.05 or 5%."""

from __future__ import annotations

from typing import Any

import click
from click.types import FloatParamType


def share_of(text: str) -> float:
    """Return the number that a share is written as; raises ValueError if it is none.

    >>> share_of("0.05"), share_of("5%"), share_of(" 12.5 % ")
    (0.05, 0.05, 0.125)
    """
    text = text.strip()
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


class _Share(click.ParamType):
    """What is between 0 and 1, and may be written in percent."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the share; what is none is refused in one line."""
        try:
            number = share_of(str(value))
        except ValueError:
            self.fail(f"{value!r} is no share (expected: such as 0.05 or 5%).", param, ctx)
        return super().convert(number, param, ctx)


class Share(_Share, FloatParamType):
    """A share whose limits are looked at where it is used."""


class ShareRange(_Share, click.FloatRange):
    """A share within limits."""
