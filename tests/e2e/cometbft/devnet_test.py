#!/usr/bin/python3 -B
"""A local network on CometBFT: up, down, killed in part, and what is said where there is none."""

import os
import signal
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
E2E = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(E2E, "cli"), E2E]

import xml_runner
from harness import BOURSED, DONE, USAGE, HomeCase, is_alive

COMETBFT = os.environ.get("COMETBFT_BIN")
ORDER = ("order", "sell", "BTC/USD", "0.5", "--price")


class WithoutCometBft(HomeCase):
    def up(self, *words, **options):
        return self.home.run("devnet", "up", "--engine", "cometbft", "--listen", "0", "--boursed",
                             BOURSED, *words, **options)

    def test_it_says_how_to_get_one(self):
        self.expect(self.up(env={"PATH": "/nowhere"}), USAGE, "not on PATH",
                    "go install github.com/cometbft/cometbft/cmd/cometbft@v0.38")

    def test_another_program_is_none(self):
        self.expect(self.up("--cometbft-bin", "/bin/echo"), USAGE, "not 0.38", "go install")


@unittest.skipUnless(COMETBFT, "there is no cometbft")
class DevnetOnCometBft(HomeCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(lambda: self.home.run("devnet", "down"))
        self.up = ("devnet", "up", "--listen", "0", "--boursed", BOURSED, "--cometbft-bin",
                   COMETBFT)

    def start(self, *words):
        (node,) = self.expect(self.home.json(*self.up, *words), DONE).json["nodes"]
        return node

    def test_whichever_of_the_two_is_killed_it_resumes(self):
        node = self.start("--nodes", "1", "--engine", "cometbft")
        self.expect(self.home.run(*ORDER, "64000"), DONE)
        os.kill(node["engine_pid"], signal.SIGKILL)
        again = self.start()
        self.assertEqual(again["pid"], node["pid"], "the node itself went on")
        self.expect(self.home.run(*ORDER, "64001"), DONE)
        os.kill(again["pid"], signal.SIGKILL)
        node = self.start()
        self.expect(self.home.run(*ORDER, "64002"), DONE)
        self.assertEqual(len(self.home.json("book", "BTC/USD").json["asks"]), 3)
        os.kill(node["pid"], signal.SIGKILL)
        self.expect(self.home.run("devnet", "down"), DONE)
        self.assertFalse(is_alive(node["engine_pid"]))

    def test_its_engine_stays(self):
        node = self.start("--nodes", "1", "--engine", "cometbft")
        self.expect(self.home.run("devnet", "up", "--engine", "simplex", "--boursed", BOURSED),
                    USAGE, "another engine")
        self.expect(self.home.run("devnet", "down"), DONE)
        self.assertFalse(is_alive(node["pid"]) or is_alive(node["engine_pid"]))
        self.assertEqual(self.home.json("devnet", "status").json["engine"], "cometbft")


if __name__ == "__main__":
    xml_runner.main()
