"""Slow, obvious twins of the kernels: dictionaries, recursion, no arrays.

tests/_kernels/test_twins.py lists every kernel and fails where one has no twin here, or where no test compares the two.
"""

from __future__ import annotations

from .counters import added_counts, poisson, share_distance, space_saving, uncounted
from .evidence import (
    cosine,
    dirichlet_factor,
    evidence,
    group_shares,
    hoeffding,
    log_gamma,
    log_marginal,
    log_rising,
    minhash,
    outcomes,
    schwarz_gap,
)
from .hashing import chain, keys, mix, pairs_of, table, word_code, word_table
from .judges import alergia, css, future_of, spacesaving
from .merging import fold, heaviest_first, search, shape, unfolded
from .registry import TWINS, twin
<<<<<<< HEAD
from .texts import numbered, seconds, split_lines, split_log, split_objects, split_rows
=======
from .sessions import Sessions
from .texts import numbered, seconds, split_lines, split_objects, split_rows
>>>>>>> 4d107a0 (Events go to their cases in compiled loops, with and without --idle: three to five times as fast)
from .trees import (
    END_CODE,
    MASK,
    Node,
    Path,
    add,
    all_futures,
    cell,
    entries,
    facts,
    facts_of,
    future_cell,
    grow,
    grow_near,
    least_levels,
    levels_below,
    lists,
    packed,
    recall,
    sketches,
    sketches_of,
)
from .walking import (
    credit,
    draw,
    log2_prob,
    mixed,
    path_probability,
    pooled,
    route,
    score,
    states_of,
    surprises,
)

__all__ = [
    "END_CODE",
    "MASK",
    "TWINS",
    "Node",
    "Path",
    "Sessions",
    "add",
    "added_counts",
    "alergia",
    "all_futures",
    "cell",
    "chain",
    "cosine",
    "credit",
    "css",
    "dirichlet_factor",
    "draw",
    "entries",
    "evidence",
    "facts",
    "facts_of",
    "fold",
    "future_cell",
    "future_of",
    "group_shares",
    "grow",
    "grow_near",
    "heaviest_first",
    "hoeffding",
    "keys",
    "least_levels",
    "levels_below",
    "lists",
    "log2_prob",
    "log_gamma",
    "log_marginal",
    "log_rising",
    "minhash",
    "mix",
    "mixed",
    "numbered",
    "outcomes",
    "packed",
    "pairs_of",
    "path_probability",
    "poisson",
    "pooled",
    "recall",
    "route",
    "schwarz_gap",
    "score",
    "search",
    "seconds",
    "shape",
    "share_distance",
    "sketches",
    "sketches_of",
    "space_saving",
    "spacesaving",
    "split_lines",
    "split_log",
    "split_objects",
    "split_rows",
    "states_of",
    "surprises",
    "table",
    "twin",
    "uncounted",
    "unfolded",
    "word_code",
    "word_table",
]
