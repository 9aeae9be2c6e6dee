#!/usr/bin/python3 -B
"""Two validators: both are needed. They stop safely when one is gone, and go on when it is back.

    two_nodes_test.py BOURSED
"""

import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "node"), os.path.dirname(HERE)]

import xml_runner
from bourse_client import Trader, argument, genesis, place, send
from network import Network, assert_everywhere, assert_same_chain

BOURSED = argument(1, "path/of/boursed")
RICH = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}


class TwoNodesTest(unittest.TestCase):
    def test_one_alone_stops_and_both_go_on(self):
        network = Network(BOURSED, genesis({"alice": RICH, "bob": RICH}), validators=2)
        self.addCleanup(network.close)
        network.start()
        one, two = network.members
        alice, bob = Trader(one, "alice"), Trader(two, "bob")
        acknowledged = {}

        def trade(trader, side):
            receipt = trader.send(place(side, 100, 1))
            acknowledged[receipt.txid] = receipt.SerializeToString()

        trade(alice, "sell")
        trade(bob, "buy")
        network.wait_for_progress()

        two.kill()
        lone = alice.make(place("sell", 101, 1))
        send(one, lone, wait=False)  # taken, but it can't become final
        height = one.get_status().height
        time.sleep(2)
        self.assertLessEqual(one.get_status().height, height + 1)

        network.start([1])
        network.wait_for_progress()
        receipt = send(one, lone)
        acknowledged[receipt.txid] = receipt.SerializeToString()
        network.wait_for_progress()
        assert_same_chain(self, network)
        assert_everywhere(self, network, acknowledged)


if __name__ == "__main__":
    xml_runner.main()
