#!/usr/bin/python3 -B
"""kill -9 of nodes, of their CometBFTs, and of both, under load: what was reported as final is on
all nodes afterwards, once, and every ledger is what CometBFT's headers say.

    kill_test.py BOURSED [--rounds N] [--seed S] [--other-boursed PATH]

With --other-boursed every second of the four nodes is run by another build, and all must agree: two
votes of four decide nothing. By hand, as it takes two builds (debug beside release):

    bazel build --config=release //node:boursed
    cp "$(bazel info --config=release bazel-bin)/node/boursed" /tmp
    bazel run --config=debug //tests/e2e/cometbft:kill_test -- --other-boursed /tmp/boursed
"""

import argparse
import os
import random
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
E2E = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(E2E, "network"), os.path.join(E2E, "node"), E2E]

import xml_runner
from bourse_client import DEADLINE_S, Trader, argument, genesis
from bourse.v1 import services_pb2, transaction_pb2
from engine_network import EngineNetwork, needs_cometbft
from load import Load, go_on_with_nonces
from network import assert_everywhere, assert_same_chain

BOURSED = argument(1, "path/of/boursed [--rounds N]")
_parser = argparse.ArgumentParser()
_parser.add_argument("--rounds", type=int, default=6)
_parser.add_argument("--seed", type=int, default=1)
_parser.add_argument("--other-boursed", type=os.path.abspath)
_options, _rest = _parser.parse_known_args()
sys.argv[1:] = _rest

RICH = {"BRS": 10**15, "BTC": 10**15, "USD": 10**15}
WAYS = ("node", "engine", "both")


def kill(member, way):
    if way == "engine":
        return member.kill_engine()
    if way == "both":
        member.kill_engine()
    member.kill()
    if way == "node":
        member.lose_engine()


def restart(member, way):
    if way == "engine":
        return member.launch_engine()
    member.launch()


def go_on(trader):
    """A trader's nonces go on, and in time those that a kill lost, which stay unused, are voided: no
    nonce may be further above the lowest unused one than 4095."""
    go_on_with_nonces(trader)
    account = trader.node.accounts.GetAccount(
        services_pb2.GetAccountRequest(account=trader.account), timeout=DEADLINE_S)
    if account.next_nonce - account.nonce_floor > 2048:
        receipt = trader.send(transaction_pb2.Operation(
            cancel_all=transaction_pb2.CancelAll(void_in_flight=True)))
        assert receipt.skip_reason == 0, receipt


@needs_cometbft
class KillTest(unittest.TestCase):
    def test_what_was_reported_as_final_survives_on_all_nodes(self):
        names = [f"trader{i}" for i in range(4)]
        network = EngineNetwork(BOURSED, genesis({name: RICH for name in names}),
                                _options.other_boursed)
        self.addCleanup(network.close)
        network.start()
        chance = random.Random(_options.seed)
        acknowledged = {}
        for number in range(_options.rounds):
            known = len(acknowledged)
            loads = []
            for member, name in zip(network.members, names):
                trader = Trader(member, name)
                go_on(trader)
                loads.append(Load(trader, acknowledged, chance.random(), in_flight=16))
            self.wait_for_orders(network, acknowledged, known + 40, number)
            time.sleep(chance.random() * 0.2)  # any moment will do
            way = WAYS[number % 3]
            victims = list(range(4)) if number % 6 >= 3 else [chance.randrange(4)]
            for i in victims:
                kill(network.members[i], way)
            if len(victims) == 1:  # the others go on meanwhile
                network.wait_for_progress([i for i in range(4) if i not in victims])
            for i in victims:
                restart(network.members[i], way)
            network.wait_for_progress()
            begun = time.monotonic()
            for load in loads:  # all are answered, what was in a dead engine's queue as well
                load.end()
            print(f"round {number}: {way} of {victims}, {len(acknowledged)} final, ended in "
                  f"{time.monotonic() - begun:.1f} s", flush=True)
        assert_same_chain(self, network)
        assert_everywhere(self, network, acknowledged)
        verdict = network.audit(self)
        print(f"{_options.rounds} rounds, {len(acknowledged)} reported as final; {verdict}")

    def wait_for_orders(self, network, acknowledged, count, number):
        give_up = time.monotonic() + DEADLINE_S
        while len(acknowledged) < count:
            self.assertLess(time.monotonic(), give_up,
                            f"round {number}: no orders become final, at heights {network.heights()}")
            time.sleep(0.005)


if __name__ == "__main__":
    xml_runner.main()
