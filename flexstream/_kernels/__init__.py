"""Compiled loops on arrays: each file here declares the kernels that the file of the same name in ``c/`` defines.

A kernel takes arrays and fills arrays or returns a number, does one thing, and has a plain twin in the tests.  It is
plain C that knows nothing of Python, called by ctypes, which lets other threads run meanwhile.
"""
