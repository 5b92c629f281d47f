"""``flexstream watch``: `flexstream learn` with a page that shows it."""

from __future__ import annotations

from functools import partial

import click

from .learn import learn
from .live import STAY

_HELP = """Learn an automaton while a page shows it: its states, how many bits a trace takes, what is strange.

The page is on this machine alone (127.0.0.1), at an address that is told on stderr, with a token in it. After the end
of the stream it stays until Ctrl-C; what is asked for by -o and the like is written before. All options are those of
flexstream learn.

\b
  flexstream watch traces.txt
  tail -n +1 -F app.log | flexstream watch - --pattern '(?P<time>\\S+) \\[(?P<case>\\w+)\\] (?P<message>.*)'
"""

watch = click.Command(
    "watch",
    params=[param for param in learn.params if param.name != "watch"],
    callback=partial(learn.callback, watch=STAY) if learn.callback is not None else None,
    help=_HELP,
    short_help="Learn while a page shows it.",
)
"""The command."""
