"""Runs the benchmarks and prints ratios: each against a peer or a floor of the same run.

The rounds of both sides take turns, so that a busy machine slows both; medians are compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.report import Line, machine, table

BENCHES = ("start", "table", "memory", "scan", "stall", "download")


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each side (5)")
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[10_000, 100_000], help="sizes of the table"
    )
    parser.add_argument("--adapters", type=int, default=10_000, help="folders to scan (10,000)")
    options = parser.parse_args(argv)
    wanted = options.what or BENCHES
    if unknown := set(wanted) - set(BENCHES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    print(machine())
    print(f"Medians of {options.rounds} rounds that take turns.\n", flush=True)
    for name in wanted:
        print(table(_measure(name, options)), end="\n\n", flush=True)
    return 0


def _measure(name: str, options: argparse.Namespace) -> list[Line]:
    # Each only imports what it measures with.
    if name == "start":
        from bench.start import measure_start

        return measure_start(min(options.rows), max(options.rounds, 5))
    if name == "memory":
        from bench.start import measure_memory

        return measure_memory(max(options.rows), options.rounds)
    if name == "download":
        from bench.download import measure_download

        return measure_download(options.rounds)
    if name == "scan":
        from bench.scan import measure_scan

        return measure_scan(max(options.rounds, 5), options.adapters)
    if name == "stall":
        from bench.stall import measure_stall

        return measure_stall(max(options.rounds, 5), options.adapters)
    from bench.table import measure_table

    return [line for count in options.rows for line in measure_table(count, options.rounds)]
