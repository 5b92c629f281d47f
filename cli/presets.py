"""``flexstream presets``: the kinds of logs of which it is known how they are read."""

from __future__ import annotations

import click

from .console import put


@click.command(short_help="List the presets for common logs, or show one.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def presets(names: tuple[str, ...]) -> None:
    """List the presets that --preset takes, or show what stands in one: a file like it is a preset of your own.

    \b
      flexstream presets
      flexstream presets sshd > mine.toml
      flexstream learn auth.log --preset mine.toml
    """
    from flexstream.readers.presets import NAMES, preset, source

    if names:
        put("-", "\n".join(map(source, names)))
        return
    width = max(map(len, NAMES))
    put("-", "".join(f"{name:{width}}  {preset(name).about}\n" for name in NAMES))
