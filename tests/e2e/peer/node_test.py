#!/usr/bin/python3 -B
"""Every attack on the peer port of the real boursed, with a key that it accepts and with one that
it does not, while clients are served on the other port."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "gate")]

import gate_attack
import hostile
import http2
import xml_runner
from attacks import KINDS

BOURSED, PEER_NODE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
SECONDS = 0.5
START_S = 60
ENVIRONMENT = {**os.environ,
               "ASAN_OPTIONS": "quarantine_size_mb=4:thread_local_quarantine_size_kb=64"}
ACCEPTED, STRANGER, HELPER = 1, 2, 3


def write_certificates(folder):
    with subprocess.Popen([PEER_NODE, "--self", str(HELPER), "--peers", str(ACCEPTED),
                           "--certificates", folder], stdout=subprocess.PIPE) as helper:
        helper.stdout.readline()  # of its port: it has written them
        helper.terminate()


def port_in(home, name, process):
    path = os.path.join(home, name)
    give_up = time.monotonic() + START_S
    while not os.path.exists(path):
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError("boursed did not start")
        time.sleep(0.01)
    with open(path) as file:
        return int(file.read().strip().rsplit(":", 1)[1])


class NodeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="boursed-peer-")
        write_certificates(cls.folder.name)
        with open(os.path.join(cls.folder.name, f"{ACCEPTED}.pub")) as file:
            accepted = file.read()
        home = os.path.join(cls.folder.name, "home")
        subprocess.run([BOURSED, "init", "--home", home], check=True, stdout=subprocess.DEVNULL)
        cls.process = subprocess.Popen(
            [BOURSED, "start", "--home", home, "--listen", "127.0.0.1:0", "--peer-listen",
             "127.0.0.1:0", "--peers", accepted, "--log-level", "error"], env=ENVIRONMENT)
        cls.clients = http2.Target(port_in(home, "listen", cls.process))
        cls.peer_port = port_in(home, "peer_listen", cls.process)

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait(START_S)
        cls.folder.cleanup()

    def attack(self, kind, number):
        attacked = hostile.PeerTarget(self.peer_port, hostile.Key(self.folder.name, number))
        row = gate_attack.run(kind, self.clients, gate_attack.Server(self.process.pid), SECONDS,
                              attacked)
        _, grew_mib, _, served, failed, worst_ms, passed = row
        self.assertTrue(passed, f"grew by {grew_mib:.1f} MiB; honest checks: {served} served, "
                                f"{failed} failed, the slowest took {worst_ms:.0f} ms")

    # Last, as the key is refused from then on.
    def test_what_no_honest_node_sends_harms_nobody(self):
        target = hostile.PeerTarget(self.peer_port, hostile.Key(self.folder.name, ACCEPTED))
        self.assertTrue(hostile.say(target, hostile.BAD_FRAMES["garbage"]))
        self.assertTrue(http2.health_check(self.clients))
        self.assertTrue(hostile.say(target, []), "it is let in again")


def accepted_test(kind):
    return lambda self: self.attack(kind, ACCEPTED)


def stranger_test(kind):
    return lambda self: self.attack(kind, STRANGER)


for name in KINDS:
    setattr(NodeTest, f"test_accepted_{name}_harms_nobody", accepted_test(name))
for name in ("greeted", "churn", "settings", "tls_stall", "tls_churn", "silent"):
    setattr(NodeTest, f"test_stranger_{name}_harms_nobody", stranger_test(name))

if __name__ == "__main__":
    xml_runner.main()
