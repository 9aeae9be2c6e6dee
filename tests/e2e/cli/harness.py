"""What the command's tests share: homes of their own, commands, exit codes, broken connections."""

import json
import os
import pathlib
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

DONE, REJECTED, USAGE, UNREACHABLE, UNKNOWN = range(5)
ROOT = pathlib.Path(os.environ.get("TEST_SRCDIR", "")) / os.environ.get("TEST_WORKSPACE", "")
BOURSE = os.environ.get("BOURSE_BIN") or str(ROOT / "cli/bourse")
BOURSED = os.environ.get("BOURSED_BIN") or str(ROOT / "node/boursed")
NOBODY = "127.0.0.1:1"  # no node has ever listened there


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class CutAtSubmit(threading.Thread):
    """A connection to a node that breaks right after a submission has gone through it."""

    def __init__(self, node):
        super().__init__(daemon=True)
        host, _, port = node.rpartition(":")
        self.node = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.kept = []  # the node's ends stay open, so that it goes on with what it got
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(self.node)
            self.kept.append(server)
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    @staticmethod
    def _carry(client, server):
        submitting = False
        while True:
            for end in select.select([client, server], [], [])[0]:
                data = end.recv(65536)
                if not data or (submitting and end is server):
                    client.close()  # it never hears what became of it
                    return
                submitting = submitting or b"/bourse.v1.SubmitService/Submit" in data
                (server if end is client else client).sendall(data)


class Answer:
    """What a command wrote, and how it ended."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Home:
    """A home folder of its own, so that a test sees no other's keys or network."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bourse-", dir=os.environ.get("TEST_TMPDIR")))

    def run(self, *words, stdin="", env=None):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BOURSE")}
        environment.update({"HOME": str(self.folder), "BOURSE_HOME": str(self.folder / "home")}, **(env or {}))
        return Answer(subprocess.run([BOURSE, *words], input=stdin, env=environment, timeout=120,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                     start_new_session=True))  # no terminal to ask on

    def json(self, *words, **options):
        return self.run(*words, "--output", "json", **options)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class HomeCase(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def expect(self, answer, code, *texts):
        self.assertEqual(answer.code, code, answer)
        for text in texts:
            self.assertIn(text, answer.out + answer.err)
        return answer
