#!/usr/bin/python3 -B
"""A local network on CometBFT: up, down, killed in part, and what is said where there is none."""

import os
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
E2E = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(E2E, "cli"), E2E]

import xml_runner
from harness import BOURSED, DONE, REJECTED, USAGE, HomeCase, is_alive

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


class OfTheOtherEngine(HomeCase):
    def test_a_home_is_started_with_the_engine_that_it_was_made_for(self):
        for made, other in (("simplex", "cometbft"), ("cometbft", "simplex")):
            home = str(self.home.folder / made)
            subprocess.run([BOURSED, "init", "--home", home, "--engine", made], check=True,
                           stdout=subprocess.DEVNULL)
            said = start_boursed(home, other)
            self.assertIn(f"start it with --engine {made}", said)
            self.assertNotIn("VOTES NO MORE", said)


def start_boursed(home, engine):
    """What a boursed says that does not start."""
    started = subprocess.run([BOURSED, "start", "--home", home, "--listen", "127.0.0.1:0", "--engine",
                              engine], stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    assert started.returncode == 1, started
    return started.stderr


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
        home = os.path.dirname(node["log"]) + "/node1"
        os.mkdir(home + "/consensus")  # whatever else is there, the ledger says it
        self.assertIn("start it with --engine cometbft", start_boursed(home, "simplex"))
        self.assertEqual(self.home.json("devnet", "status").json["engine"], "cometbft")

    def test_there_is_no_certificate_and_it_says_where_to_look(self):
        self.start("--nodes", "1", "--engine", "cometbft")
        self.assertEqual(self.home.json("node", "status").json["engine"], "cometbft")
        txid = self.expect(self.home.json(*ORDER, "64000"), DONE).json["txid"]
        begun = time.monotonic()
        self.expect(self.home.run("tx", txid, "--verify"), REJECTED, "no certificates on this network",
                    "boursed audit --engine-rpc", "docs/cometbft.md")
        self.assertLess(time.monotonic() - begun, 10, "it does not wait for one")
        self.expect(self.home.run("tx", txid), DONE, "final")


if __name__ == "__main__":
    xml_runner.main()
