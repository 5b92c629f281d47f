"""``flexstream simulate``: streams from sources that are known exactly, with the truth beside them."""

from __future__ import annotations

import importlib

import click

KINDS = {
    "pdfa": "simulate_targets",
    "pfa": "simulate_targets",
    "hmm": "simulate_targets",
    "reber": "simulate_targets",
    "minifab": "minifab",
}
"""A kind is a click command of its name in a module of this package; adding one is one line here."""


class Kinds(click.Group):
    """A group that imports a kind when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(KINDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a kind by its name."""
        if cmd_name not in KINDS:
            return None
        command: click.Command = getattr(importlib.import_module(f".{KINDS[cmd_name]}", __package__), cmd_name)
        return command


@click.group(cls=Kinds, short_help="Make a stream from a source that is known exactly.")
def simulate() -> None:
    """Make a stream from a source that is known exactly, to try learners on.

    \b
      flexstream simulate pdfa --states 20 --traces 100000 --seed 7 | flexstream learn -
      flexstream simulate hmm --traces 20000 --seed 7 -o hmm-7
      flexstream simulate minifab --weeks 52 | flexstream learn - --case lot --svg lots.svg
    """
