"""Requests over HTTP, as fast as a server answers: by wrk, which costs the server's machine least."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.lib.instance import Served

TELL = """
function done(summary, latency, requests)
  io.write(string.format('{"count": %d, "seconds": %f, "p50": %f, "p99": %f, "bad": %d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What a server did: requests a second, latencies in ms, its CPU a request in µs, refused or failed requests."""

    rate: float
    p50: float
    p99: float
    cpu_us: float
    bad: int


@dataclass(frozen=True)
class Post:
    """One request with a body."""

    body: str
    headers: Mapping[str, str]


def ask(
    served: Served,
    path: str,
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    posts: Sequence[Post] = (),
    paths: Sequence[str] = (),
) -> Load:
    """Send GETs of the path, of all paths in turn, or each of the posts in turn, for so many seconds."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("This benchmark sends its requests with wrk: apt-get install wrk, or brew install wrk.")
    script = _script(served.place, headers or {}, posts, paths)
    before = served.cpu_seconds()
    done = subprocess.run(
        [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script), served.address + path],
        capture_output=True,
        text=True,
        check=True,
    )
    spent = served.cpu_seconds() - before
    told = json.loads(done.stdout.strip().splitlines()[-1])
    count = max(1, told["count"])
    good = count - told["bad"]  # a refusal is no answer
    return Load(good / told["seconds"], told["p50"], told["p99"], spent / count * 1e6, told["bad"])


def _script(place: Path, headers: Mapping[str, str], posts: Sequence[Post], paths: Sequence[str]) -> Path:
    path = place / "wrk.lua"
    lines = [f"wrk.headers[{_quoted(name)}] = {_quoted(value)}" for name, value in headers.items()]
    made = [f"wrk.format('POST', nil, {_table(post.headers)}, {_quoted(post.body)})" for post in posts]
    made += [f"wrk.format('GET', {_quoted(one)})" for one in paths]
    if made:
        lines += ["local all, turn = {}, 0", "function init()"]
        lines += [f"  all[#all + 1] = {one}" for one in made]
        lines += ["end", "function request() turn = turn % #all + 1; return all[turn] end"]
    path.write_text("\n".join([*lines, TELL]))
    return path


def _table(headers: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"[{_quoted(name)}] = {_quoted(value)}" for name, value in headers.items()) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
