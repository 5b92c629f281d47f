"""Makes a sample of each kind of log for which there is a preset, in this folder: python datasets/presets/make.py.

The shapes are those of the public documentation of the formats; names, addresses (RFC 5737) and contents are made up.
Behind each sample is a small automaton, a list of steps with probabilities, so that it is known what is to be found.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
Automaton = dict[str, list[tuple[float, str, str]]]
"""From a state to its ways: a probability, what happens, and the state behind it; the state "" is the end."""
Event = tuple[float, int, str]
"""Seconds since the start, the number of the case, and what happens."""


def walk(automaton: Automaton, chance: random.Random) -> Iterator[str]:
    """Yield what happens on one way through an automaton."""
    state = next(iter(automaton))
    while state:
        ways = automaton[state]
        _, what, state = chance.choices(ways, [weight for weight, *_ in ways])[0]
        yield what


def interleaved(automaton: Automaton, cases: int, seed: int, apart: float, between: float) -> list[Event]:
    """Return the events of cases that begin ``apart`` seconds from each other, each ``between`` after the last."""
    chance = random.Random(seed)
    found = []
    for case in range(cases):
        moment = case * apart
        for what in walk(automaton, chance):
            found.append((moment, case, what))
            moment += chance.uniform(0.5, 1.5) * between
    return sorted(found)


def at(seconds: float, form: str) -> str:
    """Return a time as a text."""
    moment = START + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if form == "iso" else moment.strftime(form)


def client(case: int) -> str:
    """Return an address that documents may use."""
    return f"{('192.0.2', '198.51.100', '203.0.113')[case % 3]}.{1 + case * 7 % 250}"


def lines(texts: Sequence[str]) -> str:
    """Return lines as one text."""
    return "".join(f"{text}\n" for text in texts)


def json_lines(objects: Sequence[Any]) -> str:
    """Return objects, one a line."""
    return lines([json.dumps(one) for one in objects])


# --- The samples -------------------------------------------------------------------------------------------------


def sshd() -> str:
    """Return a log of OpenSSH's server: logins that succeed, fail, or are guessed at."""
    automaton: Automaton = {
        "new": [(0.5, "Connection from {ip} port {port} on 192.0.2.250 port 22", "known"),
                (0.5, "Invalid user {guess} from {ip} port {port}", "invalid")],
        "known": [(0.7, "Accepted publickey for {user} from {ip} port {port} ssh2: ED25519 SHA256:{key}", "in"),
                  (0.3, "Failed password for {user} from {ip} port {port} ssh2", "retry")],
        "retry": [(0.6, "Accepted password for {user} from {ip} port {port} ssh2", "in"),
                  (0.4, "Connection closed by authenticating user {user} {ip} port {port} [preauth]", "")],
        "in": [(1, "pam_unix(sshd:session): session opened for user {user} by (uid=0)", "session")],
        "session": [(1, "pam_unix(sshd:session): session closed for user {user}", "")],
        "invalid": [(1, "Failed password for invalid user {guess} from {ip} port {port} ssh2", "guessed")],
        "guessed": [(0.4, "Failed password for invalid user {guess} from {ip} port {port} ssh2", "guessed"),
                    (0.6, "Connection closed by invalid user {guess} {ip} port {port} [preauth]", "")],
    }  # fmt: skip
    chance = random.Random(1)
    keys = ["".join(chance.choices("abcdefghijkmnpqrstuvwxyzABCDEFGH23456789", k=43)) for _ in range(3)]

    def line(event: Event) -> str:
        seconds, case, what = event
        known = {"user": ("deploy", "backup", "root")[case % 3], "guess": ("admin", "test", "oracle", "git")[case % 4]}
        text = what.format(ip=client(case), port=40000 + case * 13, key=keys[case % 3], **known)
        return f"{at(seconds, '%b %d %H:%M:%S')} host1 sshd[{20000 + case * 3}]: {text}"

    return lines([line(event) for event in interleaved(automaton, 100, 2, 20, 15)])


def nginx() -> str:
    """Return an access log of a shop, in the combined format."""
    automaton: Automaton = {
        "new": [(1, "GET / 200", "home")],
        "home": [(0.7, "GET /search?q={word} 200", "found"), (0.3, "GET /login 200", "form")],
        "form": [(0.8, "POST /login 302", "home"), (0.2, "POST /login 401", "form")],
        "found": [(0.4, "GET /search?q={word}&page={page} 200", "found"), (0.5, "POST /cart 303", "cart"),
                  (0.1, "GET /logout 302", "")],
        "cart": [(0.7, "POST /checkout 303", "paid"), (0.3, "GET /search?q={word} 200", "found")],
        "paid": [(0.9, "GET /thanks?order={order} 200", ""), (0.1, "GET /thanks?order={order} 500", "")],
    }  # fmt: skip
    chance = random.Random(3)

    def line(event: Event) -> str:
        seconds, case, what = event
        words = {"word": chance.choice(["lamp", "chair", "desk"]), "page": chance.randint(2, 9), "order": 5000 + case}
        method, path, status = what.format(**words).split()
        size = chance.randint(200, 9000)
        when = at(seconds, "%d/%b/%Y:%H:%M:%S +0000")
        return f'{client(case)} - - [{when}] "{method} {path} HTTP/1.1" {status} {size} "-" "Mozilla/5.0 (X11)"'

    return lines([line(event) for event in interleaved(automaton, 80, 4, 40, 12)])


SERVICE: Automaton = {
    "new": [(1, "Starting backup of volume {volume}", "begun")],
    "begun": [(0.9, "Snapshot {hex} created in {ms} ms", "copy"), (0.1, "Snapshot failed: device busy", "retry")],
    "retry": [(1, "Retrying in {ms} ms", "begun")],
    "copy": [(0.6, "Copied {ms} blocks", "copy"), (0.4, "Upload complete, {ms} objects", "done")],
    "done": [(1, "Backup of volume {volume} finished", "")],
}  # fmt: skip


def filled(what: str, case: int, chance: random.Random) -> str:
    """Return a message with its numbers."""
    return what.format(volume=case % 5, hex=f"{chance.getrandbits(48):012x}", ms=chance.randint(5, 900))


def journald() -> str:
    """Return what journalctl -o json prints of a service."""
    chance = random.Random(5)
    found = [
        {
            "__CURSOR": f"s=5f2c;i={number:x}",
            "__REALTIME_TIMESTAMP": str(int((START.timestamp() + seconds) * 1_000_000)),
            "_BOOT_ID": "5d0c3b0f6a1e4c0d9d1e8f7a6b5c4d3e",
            "PRIORITY": "3" if "failed" in what else "6",
            "SYSLOG_IDENTIFIER": "backup",
            "_PID": str(1200 + case),
            "_SYSTEMD_UNIT": "backup.service",
            "MESSAGE": filled(what, case, chance),
        }
        for number, (seconds, case, what) in enumerate(interleaved(SERVICE, 60, 6, 60, 20))
    ]
    return json_lines(found)


def docker() -> str:
    """Return the json-file log of a container that handles one message after the other."""
    chance, moment, found = random.Random(7), 0.0, []
    for case in range(80):
        for what in walk(SERVICE, chance):
            moment += chance.uniform(0.1, 2)
            stream = "stderr" if "failed" in what else "stdout"
            found.append({"log": filled(what, case, chance) + "\n", "stream": stream, "time": at(moment, "iso")})
    return json_lines(found)


def k8s_audit() -> str:
    """Return an audit log of deployments that are rolled out, and now and then back."""
    automaton: Automaton = {
        "new": [(1, "get deployments", "read")],
        "read": [(0.8, "patch deployments", "rolling"), (0.2, "list pods", "")],
        "rolling": [(0.5, "get pods", "rolling"), (0.4, "list events", "done"), (0.1, "delete pods", "back")],
        "back": [(1, "update deployments", "done")],
        "done": [(1, "get deployments", "")],
    }
    found = []
    for number, (seconds, case, what) in enumerate(interleaved(automaton, 60, 8, 700, 20)):
        verb, resource = what.split()
        found.append({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "stage": "ResponseComplete",
            "auditID": f"00000000-0000-4000-8000-{number:012d}", "verb": verb,
            "user": {"username": f"system:serviceaccount:ci:deployer-{case % 3}", "groups": ["system:authenticated"]},
            "sourceIPs": [client(case)],
            "objectRef": {"resource": resource, "namespace": "shop", "name": f"web-{case % 7}"},
            "responseStatus": {"code": 200}, "requestReceivedTimestamp": at(seconds, "iso"),
        })  # fmt: skip
    return json_lines(found)


def k8s_events() -> str:
    """Return events of pods: most come up at once, some images are pulled late, a few pods crash and are restarted."""
    automaton: Automaton = {
        "new": [(0.1, "FailedScheduling", "new"), (0.9, "Scheduled", "placed")],
        "placed": [(1, "Pulling", "pulling")],
        "pulling": [(0.85, "Pulled", "pulled"), (0.15, "Failed", "failed")],
        "failed": [(1, "BackOff", "placed")],
        "pulled": [(1, "Created", "made")],
        "made": [(1, "Started", "up")],
        "up": [(0.75, "Killing", ""), (0.25, "Unhealthy", "ill")],
        "ill": [(0.6, "Unhealthy", "ill"), (0.4, "Killing", "")],
    }
    found = []
    for number, (seconds, case, what) in enumerate(interleaved(automaton, 80, 10, 45, 20)):
        name, moment = f"web-{case % 7}-{case:05d}", at(seconds, "%Y-%m-%dT%H:%M:%SZ")
        found.append({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": f"{name}.{number:016x}", "namespace": "shop", "creationTimestamp": moment},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": name,
                               "uid": f"00000000-0000-4000-8000-{case:012d}"},
            "reason": what, "message": f"{what}: pod shop/{name}", "source": {"component": "kubelet"},
            "firstTimestamp": moment, "lastTimestamp": moment, "count": 1,
            "type": "Warning" if what in {"FailedScheduling", "Failed", "BackOff", "Unhealthy"} else "Normal",
        })  # fmt: skip
    return json_lines(found)


def cloudtrail() -> str:
    """Return records of CloudTrail, one a line."""
    automaton: Automaton = {
        "new": [(0.7, "signin ConsoleLogin", "in"), (0.3, "sts AssumeRole", "role")],
        "in": [(0.6, "s3 ListBuckets", "buckets"), (0.4, "ec2 DescribeInstances", "machines")],
        "buckets": [(0.6, "s3 GetObject", "buckets"), (0.4, "s3 PutObject", "")],
        "machines": [(0.5, "ec2 StopInstances", "stopped"), (0.5, "cloudwatch GetMetricData", "machines")],
        "stopped": [(1, "ec2 DescribeInstances", "")],
        "role": [(1, "s3 GetObject", "buckets")],
    }
    records = []
    for number, (seconds, case, what) in enumerate(interleaved(automaton, 80, 9, 4000, 60)):
        service, name = what.split()
        user = ("audit", "build", "ops")[case % 3]
        identity = {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{user}", "userName": user}
        records.append({
            "eventVersion": "1.08", "userIdentity": identity, "eventTime": at(seconds, "%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": "eu-central-1",
            "sourceIPAddress": client(case), "eventID": f"00000000-0000-4000-8000-{number:012d}",
        })  # fmt: skip
    return json_lines(records)


def otel() -> str:
    """Return spans of a shop, one a line."""
    automaton: Automaton = {
        "new": [(0.6, "GET /cart", "cart"), (0.4, "POST /orders", "order")],
        "cart": [(0.8, "redis GET", ""), (0.2, "redis GET", "miss")],
        "miss": [(1, "SELECT carts", "fill")],
        "fill": [(1, "redis SET", "")],
        "order": [(1, "SELECT stock", "stock")],
        "stock": [(0.9, "charge card", "paid"), (0.1, "send mail", "")],
        "paid": [(1, "INSERT orders", "stored")],
        "stored": [(1, "send mail", "")],
    }
    found = []
    for number, (seconds, case, name) in enumerate(interleaved(automaton, 80, 10, 1, 0.02)):
        begin = int((START.timestamp() + seconds) * 1_000) * 1_000_000
        found.append({
            "traceId": f"{case + 1:032x}", "spanId": f"{number + 1:016x}", "name": name, "kind": 2,
            "startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + 15_000_000),
            "attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}],
        })  # fmt: skip
    return json_lines(found)


def github_actions() -> str:
    """Return jobs as the API lists them, one a line."""
    automaton: Automaton = {
        "new": [(1, "Set up job success", "set")],
        "set": [(1, "Check out success", "out")],
        "out": [(0.3, "Restore cache success", "cached"), (0.7, "Install success", "installed")],
        "cached": [(1, "Install success", "installed")],
        "installed": [(0.9, "Lint success", "linted"), (0.1, "Lint failure", "failed")],
        "linted": [(0.8, "Test success", "tested"), (0.2, "Test failure", "failed")],
        "tested": [(0.6, "Publish success", "end"), (0.4, "Publish skipped", "end")],
        "failed": [(1, "Report success", "end")],
        "end": [(1, "Complete job success", "")],
    }
    chance, found = random.Random(11), []
    for job in range(80):
        steps = [what.rpartition(" ") for what in walk(automaton, chance)]
        listed = [
            {"name": name, "status": "completed", "conclusion": conclusion, "number": number}
            for number, (name, _, conclusion) in enumerate(steps, 1)
        ]
        bad = any(step["conclusion"] == "failure" for step in listed)
        found.append({
            "id": 9000 + job, "run_id": 700 + job, "name": "build", "status": "completed",
            "conclusion": "failure" if bad else "success", "started_at": at(job * 900, "%Y-%m-%dT%H:%M:%SZ"),
            "steps": listed,
        })  # fmt: skip
    return json_lines(found)


def semi_e10() -> str:
    """Return the states of four etchers, with preventive maintenance after three productive times at the latest."""
    automaton: Automaton = {
        "new": [(1, "STANDBY", "ready")],
        "ready": [(0.9, "PRODUCTIVE", "busy"), (0.1, "ENGINEERING", "checked")],
        "checked": [(1, "STANDBY", "ready")],
        "busy": [(0.65, "STANDBY", "ready"), (0.1, "UNSCHEDULED DOWN", "down"), (0.25, "SCHEDULED DOWN", "care")],
        "down": [(0.7, "ENGINEERING", "checked"), (0.3, "SCHEDULED DOWN", "care")],
        "care": [(0.8, "STANDBY", "ready"), (0.2, "NON-SCHEDULED", "")],
    }
    chance, rows = random.Random(12), []
    for equipment in range(4):
        moment = equipment * 600.0
        for _ in range(8):
            for state in walk(automaton, chance):
                rows.append((moment, f"{at(moment, '%Y-%m-%d %H:%M:%S')},ETCH-{equipment + 1},{state}"))
                moment += chance.uniform(600, 7200)
    return lines(["timestamp,equipment,state", *(row for _, row in sorted(rows))])


AGENT: Automaton = {
    "new": [(0.7, "grep", "found"), (0.3, "list_files", "listed")],
    "listed": [(1, "grep", "found")],
    "found": [(1, "read_file", "read")],
    "read": [(0.3, "read_file", "read"), (0.7, "edit_file", "edited")],
    "edited": [(1, "run_tests", "tested")],
    "tested": [(0.3, "edit_file", "edited"), (0.7, "commit", "")],
}
"""An agent that mends programs: it looks, reads, edits, and commits what it has tested."""


def conversation(number: int, calls: Sequence[str]) -> dict[str, Any]:
    """Return a conversation in which tools are called, as the APIs of chat completions have it."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"please mend issue {number}"}]
    for place, name in enumerate(calls):
        call = {"id": f"call_{number}_{place}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": "ok"})
    messages.append({"role": "assistant", "content": "done"})
    return {"id": f"conversation-{number}", "messages": messages}


def agents() -> str:
    """Return conversations of an agent."""
    chance = random.Random(13)
    return json_lines([conversation(number, [*walk(AGENT, chance)]) for number in range(60)])


SAMPLES: dict[str, tuple[str, Callable[[], str]]] = {
    "sshd": ("sshd.log", sshd),
    "nginx": ("access.log", nginx),
    "journald": ("journal.jsonl", journald),
    "docker": ("container.jsonl", docker),
    "k8s-audit": ("audit.jsonl", k8s_audit),
    "k8s-events": ("events.jsonl", k8s_events),
    "cloudtrail": ("cloudtrail.jsonl", cloudtrail),
    "otel": ("spans.jsonl", otel),
    "github-actions": ("jobs.jsonl", github_actions),
    "semi-e10": ("equipment.csv", semi_e10),
    "agents": ("conversations.jsonl", agents),
}
"""Of each preset the file of its sample and what makes it."""


HERE = Path(__file__).resolve().parent


def main(folder: Path = HERE) -> None:
    """Write all samples."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.values():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
