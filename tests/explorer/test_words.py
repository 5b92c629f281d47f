"""The page parts words of a trace into events as the command line does: both run here, the page's in node."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

import flexstream.explorer
from flexstream import StreamLearner
from flexstream.explorer.knowledge import facts
from flexstream_cli.splitting import Splitter

SCRIPT = Path(flexstream.explorer.__file__).with_name("explorer.js")
BEFORE = """
const [data, texts] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const numbers = new Map(data.symbols.map((symbol, at) => [symbol, at]));
const leaving = data.states.map(() => new Map());
for (const edge of data.edges) leaving[edge[0]].set(edge[1], edge);
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_page_parts_words_as_the_command_line_does() -> None:
    luck, names = random.Random(4), ["a", "b", "c", "a b", "b c", "a b c", "c c"]
    traces = [luck.choices(names, range(1, 8), k=luck.randrange(1, 6)) for _ in range(300)]
    automaton = StreamLearner().fit(traces).automaton.alone
    asked = [" ".join(luck.choices("abcd", [9, 9, 9, 1], k=luck.randrange(1, 9))) for _ in range(60)]
    script = SCRIPT.read_text(encoding="utf-8")
    functions = script[script.index("  function events(text)") : script.index("  function follow(")]
    program = BEFORE + functions + "console.log(JSON.stringify(texts.map(events)));"
    told = json.dumps([facts(automaton), asked])
    run = subprocess.run(["node", "-e", program], input=told, capture_output=True, text=True, check=True)
    splitter = Splitter(automaton, str)
    assert json.loads(run.stdout) == [splitter.split([text.split()], ended=True).events for text in asked]
