#!/usr/bin/env python3
"""Attacks a gRPC server as anyone who can connect could, and sees how it fares.

    gate_attack.py --port P --pid PID [--method /pkg.Service/Method] [--kinds a,b] [--tls]

PID is the server's process on this machine; METHOD any method that it has, best one
that takes a stream. During every attack honest health checks go on from another
process. Passes when each is served (three tries each), the server lives, and no attack
makes it grow by 64 MiB. Prints a table; exits with 1 on failure. Loopback only.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import time

import http2
from attacks import CLOSED, KINDS, MIB

GROWTH_MAX = 64 * MIB


class Server:
    """The process under attack, as /proc tells."""

    def __init__(self, pid):
        self.pid = pid

    def alive(self):
        try:
            with open(f"/proc/{self.pid}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    def resident(self):
        try:
            with open(f"/proc/{self.pid}/statm") as statm:
                return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0

    def cpu_seconds(self):
        try:
            with open(f"/proc/{self.pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return 0.0


def probe(target):
    """One honest health check, with three tries; returns (served, seconds)."""
    start = time.monotonic()
    for attempt in range(3):
        try:
            if http2.health_check(target, timeout=3.0):
                return True, time.monotonic() - start
        except CLOSED:
            pass
        time.sleep(0.05 * (attempt + 1))
    return False, time.monotonic() - start


def run(kind, target, server, seconds, attacked=None):
    """Runs one attack, on `attacked` if that is another port; returns a row of the table."""
    base = server.resident()
    cpu = server.cpu_seconds()
    start = time.monotonic()
    attacker = multiprocessing.Process(target=KINDS[kind], args=(attacked or target, start + seconds))
    attacker.start()
    peak, served, failed, worst = base, 0, 0, 0.0
    while time.monotonic() < start + seconds:
        ok, took = probe(target)
        served, failed = served + ok, failed + (not ok)
        worst = max(worst, took)
        peak = max(peak, server.resident())
        time.sleep(0.05)
    attacker.join(10)
    if attacker.is_alive():
        attacker.kill()
        attacker.join()
    cpu_share = (server.cpu_seconds() - cpu) / (time.monotonic() - start)
    after, _ = probe(target)
    peak = max(peak, server.resident())
    broken = attacker.exitcode not in (0, -signal.SIGKILL)  # the attack itself
    passed = (server.alive() and after and served > 0 and failed == 0 and not broken and
              peak - base < GROWTH_MAX)
    return (kind, (peak - base) / MIB, cpu_share, served, failed, worst * 1000, passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--method", default=http2.HEALTH_CHECK)
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated: %(default)s")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each attack")
    parser.add_argument("--tls", action="store_true")
    arguments = parser.parse_args()
    kinds = arguments.kinds.split(",")
    unknown_kinds = [kind for kind in kinds if kind not in KINDS]
    if unknown_kinds:
        parser.error("unknown kinds: " + ", ".join(unknown_kinds))
    target = http2.Target(arguments.port, arguments.method, arguments.tls)
    server = Server(arguments.pid)
    if not probe(target)[0]:
        print("the server does not answer a health check", file=sys.stderr)
        return 1
    print(f"{'attack':17} {'grew MiB':>8} {'cpu':>5} {'served':>6} {'failed':>6} {'worst ms':>8}")
    passed = True
    for kind in kinds:
        row = run(kind, target, server, arguments.seconds)
        passed = passed and row[-1]
        print("%-17s %8.1f %5.2f %6d %6d %8.0f  %s" % (*row[:-1], "ok" if row[-1] else "FAILED"),
              flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
