#!/usr/bin/python3 -B
"""Four nodes in network namespaces, 50 ms apart: loss, resets, a cut in halves, a one-way cut.

    partition_test.py BOURSED EMULATOR

No fork, nothing lost, and progress again within two timeouts and a standstill interval of healing.
Needs root and TUN devices; without them it is skipped.
"""

import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "node"), os.path.dirname(HERE)]

import xml_runner
from bourse_client import Trader, argument, genesis
from load import Load, go_on_with_nonces
from network import Network, assert_everywhere, assert_same_chain

BOURSED = argument(1, "path/of/boursed path/of/emulator")
EMULATOR = argument(1, "path/of/boursed path/of/emulator")
RICH = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}
NAMES = [f"trader{i}" for i in range(4)]

ONE_WAY_S = 0.05
TIMEOUT_S = 0.5  # ten one-way delays
IDLE_S = 0.2
STANDSTILL_S = 4 * IDLE_S
# Beside the protocol's own bound, connections that broke are dialled again.
RECONNECT_S = 6.0
HEALED_S = 2 * (TIMEOUT_S + IDLE_S) + STANDSTILL_S + RECONNECT_S


class Emulator:
    def __init__(self, name, hosts=4):
        self.process = subprocess.Popen(
            [EMULATOR, "--hosts", str(hosts), "--name", name, "--delay-us",
             str(int(ONE_WAY_S * 1e6))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the emulator did not start")

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "ok\n":
            raise RuntimeError(f"the emulator does not understand: {command}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@unittest.skipUnless(os.geteuid() == 0 and os.path.exists("/dev/net/tun"),
                     "needs root and TUN devices")
class PartitionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        prefix = f"bt{os.getpid() % 10000}n"
        cls.emulator = Emulator(prefix)
        cls.network = Network(
            BOURSED, genesis({name: RICH for name in NAMES}),
            settings={"slot_timeout_ms": int(TIMEOUT_S * 1e3),
                      "idle_interval_ms": int(IDLE_S * 1e3), "insecure": True},
            peer_address=lambda i: f"10.77.0.{i + 1}:7500")
        for i, member in enumerate(cls.network.members):
            member.wrapper = ["ip", "netns", "exec", f"{prefix}{i + 1}"]
            member.listen_address = f"10.77.0.{i + 1}:7400"
        cls.network.start()
        cls.network.wait_for_height(3)
        cls.acknowledged = {}

    @classmethod
    def tearDownClass(cls):
        cls.network.close()
        cls.emulator.close()

    def setUp(self):
        self.loads = []
        for i, (member, name) in enumerate(zip(self.network.members, NAMES)):
            trader = Trader(member, name)
            go_on_with_nonces(trader)
            self.loads.append(Load(trader, self.acknowledged, i, in_flight=4))

    def tearDown(self):
        for load in self.loads:
            load.end()

    def assert_whole(self):
        for load in self.loads:
            load.end()
        self.network.wait_for_progress()
        assert_same_chain(self, self.network)
        assert_everywhere(self, self.network, self.acknowledged)

    def heal(self):
        self.emulator.tell("heal")
        started = time.monotonic()
        self.network.wait_for_progress(blocks=2, timeout=HEALED_S)
        print(f"progress {time.monotonic() - started:.1f} s after healing "
              f"(at most {HEALED_S:.1f} s)")

    def test_loss_and_resets(self):
        self.emulator.tell("loss 20000")
        for a, b in ((1, 2), (3, 4), (1, 3)):
            self.emulator.tell(f"reset {a} {b}")
            time.sleep(1)
        self.network.wait_for_progress(blocks=3)
        self.heal()
        self.assert_whole()

    def test_cut_in_two_halves(self):
        for a in (1, 2):
            for b in (3, 4):
                self.emulator.tell(f"cut {a} {b}")
                self.emulator.tell(f"cut {b} {a}")
        time.sleep(1)
        before = self.network.heights()
        time.sleep(4)
        self.assertEqual(self.network.heights(), before, "a half went on alone")
        self.heal()
        self.assert_whole()

    def test_one_way_cut(self):
        for other in (1, 2, 3):  # nobody hears node 4, which hears all
            self.emulator.tell(f"cut 4 {other}")
        self.network.wait_for_progress([0, 1, 2], blocks=5)
        self.heal()
        self.assert_whole()


if __name__ == "__main__":
    xml_runner.main()
