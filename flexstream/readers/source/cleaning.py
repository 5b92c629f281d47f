"""What is in the bytes of a log but is no part of its text: NULs and the colour codes of terminals."""

from __future__ import annotations

from ...patterns import late

NUL, ESCAPE = b"\0", b"\x1b"

# A terminal's commands (ECMA-48): ESC [ … letter; ESC ] … BEL, such as a window's title; ESC and a letter.  None goes
# over the end of a line, and each is looked through once.
_COMMAND = late(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[()*+#][0-9A-Za-z]|[0-9=>A-Z\\^_a-z])?")


# One between two words.  In what is UTF-16 amid other text every second byte is one, and parts nothing.
_BETWEEN = late(rb"(?<=[^\0\s])(?<!\0[^\0])\0(?=[^\0\s\x1b])(?![^\0]\0)")


def cleaned(block: bytes, lines: bool = True) -> bytes:
    """Return bytes without NULs and without the commands of terminals; line ends stay where they are.

    NULs are what a file is filled with when it was cut short under a program that writes on, or when a disk lost power.
    One alone between two words parts them, as a blank does.

    Parameters
    ----------
    block : bytes
    lines : bool
        Whether it holds whole lines, in which words are parted.

    Examples
    --------
    >>> cleaned(b"\\0\\0\\x1b[1;31mERROR\\x1b[0m lot\\0lost\\n")
    b'ERROR lot lost\\n'
    >>> cleaned("lot lost".encode("utf-16-le"))
    b'lot lost'
    """
    if NUL in block:
        block = (words_apart(block) if lines else block).replace(NUL, b"")
    return _COMMAND.sub(b"", block) if ESCAPE in block else block


def left_out(block: bytes) -> list[str]:
    """Return what `cleaned` leaves out of a block, in words.

    >>> left_out(b"a\\0b"), left_out(b"load")
    (['NULs'], [])
    """
    return [what for code, what in ((NUL, "NULs"), (ESCAPE, "colour codes")) if code in block]


def words_apart(block: bytes) -> bytes:
    """Return whole lines with blanks for the NULs that part words; the very same bytes if there are none.

    >>> words_apart(b"load\\0run\\n"), words_apart(b"load\\0\\n")
    (b'load run\\n', b'load\\x00\\n')
    """
    return _BETWEEN.sub(b" ", block) if NUL in block else block


def blanked(data: bytes, lines: int) -> bytes:
    """Return bytes whose first lines, so many of them, are blank.

    >>> blanked(b"# agent 7\\n# host\\nload\\n", 2), blanked(b"load", 0)
    (b'\\n\\nload\\n', b'load')
    """
    start = found = 0
    while found < lines and (stop := data.find(b"\n", start) + 1):
        start, found = stop, found + 1
    return b"\n" * found + data[start:]
