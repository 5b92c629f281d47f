"""How kernels are compiled: once, cached on disk, without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

kernel: Callable[..., Any] = numba.njit(cache=True, nogil=True)
"""Compile a function called from Python."""

inline: Callable[..., Any] = numba.njit(cache=True, nogil=True)
"""Compile a helper that only kernels call; LLVM decides whether to inline it."""
