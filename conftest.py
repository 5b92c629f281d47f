"""Loads the packages before pytest loads their modules, one by one, to look for doctests.

A package gives some functions under the names of their modules (``flexstream.verdict.judge``).  A module that pytest
loads before its package would be put in the place of the function, and tests in the same run would call a module.
"""

from __future__ import annotations

import importlib
import pkgutil

import flexstream

for found in pkgutil.iter_modules(flexstream.__path__, f"{flexstream.__name__}."):
    if found.ispkg and not found.name.endswith("._kernels"):
        importlib.import_module(found.name)
