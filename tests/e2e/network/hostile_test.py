#!/usr/bin/python3 -B
"""A hostile validator and hostile clients: the honest nodes go on, grow by at most 256 MiB each, and
lose nothing.

    hostile_test.py BOURSED HOSTILE [--measure]

Four validators, three of them honest. With --measure, for a quiet machine, they must also keep at
least half of the rate that they have without the fourth.
"""

import argparse

import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "node"), os.path.dirname(HERE)]

import xml_runner
from bourse_client import DEADLINE_S, Trader, argument, genesis
from bourse.v1 import services_pb2
from load import Load, go_on_with_nonces
from network import Network, assert_everywhere, assert_same_chain

BOURSED = argument(1, "path/of/boursed path/of/hostile")
HOSTILE = argument(1, "path/of/boursed path/of/hostile")
_parser = argparse.ArgumentParser()
_parser.add_argument("--measure", action="store_true")
_options, _rest = _parser.parse_known_args()
sys.argv[1:] = _rest

RICH = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}
NAMES = [f"trader{i}" for i in range(3)]
SECONDS = 5 if _options.measure else 1
STALL_MAX_S = 5
PAUPERS = 100_000
GROWTH_MAX_BYTES = 256 << 20
BEHAVIOURS = ("equivocate", "far_votes", "fetches", "slow", "liar", "garbage", "forger")


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class HostileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network(BOURSED, genesis({name: RICH for name in NAMES}))
        cls.honest = cls.network.members[:3]
        cls.network.start(range(3))
        cls.network.wait_for_height(2, range(3))
        cls.acknowledged = {}
        time.sleep(5)  # until the fourth is known to be gone
        cls.rate = cls.measure()
        print(f"three honest nodes alone: {cls.rate:.0f} orders/s")

    @classmethod
    def tearDownClass(cls):
        cls.network.close()

    @classmethod
    def measure(cls):
        """Orders a second that three loads see become final."""
        loads = []
        for i, (member, name) in enumerate(zip(cls.honest, NAMES)):
            trader = Trader(member, name)
            go_on_with_nonces(trader)
            loads.append(Load(trader, cls.acknowledged, i, in_flight=64))
        time.sleep(1)
        before, started = len(cls.acknowledged), time.monotonic()
        time.sleep(SECONDS)
        # A leader that signs, and proposes nothing, costs a slot's time each time.
        while len(cls.acknowledged) == before and time.monotonic() < started + STALL_MAX_S:
            time.sleep(0.05)
        rate = (len(cls.acknowledged) - before) / (time.monotonic() - started)
        for load in loads:
            load.end()
        return rate

    def attack_by(self, start, stop, title):
        before = [resident_bytes(member.process.pid) for member in self.honest]
        start()
        try:
            time.sleep(1)
            rate = self.measure()
        finally:
            after = [resident_bytes(member.process.pid) for member in self.honest]
            self.assertTrue(stop(), "the attacker ended before its time")
            after += [resident_bytes(member.process.pid) for member in self.honest]
        growth = max(b - a for a, b in zip(2 * before, after))
        print(f"{title}: {rate:.0f} orders/s, {rate / self.rate:.2f} of that without; growth "
              f"{growth >> 20} MiB")
        for member in self.honest:
            self.assertTrue(member.is_running(), member.log_text())
        self.assertGreater(rate, 0)
        if _options.measure:
            self.assertGreaterEqual(rate, self.rate / 2)
        self.assertLessEqual(growth, GROWTH_MAX_BYTES)

    def test_hostile_validator(self):
        fourth = self.network.members[3]
        peers = [f"--peer={member.key}@{self.network.peer_address(i)}"
                 for i, member in enumerate(self.honest)]
        for behaviour in BEHAVIOURS:
            with self.subTest(behaviour=behaviour):
                process = []

                def start(behaviour=behaviour, process=process):
                    # Its own machine is not what is measured: it gets what the others leave.
                    process.append(subprocess.Popen(
                        ["nice", "-n", "10", HOSTILE, "--home", fourth.home, "--behaviour",
                         behaviour, *peers], stdin=subprocess.PIPE))

                def stop(process=process):
                    was_there = process[0].poll() is None
                    process[0].stdin.close()
                    try:
                        process[0].wait(10)
                    except subprocess.TimeoutExpired:
                        process[0].kill()
                        process[0].wait()
                    return was_there

                self.attack_by(start, stop, behaviour)

    def test_keys_without_funds(self):
        process = []

        def start():
            process.append(subprocess.Popen(
                [sys.executable, "-B", os.path.join(HERE, "paupers.py"), self.honest[0].endpoint,
                 str(PAUPERS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

        def stop():
            if not _options.measure:
                process[0].stdin.close()
            sent = int(process[0].stdout.read())
            process[0].wait(DEADLINE_S)
            print(f"{sent} keys without funds sent an order each")
            return sent > 0 and (sent == PAUPERS or not _options.measure)

        self.attack_by(start, stop, "keys without funds")

    def test_zz_nothing_was_lost_and_the_evidence_is_kept(self):
        self.network.wait_for_progress(range(3))
        self.network.members = self.honest
        assert_same_chain(self, self.network)
        sample = dict(list(self.acknowledged.items())[::20])
        assert_everywhere(self, self.network, sample)
        shown = self.honest[0].node.ListEvidence(services_pb2.ListEvidenceRequest(),
                                                 timeout=DEADLINE_S)
        self.assertTrue(shown.evidence)


if __name__ == "__main__":
    xml_runner.main()
