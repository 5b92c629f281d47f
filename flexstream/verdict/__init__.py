"""Verdicts: what is wrong with a learned model, and the command that does better.

`judge` looks at a learner, and at the reading its traces came from, for the ``symptoms`` it knows, a kind of them a
file; where there are few enough traces, ``foresight`` tries how well some that are held out are foretold.
"""

from .judge import judge
from .verdict import Verdict

__all__ = ["Verdict", "judge"]
