#!/usr/bin/python3 -B
"""boursed audit: the ledger of a node that served, was killed, or runs."""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import xml_runner
from bourse_client import DEADLINE_S, Node, Trader, argument, cancel, genesis, place

BOURSED = argument(1, "path/of/boursed")

RICH = {"BRS": 10**12, "BTC": 10**12, "USD": 10**12}


class AuditTest(unittest.TestCase):
    def setUp(self):
        self.node = Node(BOURSED, genesis({"alice": RICH, "bob": RICH}))
        self.addCleanup(self.node.close)
        self.node.start()

    def audit(self):
        return subprocess.run([BOURSED, "audit", "--home", self.node.home], text=True,
                              capture_output=True, timeout=10 * DEADLINE_S)

    def trade(self):
        alice, bob = Trader(self.node, "alice"), Trader(self.node, "bob")
        for client_id in range(1, 11):
            alice.send(place("sell", 100, 5, client_id=client_id))
            bob.send(place("buy", 110, 3))
            alice.send(cancel(client_id=client_id))

    def test_the_ledger_of_a_node_that_served_is_sound(self):
        self.trade()
        self.assertEqual(self.node.stop(), 0)
        done = self.audit()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is sound", done.stdout)
        self.assertIn("with 30 transactions", done.stdout)

    def test_the_ledger_of_a_killed_node_is_sound(self):
        self.trade()
        self.node.kill()
        done = self.audit()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("with 30 transactions", done.stdout)

    def test_a_node_that_runs_is_left_alone(self):
        done = self.audit()
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use", done.stderr)
        self.assertEqual(done.stdout, "")
        self.trade()  # it still serves

    def test_a_folder_without_a_node_is_said_to_be_none(self):
        done = subprocess.run([BOURSED, "audit", "--home", self.node.home + "-none"], text=True,
                              capture_output=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no node here", done.stderr)


if __name__ == "__main__":
    xml_runner.main()
