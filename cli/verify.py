"""``flexstream verify``: is this what was learned?"""

from __future__ import annotations

import sys

import click

from .console import put
from .models import in_their_order
from .paths import FileName

MARKS = {True: "ok", False: "WRONG", None: "unknown"}


@click.command(short_help="Look whether a model or a checkpoint is what was learned.")
@click.argument("file", type=FileName())
@click.argument("sources", nargs=-1, type=FileName(), metavar="[SOURCE]...")
def verify(file: str, sources: tuple[str, ...]) -> None:
    """Look whether FILE, a model, a checkpoint, or a folder of these, is what was learned; exit with 3 if not.

    \b
      flexstream verify model.json              # its seal, and its record of refinements
      flexstream verify checkpoints/            # and every link and sum, and the tree folded again
      flexstream verify model.json orders.csv   # all learned again, and compared at each refinement
    """
    from flexstream.verification import verify as look

    with in_their_order(file):
        findings = look(file, list(sources) or None)
    put("-", "".join(f"{MARKS[finding.good]:<8} {finding.text}\n" for finding in findings))
    if any(finding.good is False for finding in findings):
        sys.exit(3)
