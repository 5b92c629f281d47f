"""What is in the bytes of a log but is no part of its text: NULs and the colour codes of terminals."""

from __future__ import annotations

from ...patterns import late

NUL, ESCAPE = b"\0", b"\x1b"

# A terminal's commands (ECMA-48): ESC [ … letter; ESC ] … BEL, such as a window's title; ESC and a letter.  None goes
# over the end of a line, and each is looked through once.
_COMMAND = late(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[()*+#][0-9A-Za-z]|[0-9=>A-Z\\^_a-z])?")


def cleaned(block: bytes) -> bytes:
    """Return bytes without NULs and without the commands of terminals; line ends stay where they are.

    NULs are what a file is filled with when it was cut short under a program that writes on, or when a disk lost power.

    Examples
    --------
    >>> cleaned(b"\\0\\0\\x1b[1;31mERROR\\x1b[0m lot lost\\n")
    b'ERROR lot lost\\n'
    """
    if NUL in block:
        block = block.replace(NUL, b"")
    return _COMMAND.sub(b"", block) if ESCAPE in block else block


def left_out(block: bytes) -> list[str]:
    """Return what `cleaned` leaves out of a block, in words.

    >>> left_out(b"a\\0b"), left_out(b"load")
    (['NULs'], [])
    """
    return [what for code, what in ((NUL, "NULs"), (ESCAPE, "colour codes")) if code in block]


def blanked(data: bytes, lines: int) -> bytes:
    """Return bytes whose first lines, so many of them, are blank.

    >>> blanked(b"# agent 7\\n# host\\nload\\n", 2), blanked(b"load", 0)
    (b'\\n\\nload\\n', b'load')
    """
    start = found = 0
    while found < lines and (stop := data.find(b"\n", start) + 1):
        start, found = stop, found + 1
    return b"\n" * found + data[start:]
