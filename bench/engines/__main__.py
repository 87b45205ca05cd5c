"""`make bench-engines`: python -m engines, with bench/ in PYTHONPATH."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np

from engines import goals, pauses, report, rows
from engines.make_models import make
from engines.networks import NETWORKS, ROOT, Network, named
from engines.page import profile, write_page
from engines.rounds import Say, measure

CONVERTED = ("litert", "openvino", "ncnn")
PAGE = ROOT / "docs" / "performance.md"
PROFILED = named("small-224,small-64x64x2")
PAUSED = ("ONNX Runtime INT8", "ONNX Runtime INT8, exact")  # of the others


def main() -> None:
    """Makes what is missing, measures, prints and writes."""
    given = options()
    if given.pause:
        measure_pauses(given)
        return
    found, text = [], [machine(given)]
    for network in named(given.networks):
        prepare(network)
        peaks = rows.peaks(ROOT / "build" / "bench" / "bench" / "engine_peak")
        here = [name for name in rows.OURS_SETS if name in peaks]
        best = max(peaks, key=lambda name: peaks[name])
        every = [*rows.ours(here), *([] if given.alone else rows.peers(best))]
        outcomes, failed = measure(every, network.folder, given.cpu, given.rounds, given.runs, say(network))
        missing = {**{f"taktgate, {name}": "this CPU does not have it" for name in rows.OURS_SETS if name not in here}}
        missing.update(failed)
        macs = report.multiplications(network.folder)
        lines = report.lines(every, outcomes, macs, np.load(network.folder / "reference.npy"), peaks)
        text.append(report.table(network, macs, lines, missing))
        text.append(report.floors(peaks, macs))
        found.append({**report.as_json(network, macs, lines, missing), "peaks": peaks})
        print("\n" + "\n\n".join(text[-2:]) + "\n", flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps({"machine": text[0], "networks": found}, indent=1) + "\n", encoding="utf-8")
    print(f"[engines] wrote {given.out}")
    if given.page:
        write_page(PAGE, "engines", text)
        write_page(PAGE, "goals", [text[0], goals.table(found)])
        write_page(PAGE, "layers", [part for network in PROFILED for part in profile(network, given.cpu)])
        print(f"[engines] wrote the tables of {PAGE}")


def measure_pauses(given: argparse.Namespace) -> None:
    """The first run after standing still: ours with each set of kernels, and ONNX Runtime."""
    peaks = rows.peaks(ROOT / "build" / "bench" / "bench" / "engine_peak")
    ours = rows.ours([name for name in rows.OURS_SETS if name in peaks])
    every = [*ours, *(row for row in rows.peers("") if row.name in PAUSED and not given.alone)]
    text = [f"{machine(given)}; then {pauses.RUNS} with a pause of {given.pause} ms before each"]
    for network in named(given.networks):
        prepare(network)
        found = pauses.measure(every, network.folder, given.cpu, given.rounds, given.runs, given.pause, say(network))
        text.append(pauses.table(network, given.pause, found))
        print(f"\n{text[-1]}\n", flush=True)
    if given.page:
        write_page(PAGE, "pauses", text)
        print(f"[engines] wrote the table of {PAGE}")


def options() -> argparse.Namespace:
    """What the command was given."""
    parser = argparse.ArgumentParser(prog="make bench-engines ARGS=...", description=__doc__)
    parser.add_argument("--networks", default=",".join(network.name for network in NETWORKS), help="with commas")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--runs", type=int, default=100, help="of each row in a round")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)), help="core that all run on, in turns")
    parser.add_argument("--alone", action="store_true", help="the INT8 engine without the others")
    parser.add_argument(
        "--pause", type=int, default=0, help="instead: the first run after so many ms of standing still"
    )
    parser.add_argument("--page", action="store_true", help="write the tables of docs/performance.md, too")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "out" / "engines.json")
    return parser.parse_args()


def prepare(network: Network) -> None:
    """Models and their forms, made again when what makes them has changed."""
    here = Path(__file__).parent
    sources = [here / "make_models.py", here / "networks.py", here / "peers.lock"]
    sources += sorted([*(here / "convert").glob("*.py"), *(ROOT / "prep" / "src").rglob("*.py")])
    stamp = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    kept = network.folder / "stamp"
    if kept.exists() and kept.read_text(encoding="utf-8") == stamp:
        return
    print(f"[engines] {network.name}: making its forms", flush=True)
    make(network)
    for runtime in CONVERTED:
        with (network.folder / f"{runtime}.log").open("w", encoding="utf-8") as log:
            done = subprocess.run(
                [rows.PEERS, "-m", "engines.convert", runtime, network.folder],
                env={**os.environ, "PYTHONPATH": str(ROOT / "bench"), "NNCF_CI": "1"},  # which tells nobody
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode != 0:
            print(f"[engines] {runtime} could not convert {network.name}: {log.name} says why", flush=True)
    kept.write_text(stamp, encoding="utf-8")


def machine(given: argparse.Namespace) -> str:
    """What the figures belong to."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    cpu = said.get("model name") or platform.machine()
    cpu += f" (family {said['cpu family']}, model {said['model']})" if "cpu family" in said else ""
    return (
        f"{cpu}, {os.cpu_count()} cores, Linux {platform.release()}; core {given.cpu}, one thread, {given.rounds} "
        f"rounds of {given.runs} runs each, in turns; load average before: {os.getloadavg()[0]:.1f}"
    )


def say(network: Network) -> Say:
    """Progress, on one line of a terminal."""
    begin, end = ("\r\033[K", "") if sys.stdout.isatty() else ("", "\n")
    return lambda words: print(f"{begin}[engines] {network.name}: {words}", end=end, flush=True)


if __name__ == "__main__":
    main()
