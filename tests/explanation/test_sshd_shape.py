"""Explanations of a log of long messages: a server that is attacked, as sshd's would tell it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from flexstream import PDFA, learn
from flexstream.explanation import Explainer, state_names
from flexstream.explanation.prose import overview, state_text
from flexstream.pac.report.evidence import with_evidence

PATTERN = r"^(?P<time>\w+ +\d+ [\d:]+) \S+ sshd\[(?P<case>\d+)\]: (?P<message>.*)"
FAILED = "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={host}"


def connection(random: np.random.Generator) -> list[str]:
    """Return what one connection leaves: of a user that exists, or of one that does not and tries again."""
    host = ".".join(map(str, random.integers(1, 250, 4)))
    port, name = int(random.integers(1024, 60000)), f"user{random.integers(999)}"
    if random.random() < 0.6:
        words = [FAILED + " user=root", "Failed password for root from {host} port {port} ssh2"]
        return [
            one.format(host=host, port=port)
            for one in [*words, "Received disconnect from {host}: 11: Bye Bye [preauth]"]
        ]
    tries = [
        "pam_unix(sshd:auth): check pass; user unknown",
        FAILED,
        "Failed password for invalid user {name} from {host}",
    ]
    words = [
        f"Invalid user {name} from {host}",
        *tries * int(random.integers(1, 4)),
        "Connection closed by {host} [preauth]",
    ]
    return [one.format(host=host, port=port, name=name) for one in words]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> PDFA:
    random, lines = np.random.default_rng(1), []
    for number in range(400):
        at = f"Dec 10 {number // 60 % 24:02}:{number % 60:02}:00 host sshd[{20000 + number}]: "
        lines += [at + message for message in connection(random)]
    path: Path = tmp_path_factory.mktemp("sshd") / "auth.log"
    path.write_text("\n".join(lines) + "\n")
    return with_evidence(learn(str(path), pattern=PATTERN))


def test_states_are_named_by_words_and_not_by_fields(attacked: PDFA) -> None:
    names = [name for name in state_names(attacked) if name not in ("start", "end")]
    assert "after Failed password for <*> from <*> port <*>" in names
    assert any("authentication failure; … user=<*>" in name for name in names)
    assert any("authentication failure; … rhost=<*>" in name for name in names)
    assert not any("euid" in name for name in names)


def test_what_is_said_of_a_state_is_what_the_server_does(attacked: PDFA) -> None:
    explainer = Explainer(attacked)
    state = next(n for n, name in enumerate(explainer.names) if name.startswith("after Failed password for <*>"))
    text = state_text(explainer, state)
    assert text.splitlines()[0].startswith(f"state q{state}, after Failed password for <*>")
    assert "Received disconnect from <*>: Bye Bye [preauth] -> end" in text
    assert "Invalid user <*> from <*>" in overview(explainer, 3)
