"""``--redact``: what is planted in a log is in no file and on no screen."""

from __future__ import annotations

import json

import pytest

PLANTED = ("alice", "Alice", "kowalski", "Kowalski", "192.0.2.7", "fab.example.com", "hunter", "4111", "zork")
STEPS = (
    "alice logs in",
    "mail zork@fab.example.com",
    "read from 192.0.2.7 user=zork",
    "paid by Alice Kowalski 4111 1111 1111",
)
AGENT = [{"function": {"name": name}} for name in ("search", "mail_alice", "close")]
CONTENT = {
    "events.csv": "user,activity\n"
    + "".join(f"alice kowalski {number // 4},{STEPS[number % 4]}\n" for number in range(400))
    + "alice,x,192.0.2.7\n",
    "events.jsonl": "".join(
        json.dumps({"session": f"alice{number // 4}", "message": STEPS[number % 4]}) + "\n" for number in range(400)
    )
    + '{"session": "alice", "message": ["zork"]}\n"alice"\n',
    "agent.jsonl": "".join(
        json.dumps({"id": f"alice{number}", "messages": [{"role": "user", "content": "zork"}, {"tool_calls": AGENT}]})
        + "\n"
        for number in range(50)
    ),
    "access.log": "".join(
        f'192.0.2.7 - alice [05/May/2024:02:10:{number % 60:02}] "GET /{"abcd"[number % 4]}?user=zork HTTP/1.1" 200 '
        '"https://alice:hunter@fab.example.com/"\n'
        for number in range(200)
    ),
    "sshd.log": "".join(
        f"Dec 10 06:{number // 60:02}:{number % 60:02} gate sshd[{number // 4}]: {text}\n"
        for number in range(200)
        for text in [("Accepted password for zork from 192.0.2.7", "session opened for user alice")[number % 2]]
    ),
}


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("more", [(), ("--no-mask",)], ids=["", "no-mask"])
def test_nothing_is_in_any_file_or_on_the_screen(run, write, tmp_path, name, more):
    source = write(name, CONTENT[name])
    outputs = {kind: tmp_path / f"out.{kind}" for kind in ("json", "html", "dot", "mmd")}
    said = run(
        *("learn", source, "--redact", "--on-error", "skip", *more, "-o", outputs["json"], "--report", outputs["html"]),
    )
    assert said.code == 0, said.err
    for kind in ("dot", "mmd"):
        assert run("export", outputs["json"], "-o", outputs[kind]).code == 0
    scored = run("score", outputs["json"], source, "--on-error", "skip")
    assert scored.code == 0, scored.err
    shown = run("inspect", source, "--redact", *more)
    texts = [said.err, said.text, scored.text, scored.err, shown.text, shown.err]
    texts += [path.read_text() for path in outputs.values()]
    for planted in PLANTED:
        assert not any(planted in text for text in texts), planted
    assert json.loads(outputs["json"].read_text())["provenance"]["reading"]["redact"] is True


def test_an_error_says_nothing_either(run, write):
    source = write("events.csv", CONTENT["events.csv"])
    said = run("learn", source, "--redact")
    assert said.code == 1
    assert not any(planted in said.err for planted in PLANTED)


def test_a_model_of_names_is_told_apart(run, write, tmp_path):
    """Without the option the names are there."""
    model = tmp_path / "m.json"
    assert run("learn", write("events.csv", CONTENT["events.csv"]), "--on-error", "skip", "-o", model).code == 0
    assert "Alice Kowalski" in model.read_text()
