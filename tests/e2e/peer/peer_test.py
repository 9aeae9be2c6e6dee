#!/usr/bin/python3 -B
"""Hostile peers, with a key and without, as clients and as servers, against nodes as processes.

Throughout, an honest pair goes on: its stream never ends, its messages come back, and nobody grows.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "gate")]

import attacks
import hostile
import xml_runner
from gate_attack import GROWTH_MAX, MIB, Server

PEER_NODE = os.path.abspath(sys.argv.pop(1))
SECONDS = 0.5
# On a busy machine, for a message there and back.
WORST_S = 3.0
START_S = 60
ENVIRONMENT = {**os.environ,
               "ASAN_OPTIONS": "quarantine_size_mb=4:thread_local_quarantine_size_kb=64"}
VICTIM, HONEST, ATTACKER, DIALLER, EVIL_SERVER, SLEEPER, STRANGER = 1, 2, 3, 4, 5, 6, 99
BAD_FRAME_KEYS = range(10, 10 + len(hostile.BAD_FRAMES))
BOOK = ",".join(str(n) for n in [VICTIM, HONEST, ATTACKER, DIALLER, EVIL_SERVER, SLEEPER,
                                 *BAD_FRAME_KEYS])


class Node:
    """A peer_node process, and what it said last."""

    def __init__(self, number, *arguments):
        if number != VICTIM:
            arguments += ("--ping", str(VICTIM))
        self.process = subprocess.Popen(
            [PEER_NODE, "--self", str(number), "--peers", BOOK, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT)
        self.port = int(self.process.stdout.readline().split()[1])
        self.counts = {}
        self.worst_us = 0
        self.lines = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            words = line.split()
            counts = dict(zip(words[::2], map(int, words[1::2])))
            self.worst_us = max(self.worst_us, counts["worst_us"])
            self.counts = counts
            self.lines += 1

    def fresh(self):
        """Counts of now, not of a moment ago."""
        line = self.lines
        self.wait(lambda _: self.lines >= line + 2)
        return self.counts

    def wait(self, done, seconds=START_S):
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            if self.counts and done(self.counts):
                return True
            time.sleep(0.02)
        return False

    def resident(self):
        return Server(self.process.pid).resident()

    def stop(self):
        self.process.terminate()
        self.process.wait(START_S)


class PeerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="bourse-peer-")
        cls.victim = Node(VICTIM, "--certificates", cls.folder.name)
        cls.honest = Node(HONEST, "--dial", f"{VICTIM}:{cls.victim.port}")
        cls.evil = hostile.Server(hostile.Key(cls.folder.name, EVIL_SERVER))
        cls.dialler = Node(DIALLER, "--dial", f"{EVIL_SERVER}:{cls.evil.port}",
                           "--dial", f"{VICTIM}:{cls.victim.port}")
        for node in (cls.honest, cls.dialler):
            if not node.wait(lambda counts: counts["echoed"] > 10):
                raise RuntimeError("the nodes do not connect")

    @classmethod
    def tearDownClass(cls):
        for node in (cls.honest, cls.dialler, cls.victim):
            node.stop()
        cls.folder.cleanup()

    def key(self, number):
        return hostile.Key(self.folder.name, number)

    def expect_unharmed(self, node, attack):
        """While and after `attack` runs, `node`'s stream with the victim goes on."""
        nodes = (self.victim, node)
        base = [one.resident() for one in nodes]
        before = node.counts
        node.worst_us = 0
        attack()
        self.assertTrue(node.wait(lambda counts: counts["echoed"] > before["echoed"] + 20, 10),
                        f"nothing comes back any more: {node.counts}")
        self.assertLess(node.worst_us, WORST_S * 1e6)
        self.assertEqual(self.honest.counts["ups"], 1, "the honest stream ended")
        for one, at_first in zip(nodes, base):
            self.assertIsNone(one.process.poll())
            self.assertLess((one.resident() - at_first) / MIB, GROWTH_MAX / MIB)

    def attack_with(self, number, function):
        target = hostile.PeerTarget(self.victim.port, self.key(number))
        attacker = multiprocessing.Process(target=function,
                                           args=(target, time.monotonic() + SECONDS))
        attacker.start()
        attacker.join(SECONDS + 10)
        if attacker.is_alive():
            attacker.kill()
            attacker.join()
        self.assertIn(attacker.exitcode, (0, -signal.SIGKILL), "the attack itself failed")

    def test_a_stranger_reaches_nothing_but_the_handshake(self):
        before = self.victim.fresh()["handed_over"]
        for name in ("greeted", "settings", "no_message"):
            self.expect_unharmed(self.honest,
                                 lambda: self.attack_with(STRANGER, attacks.KINDS[name]))
        self.assertEqual(self.victim.fresh()["handed_over"], before)

    def test_a_message_of_a_gibibyte_is_not_taken(self):
        self.expect_unharmed(self.honest, lambda: self.attack_with(ATTACKER, hostile.gibibyte))

    def test_what_no_honest_node_sends_is_remembered(self):
        for (name, frames), number in zip(hostile.BAD_FRAMES.items(), BAD_FRAME_KEYS):
            with self.subTest(name):
                target = hostile.PeerTarget(self.victim.port, self.key(number))
                self.assertTrue(hostile.say(target, frames), "the stream goes on")
                self.assertTrue(hostile.say(target, [hostile.hello()]), "it is let in again")
        self.assertTrue(self.victim.wait(lambda c: c["refused"] == len(hostile.BAD_FRAMES), 2),
                        self.victim.counts)
        self.assertEqual(self.honest.counts["ups"], 1)

    def test_a_peer_that_froze_is_dropped_and_comes_back(self):
        sleeper = Node(SLEEPER, "--dial", f"{VICTIM}:{self.victim.port}")
        self.addCleanup(sleeper.stop)
        self.assertTrue(sleeper.wait(lambda counts: counts["echoed"] > 10))
        counts = self.victim.fresh()
        ups, up = counts["ups"], counts["up"]
        sleeper.process.send_signal(signal.SIGSTOP)
        try:
            self.assertTrue(self.victim.wait(lambda counts: counts["up"] == up - 1, 15),
                            "a frozen peer is not noticed")
        finally:
            sleeper.process.send_signal(signal.SIGCONT)
        self.assertTrue(self.victim.wait(lambda counts: counts["ups"] == ups + 1, 15),
                        "it does not come back")


def client_test(name):
    def test(self):
        self.expect_unharmed(self.honest,
                             lambda: self.attack_with(ATTACKER, attacks.KINDS[name]))
    return test


def server_test(name):
    def test(self):
        def attack():
            before = self.evil.accepted
            self.evil.kind = name
            give_up = time.monotonic() + 10
            while self.evil.accepted == before and time.monotonic() < give_up:
                time.sleep(0.02)
            self.assertGreater(self.evil.accepted, before, "it was not dialled")
            time.sleep(SECONDS)
        self.expect_unharmed(self.dialler, attack)
    return test


for kind in attacks.KINDS:
    setattr(PeerTest, f"test_client_{kind}_harms_nobody", client_test(kind))
for kind in hostile.SERVERS:
    setattr(PeerTest, f"test_server_{kind}_harms_nobody", server_test(kind))

if __name__ == "__main__":
    xml_runner.main()
