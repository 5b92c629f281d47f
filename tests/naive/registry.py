"""Which twin stands for which kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Twin = TypeVar("Twin", bound=Callable[..., Any])

TWINS: dict[str, set[str]] = {}
"""Names of the twins of each kernel, ``"growth.count_traces"``."""


def twin(*kernels: str) -> Callable[[Twin], Twin]:
    """Say that a function does what some kernels do, slowly and obviously."""

    def register(function: Twin) -> Twin:
        for kernel in kernels:
            TWINS.setdefault(kernel, set()).add(function.__name__)
        return function

    return register
