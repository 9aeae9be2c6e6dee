#!/usr/bin/python3 -B
"""Through CometBFT's own RPC, and from a proposer that lies: what is no good gets a code and a text,
or no quorum, and the network goes on.

    bad_input_test.py BOURSED
"""

import base64
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
E2E = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(E2E, "network"), os.path.join(E2E, "node"), E2E]

import xml_runner
from bourse_client import DEADLINE_S, Trader, argument, genesis, place
from bourse.v1 import services_pb2
from engine_network import EngineNetwork, needs_cometbft
from liar import Liar
from network import assert_same_chain

BOURSED = argument(1, "path/of/boursed")
RICH = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}
INVALID, STALE = 3, 9  # absl::StatusCode



@needs_cometbft
class BadInputTest(unittest.TestCase):
    def setUp(self):
        self.network = EngineNetwork(BOURSED, genesis({"alice": RICH, "bob": RICH}))
        self.addCleanup(self.network.close)
        self.node = self.network.members[0]

    def submit(self, trader):
        return trader.node.submit.Submit(
            services_pb2.SubmitRequest(transaction=trader.make(place("buy", 100, 1)), wait=True), timeout=DEADLINE_S)

    def broadcast(self, transaction):
        return self.node.rpc("broadcast_tx_sync", tx=base64.b64encode(transaction).decode())

    def test_what_is_refused_through_the_engines_rpc(self):
        self.network.start()
        self.network.wait_for_height(1)
        alice = Trader(self.node, "alice")
        good = alice.make(place("buy", 100, 1)).SerializeToString()
        cases = {"garbage": (b"garbage", INVALID), "empty": (b"\0", INVALID),
                 "not canonical": (good + b"\x18\x00", INVALID),
                 "a wrong signature": (good[:-1] + bytes([good[-1] ^ 1]), INVALID)}
        for name, (transaction, code) in cases.items():
            with self.subTest(name):
                answer = self.broadcast(transaction)
                self.assertEqual(answer["code"], code, answer)
                self.assertTrue(answer["log"])
        with self.subTest("1 MiB"):
            self.assertIn("too large", self.broadcast(os.urandom(1 << 20)))
        with self.subTest("longer than a transaction may be"):
            self.assertIn("too large", self.broadcast(os.urandom(65_537)))
        with self.subTest("good"):
            self.assertEqual(self.broadcast(good)["code"], 0)
        with self.subTest("the same nonce again"):
            self.submit(alice)  # a later nonce, so the one before has run
            other = Trader(self.node, "alice")
            self.assertEqual(
                self.broadcast(other.make(place("sell", 105, 1)).SerializeToString())["code"], STALE)
        self.network.wait_for_progress()
        assert_same_chain(self, self.network)

    def test_a_proposer_whose_blocks_hold_garbage_is_outvoted(self):
        bad = self.network.members[3]
        liar = Liar(os.path.join(bad.home, "liar"), os.path.join(bad.home, "abci"), b"garbage")
        self.addCleanup(liar.close)
        bad.app = "unix://" + liar.path
        self.network.start()
        alice = Trader(self.node, "alice")
        for _ in range(12):
            answer = self.submit(alice)
            self.assertEqual(answer.status, services_pb2.TRANSACTION_STATUS_FINAL, answer)
        self.network.wait_for_progress()
        self.assertGreater(liar.lies, 0)
        assert_same_chain(self, self.network)
        self.assertIn("same app hash", self.network.audit(self))


if __name__ == "__main__":
    xml_runner.main()
