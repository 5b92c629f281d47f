"""Compiled loops on arrays, the only place that imports numba.

A kernel takes arrays and returns arrays or counts, does one thing, releases the GIL, and has a plain twin in
``tests/naive.py``.  Nothing outside this package needs to know how a kernel is compiled.
"""
