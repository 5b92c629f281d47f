"""Models of a part of their stream: they say so, and so do the commands that use them."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from flexstream import load_model
from flexstream.automata.completeness import part_of

LINE = b"load run unload\n"


def told(path: Path) -> dict:
    return json.loads(path.read_text())["provenance"]


@pytest.fixture(params=[[], ["--ensemble", 2]])
def partial(request, run, write, tmp_path: Path) -> Path:
    """A model whose stream broke off at a bad line."""
    path = tmp_path / "partial.json"
    rows = "".join(f"{number // 3},{'abc'[number % 3]}\n" for number in range(600))
    bad = write("bad.csv", "case,event\n" + rows + "one cell\n" + rows)
    done = run("learn", bad, "-o", path, *request.param)
    assert done.code == 1
    lines = done.err.splitlines()
    assert any(f"{path}: learned from a part of its stream only" in line for line in lines)
    assert "bad.csv:602:" in lines[-1]
    return path


def test_a_whole_stream_says_nothing(run, lots, model) -> None:
    assert "complete" not in told(model) and part_of(load_model(model)) is None
    assert "part of" not in run("score", model, lots).err


def test_what_an_error_ended_is_marked(partial) -> None:
    assert told(partial)["complete"] is False
    assert told(partial)["ended"] == "an error ended the reading"
    assert "its first 200 traces" in str(part_of(load_model(partial)))


@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["score", "lots"],
        ["predict", "lots"],
        ["predict", "--after", "a b"],
        ["explain"],
        ["sample", "-n", 2],
        ["diff", "model"],
        ["export", "-o", "m.dot"],
        ["pac report", "-o", "r.txt"],
        ["alarm", "lots", "--rate", "0.5"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_says_so_in_one_line(run, write, partial, model, tmp_path, command) -> None:
    lots = write("abc.txt", "a b c\n" * 50)
    name, *rest = command
    given = [
        {"lots": lots, "model": model, "m.dot": tmp_path / "m.dot", "r.txt": tmp_path / "r.txt"}.get(x, x) for x in rest
    ]
    done = run(*name.split(), partial, *given)
    assert done.code in (0, 1, 2) and "Traceback" not in done.err
    said = [line for line in done.err.splitlines() if "a part of its stream only" in line]
    assert said == [
        f"flexstream: {partial}: learned from a part of its stream only, its first 200 traces: "
        "an error ended the reading"
    ]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_a_signal_stopped_is_marked_and_replaces_nothing_silently(start, until_it_listens, model, sign) -> None:
    program = start("learn", "-", "-o", model)
    program.stdin.write(LINE * 10)
    program.stdin.flush()
    until_it_listens(program)
    program.send_signal(sign)
    assert program.wait(20) == 128 + sign
    assert told(model)["traces"] == 10 and told(model)["complete"] is False
    assert told(model)["ended"] == f"stopped by {sign.name}"
    said = f"{model}: learned from a part of its stream only, its first 10 traces: stopped by {sign.name}"
    assert said in program.stderr.read().decode()


def broken(path: Path) -> Path:
    """A file of traces whose second half cannot be read."""
    path.write_bytes(LINE * 30 + b"\xff\xfe\n" + LINE * 30)
    return path


def test_what_was_there_before_stays_and_the_part_goes_beside(run, lots, tmp_path) -> None:
    names = ("m.json", "r.html", "p.svg", "d.dot", "f.txt")
    options = zip(("-o", "--report", "--svg", "--dot", "--frontier"), (tmp_path / name for name in names), strict=True)
    given = [word for option in options for word in option]
    assert run("learn", lots, *given).code == 0
    whole = {name: (tmp_path / name).read_bytes() for name in names}
    bad = broken(tmp_path / "bad.txt")
    done = run("learn", bad, *given)
    assert done.code == 1 and {name: (tmp_path / name).read_bytes() for name in names} == whole
    beside = ["m.partial.json", "r.partial.html", "p.partial.svg", "d.partial.dot", "f.partial.txt"]
    assert all((tmp_path / name).stat().st_size for name in beside)
    assert told(tmp_path / "m.partial.json")["complete"] is False
    said = done.err.splitlines()
    assert any("m.partial.json: learned from a part of its stream only" in line for line in said)
    stay = next(line for line in said if "stay as they were" in line)
    assert all(str(tmp_path / name) in stay for name in (*names, *beside))
    assert not [name for name in beside if name in run("learn", lots, *given).err]
    assert told(tmp_path / "m.json")["traces"] == 120


def test_an_error_replaces_what_the_run_itself_has_written(run, model, tmp_path) -> None:
    done = run("learn", broken(tmp_path / "bad.txt"), "-o", model, "--emit-every", 10)
    assert done.code == 1 and told(model)["traces"] == 30 and "stays as it was" not in done.err
    assert not (tmp_path / "model.partial.json").exists()


@pytest.mark.parametrize("written", ["./model.json", "model.json", "../{}/model.json", "{}//model.json"])
def test_however_its_name_is_written_a_file_is_kept(run, model, tmp_path, monkeypatch, written) -> None:
    monkeypatch.chdir(tmp_path.parent if written.startswith("{}") else tmp_path)
    assert run("learn", broken(tmp_path / "bad.txt"), "-o", written.format(tmp_path.name)).code == 1
    assert told(model)["traces"] == 120 and told(tmp_path / "model.partial.json")["traces"] == 30


def test_a_part_takes_no_name_of_another_output(run, model, tmp_path) -> None:
    other = tmp_path / "model.partial.json"
    done = run("learn", broken(tmp_path / "bad.txt"), "-o", model, "--report", other)
    assert done.code == 1 and told(model)["traces"] == 120
    assert "provenance" not in json.loads(other.read_text())
    assert told(tmp_path / "model.partial.partial.json")["traces"] == 30


def test_a_run_that_goes_on_replaces_what_it_has_written_before(run, tmp_path) -> None:
    path, kept, grows = tmp_path / "m.json", tmp_path / "kept", tmp_path / "grows.txt"
    grows.write_bytes(LINE * 20)
    assert run("learn", grows, "-o", path, "--checkpoint", kept).code == 0
    with grows.open("ab") as more:
        more.write(LINE * 10 + b"\xff\xfe\n")
    assert run("learn", grows, "-o", path, "--checkpoint", kept, "--resume").code == 1
    assert told(path)["traces"] == 30 and not (tmp_path / "m.partial.json").exists()


def test_a_run_that_goes_on_does_not_replace_what_was_there_when_it_began(run, model, tmp_path) -> None:
    bad, kept = broken(tmp_path / "bad.txt"), tmp_path / "kept"
    assert run("learn", bad, "-o", model, "--checkpoint", kept).code == 1
    assert run("learn", bad, "-o", model, "--checkpoint", kept, "--resume").code == 1
    assert told(model)["traces"] == 120 and told(tmp_path / "model.partial.json")["traces"] == 30


def test_a_stop_ends_what_has_no_other_end_and_breaks_off_a_file(run, model, tmp_path, monkeypatch) -> None:
    from flexstream_cli.kept import endless

    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert endless([str(fifo)], False) and endless(["-"], False) and endless(["kafka://host/lots"], False)
    assert endless([str(model)], True) and not endless([str(model)], False)
    with model.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert not endless(["-"], False)


def test_a_stop_before_anything_came_says_that_nothing_was_written(start, until_it_listens, model) -> None:
    program = start("learn", "-", "-o", model)
    until_it_listens(program)
    program.send_signal(signal.SIGTERM)
    assert program.wait(20) == 128 + signal.SIGTERM
    assert "stopped by SIGTERM before a trace came, so nothing was written" in program.stderr.read().decode()
    assert told(model)["traces"] == 120


def until_it_has_read(program, path: Path, number: int) -> None:
    """Wait until a program has read so many bytes of a file."""
    until = time.monotonic() + 60
    while time.monotonic() < until and program.poll() is None:
        for link in Path(f"/proc/{program.pid}/fd").glob("*"):
            with suppress(OSError):
                if link.resolve() == path.resolve():
                    told = (link.parent.parent / "fdinfo" / link.name).read_text()
                    if int(told.split()[1]) >= number:
                        return
        time.sleep(0.01)
    pytest.fail(f"it has not read {number} bytes of {path}")


def test_a_stop_of_a_file_keeps_what_was_there(start, until_it_listens, model, tmp_path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(LINE * 2_000_000)
    program = start("learn", path, "-o", model, "--refine-every", 100)  # so that its end is far
    until_it_listens(program)
    until_it_has_read(program, path, 1 << 22)
    program.send_signal(signal.SIGTERM)
    assert program.wait(20) == 128 + signal.SIGTERM
    assert told(model)["traces"] == 120
    assert f"{model} stays as it was" in program.stderr.read().decode()


def test_what_is_written_meanwhile_is_marked_until_the_end(start, tmp_path) -> None:
    path = tmp_path / "m.json"
    program = start("learn", "-", "--emit-every", 100, "-o", path)
    program.stdin.write(LINE * 5000)
    program.stdin.flush()
    until = time.monotonic() + 20
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert told(path)["complete"] is False
    program.stdin.close()
    assert program.wait(30) == 0
    assert "complete" not in told(path) and told(path)["traces"] == 5000


def test_a_stream_that_breaks_off_is_no_whole_one(run, write, tmp_path) -> None:
    packed = gzip.compress(b"".join(b"load run %d\n" % number for number in range(20_000)))
    path = tmp_path / "m.json"
    assert run("learn", write("cut.gz", packed[: len(packed) // 2]), "-o", path).code == 1
    assert told(path)["complete"] is False


def test_hostile_words_of_a_model_move_no_cursor(run, partial) -> None:
    document = json.loads(partial.read_text())
    document["provenance"]["ended"] = "\x1b[2Jgone\nnext"
    partial.write_text(json.dumps(document))
    err = run("show", partial).err
    assert "\x1b" not in err and len(err.splitlines()) == 1
    for strange in (None, 3, [], {"a": 1}):
        document["provenance"] |= {"ended": strange, "traces": strange}
        partial.write_text(json.dumps(document))
        assert "Traceback" not in run("show", partial).err


def test_nohup_keeps_a_program_going(start, until_it_listens, tmp_path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        program = start("learn", "-", "-o", tmp_path / "m.json", env=os.environ)
    finally:
        signal.signal(signal.SIGHUP, before)
    program.stdin.write(LINE * 10)
    program.stdin.flush()
    until_it_listens(program)
    program.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert program.poll() is None
    program.stdin.write(LINE * 10)
    program.stdin.close()
    assert program.wait(20) == 0
    assert told(tmp_path / "m.json")["traces"] == 20
