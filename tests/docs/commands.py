"""What commands of the pages say."""

from __future__ import annotations

from click.testing import CliRunner

from flexstream_cli.main import flexstream as command


def said(*arguments: str, given: bytes = b"") -> str:
    """Return what a command prints, which has to succeed."""
    done = CliRunner().invoke(command, list(arguments), input=given)
    assert done.exit_code == 0, done.output
    return done.stdout
