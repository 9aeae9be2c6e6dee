#!/usr/bin/python3 -B
"""A node with an empty disk joins a network with a history, while load goes on; and again beside a
validator that lies about its height, lowers it, and answers with corrupt blocks.

    join_test.py BOURSED HOSTILE [--transactions N]
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
from load import Load, go_on_with_nonces
from network import Network, assert_everywhere, assert_same_chain

BOURSED = argument(1, "path/of/boursed path/of/hostile [--transactions N]")
HOSTILE = argument(1, "path/of/boursed path/of/hostile [--transactions N]")
_parser = argparse.ArgumentParser()
_parser.add_argument("--transactions", type=int, default=2_000)
_options, _rest = _parser.parse_known_args()
sys.argv[1:] = _rest

RICH = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}


class JoinTest(unittest.TestCase):
    def make_network(self):
        self.names = [f"trader{i}" for i in range(4)]
        network = Network(BOURSED, genesis({name: RICH for name in self.names}), followers=1)
        self.addCleanup(network.close)
        return network

    def join(self, network, honest):
        """Load on the honest validators, and then the fifth node joins."""
        acknowledged = {}
        loads = []
        for i in honest:
            trader = Trader(network.members[i], self.names[i])
            go_on_with_nonces(trader)
            loads.append(Load(trader, acknowledged, i, in_flight=256))
        give_up = time.monotonic() + max(DEADLINE_S, _options.transactions / 200)
        while len(acknowledged) < _options.transactions:
            self.assertLess(time.monotonic(), give_up, "the load does not become final")
            time.sleep(0.05)
        top = network.members[0].get_status().height
        started = time.monotonic()
        network.start([4])
        network.wait_for_height(top, [4], timeout=max(DEADLINE_S, _options.transactions / 200))
        seconds = time.monotonic() - started
        network.wait_for_progress([4])
        for load in loads:
            load.end()
        network.members = [network.members[i] for i in [*honest, 4]]
        network.wait_for_progress()
        assert_same_chain(self, network)
        sample = dict(list(acknowledged.items())[:: max(1, len(acknowledged) // 500)])
        assert_everywhere(self, network, sample)
        print(f"{len(acknowledged)} transactions in {top} blocks; caught up in {seconds:.1f} s: "
              f"{top / seconds:.0f} blocks/s beside the load")

    def test_an_empty_node_catches_up_under_load(self):
        network = self.make_network()
        network.start(range(4))
        self.join(network, range(4))

    def test_an_empty_node_catches_up_beside_a_liar(self):
        network = self.make_network()
        network.start(range(3))
        others = [i for i in range(5) if i != 3]
        peers = [f"--peer={network.members[i].key}@{network.peer_address(i)}" for i in others]
        liar = subprocess.Popen([HOSTILE, "--home", network.members[3].home, "--behaviour", "liar",
                                 *peers], stdin=subprocess.PIPE)
        self.addCleanup(liar.wait, DEADLINE_S)
        self.addCleanup(liar.stdin.close)
        self.join(network, range(3))
        self.assertIsNone(liar.poll(), "the liar ended before its time")


if __name__ == "__main__":
    xml_runner.main()
