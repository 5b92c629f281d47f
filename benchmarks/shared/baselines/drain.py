"""Drain (He, Zhu, Zheng & Lyu, Drain: an online log parsing approach with fixed depth tree, ICWS 2017), run as it is.

It is that of ``logparser3``, the authors' collection of parsers (Zhu et al., Tools and benchmarks for automated log
parsing, ICSE-SEIP 2019), with the parameters that its benchmark publishes, of which some were chosen by the truth of
the log.  It pins an old version of ``regex``, and ``drain3`` those of two other packages, so that it lives in an
environment of its own: ``python -m venv DRAIN; DRAIN/bin/pip install logparser3``.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any, NamedTuple

ADDRESS = r"(\d+\.){3}\d+"
HOST = r"([\w-]+\.){2,}[\w-]+"


class Settings(NamedTuple):
    """The depth of the tree, how alike the messages of a group are at least, and what is masked before."""

    depth: int
    similarity: float
    masks: tuple[str, ...]


USUAL = Settings(4, 0.5, ())
PUBLISHED = {
    "Android": Settings(6, 0.2, (r"(/[\w-]+)+", HOST, r"\b(\-?\+?\d+)\b|\b0[Xx][a-fA-F\d]+\b|\b[a-fA-F\d]{4,}\b")),
    "Apache": Settings(4, 0.5, (ADDRESS,)),
    "BGL": Settings(4, 0.5, (r"core\.\d+",)),
    "HDFS": Settings(4, 0.5, (r"blk_-?\d+", r"(\d+\.){3}\d+(:\d+)?")),
    "HPC": Settings(4, 0.5, (r"=\d+",)),
    "Hadoop": Settings(4, 0.5, (ADDRESS,)),
    "HealthApp": Settings(4, 0.2, ()),
    "Linux": Settings(6, 0.39, (ADDRESS, r"\d{2}:\d{2}:\d{2}")),
    "Mac": Settings(6, 0.7, (HOST,)),
    "OpenSSH": Settings(5, 0.6, (ADDRESS, HOST)),
    "OpenStack": Settings(5, 0.5, (r"((\d+\.){3}\d+,?)+", r"/.+?\s", r"\d+")),
    "Proxifier": Settings(3, 0.6, (r"<\d+\ssec", r"([\w-]+\.)+[\w-]+(:\d+)?", r"\d{2}:\d{2}(:\d{2})*", r"[KGTM]B")),
    "Spark": Settings(4, 0.5, (ADDRESS, r"\b[KGTM]?B\b", HOST)),
    "Thunderbird": Settings(4, 0.5, (ADDRESS,)),
    "Windows": Settings(5, 0.7, (r"0x.*?\s",)),
    "Zookeeper": Settings(4, 0.5, (r"(/|)(\d+\.){3}\d+(:\d+)?",)),
}
"""By the name of the log; other logs have the usual ones."""

_WORKER = """
import contextlib, csv, json, os, sys, tempfile
from logparser.Drain import LogParser
given = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
    with open(os.path.join(folder, "log"), "w", encoding="utf-8") as out:
        out.writelines(message + "\\n" for message in given["messages"])
    parser = LogParser("<Content>", folder, folder, given["depth"], given["similarity"], 100, given["masks"], False)
    parser.parse("log")
    with open(os.path.join(folder, "log_structured.csv"), encoding="utf-8", newline="") as rows:
        groups = [row["EventId"] for row in csv.DictReader(rows)]
json.dump(groups, sys.stdout)
"""


def groups(python: str, messages: list[str], settings: Settings) -> list[str]:
    """Return the group of each message, none of which holds the end of a line.

    Parameters
    ----------
    python : str
        Interpreter of the environment in which ``logparser3`` is.

    Raises
    ------
    RuntimeError
        If it fails, or gives another number of groups.
    """
    given: dict[str, Any] = {**settings._asdict(), "messages": messages}
    ran = subprocess.run([python, "-c", _WORKER], input=json.dumps(given), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"logparser3's Drain fails: {ran.stderr.strip()[-500:]}")
    found: list[str] = json.loads(ran.stdout)
    if len(found) != len(messages):
        raise RuntimeError(f"Drain gives {len(found)} groups for {len(messages)} messages")
    return found
