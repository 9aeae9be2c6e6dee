#!/usr/bin/python3 -B
"""Every attack of attacks.py against the real boursed, for a short time each."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import gate_attack
import http2
import xml_runner
from attacks import KINDS

BOURSED = os.path.abspath(sys.argv.pop(1))
METHOD = "/bourse.v1.SubmitService/SubmitStream"
SECONDS = 0.5
# AddressSanitizer keeps freed memory back for a while: that is no growth of the server's.
ENVIRONMENT = {**os.environ,
               "ASAN_OPTIONS": "quarantine_size_mb=4:thread_local_quarantine_size_kb=64"}
START_S = 60


class GateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="boursed-gate-")
        home = os.path.join(cls.folder.name, "home")
        subprocess.run([BOURSED, "init", "--home", home], check=True, stdout=subprocess.DEVNULL)
        cls.process = subprocess.Popen(
            [BOURSED, "start", "--home", home, "--listen", "127.0.0.1:0", "--peer-listen", "",
             "--log-level", "error"],
            env=ENVIRONMENT)
        listen = os.path.join(home, "listen")
        give_up = time.monotonic() + START_S
        while not os.path.exists(listen):
            if cls.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("boursed did not start")
            time.sleep(0.01)
        with open(listen) as file:
            port = int(file.read().strip().rsplit(":", 1)[1])
        cls.target = http2.Target(port, METHOD, False)

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait(START_S)
        cls.folder.cleanup()


def attack(kind):
    def test(self):
        row = gate_attack.run(kind, self.target, gate_attack.Server(self.process.pid), SECONDS)
        _, grew_mib, _, served, failed, worst_ms, passed = row
        self.assertTrue(passed, f"grew by {grew_mib:.1f} MiB; honest checks: {served} served, "
                                f"{failed} failed, the slowest took {worst_ms:.0f} ms")
    return test


for name in KINDS:
    setattr(GateTest, f"test_{name}_harms_nobody", attack(name))

if __name__ == "__main__":
    xml_runner.main()
