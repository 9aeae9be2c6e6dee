#!/usr/bin/python3 -B
"""kill -9 under load: what was acknowledged is there afterwards, and the ledger stands its audit.

    kill_test.py BOURSED [--rounds N]
"""

import argparse
import os
import random
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import xml_runner
from bourse_client import DEADLINE_S, Node, Trader, argument, genesis
from bourse.v1 import services_pb2
from load import Load, go_on_with_nonces

BOURSED = argument(1, "path/of/boursed [--rounds N]")
_parser = argparse.ArgumentParser()
_parser.add_argument("--rounds", type=int, default=10)
_parser.add_argument("--seed", type=int, default=1)
_options, _rest = _parser.parse_known_args()
sys.argv[1:] = _rest

TRADERS = 4


class KillTest(unittest.TestCase):
    def test_everything_acknowledged_survives_kill_9(self):
        names = [f"trader{i}" for i in range(TRADERS)]
        rich = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}
        node = Node(BOURSED, genesis({name: rich for name in names}))
        self.addCleanup(node.close)
        chance = random.Random(_options.seed)
        acknowledged = {}
        for number in range(_options.rounds):
            node.start()
            self.assert_there(node, acknowledged, chance)
            known = len(acknowledged)
            traders = [Trader(node, name) for name in names]
            for trader in traders:  # nonces go on where the ledger's do
                go_on_with_nonces(trader)
            loads = [Load(trader, acknowledged, chance.random()) for trader in traders]
            give_up = time.monotonic() + DEADLINE_S
            while len(acknowledged) < known + 50 and time.monotonic() < give_up:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.2)  # any moment will do
            node.kill()
            for load in loads:
                load.thread.join()
            self.assertGreater(len(acknowledged), known, f"round {number}: {node.log_text()}")
        node.start()
        self.assert_there(node, acknowledged)
        self.assertEqual(node.stop(), 0)
        audit = subprocess.run([BOURSED, "audit", "--home", node.home], text=True,
                               capture_output=True, timeout=600)
        self.assertEqual(audit.returncode, 0, audit.stderr)
        print(f"{_options.rounds} rounds, {len(acknowledged)} acknowledged; {audit.stdout}")

    def assert_there(self, node, acknowledged, chance=None):
        """All of it, or with `chance` a sample, as earlier rounds were looked at before."""
        txids = list(acknowledged)
        if chance is not None and len(txids) > 500:
            txids = txids[-300:] + chance.sample(txids, 200)
        for txid in txids:
            found = node.ledger.GetTransaction(
                services_pb2.GetTransactionRequest(txid=txid), timeout=DEADLINE_S)
            self.assertEqual(found.transaction.receipt.SerializeToString(), acknowledged[txid])


if __name__ == "__main__":
    xml_runner.main()
