#!/usr/bin/python3 -B
"""A local network's life: up, down, killed, taken ports, connections that break."""

import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import xml_runner
from harness import (BOURSED, DONE, REJECTED, UNKNOWN, UNREACHABLE, USAGE, CutAtSubmit, Home, HomeCase,
                     is_alive)


class DevnetLife(HomeCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(lambda: self.home.run("devnet", "down"))
        self.up = ("devnet", "up", "--listen", "0", "--boursed", BOURSED)

    def test_it_resumes_after_down_and_after_a_kill(self):
        pid = self.expect(self.home.json(*self.up), DONE).json["nodes"][0]["pid"]
        self.expect(self.home.run("order", "sell", "BTC/USD", "0.5", "--price", "64000"), DONE)
        again = self.expect(self.home.json(*self.up), DONE).json["nodes"][0]
        self.assertEqual(again["pid"], pid, "up twice starts one node")
        self.expect(self.home.run("devnet", "down"), DONE)
        self.assertFalse(is_alive(pid))
        self.expect(self.home.run("book", "BTC/USD"), UNREACHABLE)
        pid = self.expect(self.home.json(*self.up), DONE).json["nodes"][0]["pid"]
        self.assertEqual(self.home.json("book", "BTC/USD").json["asks"][0]["quantity"], "0.500")
        os.kill(pid, signal.SIGKILL)
        self.expect(self.home.run(*self.up), DONE)
        self.assertEqual(self.home.json("book", "BTC/USD").json["asks"][0]["quantity"], "0.500")

    def test_status_tells_height_address_and_process(self):
        self.expect(self.home.run("devnet", "status"), REJECTED, "bourse devnet up")
        self.expect(self.home.run(*self.up), DONE)
        (node,) = self.home.json("devnet", "status").json["nodes"]
        self.assertTrue(node["running"])
        self.assertRegex(node["height"], r"^\d+$")
        self.assertEqual(node["node"], self.home.json("node", "status").json["node"])
        self.home.run("devnet", "down")
        (node,) = self.home.json("devnet", "status").json["nodes"]
        self.assertEqual((node["running"], node["pid"], node["height"]), (False, None, None))

    def test_delete_asks_and_removes_the_folder(self):
        folder = self.home.folder / "play"
        self.expect(self.home.run(*self.up, "--dir", str(folder)), DONE)
        self.expect(self.home.run("devnet", "down", "--delete"), USAGE, "--yes")
        self.assertTrue(folder.exists())
        self.expect(self.home.run("devnet", "down", "--delete", "--yes"), DONE)
        self.assertFalse(folder.exists())

    def test_a_folder_with_something_else_is_left_alone(self):
        folder = self.home.folder / "papers"
        folder.mkdir()
        (folder / "letter").write_text("dear")
        self.expect(self.home.run(*self.up, "--dir", str(folder)), USAGE, "something else")
        self.expect(self.home.run("devnet", "down", "--delete", "--yes", "--dir", str(folder)), REJECTED)
        self.assertEqual((folder / "letter").read_text(), "dear")

    def test_a_users_own_choice_of_a_node_is_kept(self):
        config = self.home.folder / "home" / "config.toml"
        config.parent.mkdir()
        config.write_text('node = "127.0.0.1:1"\n')
        self.expect(self.home.run(*self.up), DONE, "config.toml", "--node 127.0.0.1:")
        self.assertEqual(config.read_text(), 'node = "127.0.0.1:1"\n')
        self.expect(self.home.run("node", "status"), UNREACHABLE)

    def test_a_taken_port_is_told(self):
        first = self.expect(self.home.json(*self.up), DONE).json["nodes"][0]["node"]
        other = Home()
        self.addCleanup(other.remove)
        answer = other.run("devnet", "up", "--listen", first.rpartition(":")[2], "--boursed", BOURSED)
        self.expect(answer, REJECTED, "ended while it started", "--listen")
        self.addCleanup(lambda: other.run("devnet", "down"))
        self.expect(other.run("devnet", "up", "--listen", "0", "--boursed", BOURSED), DONE)

    def test_a_key_of_ones_own_signs_on_a_devnet_only_when_it_is_named(self):
        self.expect(self.home.run(*self.up), DONE)
        self.expect(self.home.run("keys", "new", "eve", "--no-passphrase"), DONE)
        self.expect(self.home.run("keys", "use", "eve"), DONE, "add --key eve")
        self.assertEqual(self.home.json("keys", "show").json["name"], "alice")
        self.assertEqual(self.home.json("keys", "show", "--key", "eve").json["name"], "eve")
        self.assertNotIn("add --key", self.expect(self.home.run("keys", "use", "bob"), DONE).err)
        self.expect(self.home.run("keys", "new", "bob", "--no-passphrase"), DONE, "its own key's name")

    def test_without_the_nodes_program_it_says_where_to_put_it(self):
        self.expect(self.home.run("devnet", "up", "--boursed", "/nowhere/boursed"), USAGE, "/nowhere/boursed")

    def test_a_node_that_does_not_answer_is_unreachable(self):
        pid = self.expect(self.home.json(*self.up), DONE).json["nodes"][0]["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            self.expect(self.home.run("node", "status", "--timeout", "1s"), UNREACHABLE, "too long")
        finally:
            os.kill(pid, signal.SIGCONT)
        self.expect(self.home.run("node", "status"), DONE)

    def test_when_the_connection_breaks_after_sending_the_outcome_is_unknown_and_can_be_asked_for(self):
        node = self.expect(self.home.json(*self.up), DONE).json["nodes"][0]["node"]
        keys = self.home.folder / "home" / "devnet" / "keys"
        shutil.copytree(keys, self.home.folder / "home" / "keys")
        cut = CutAtSubmit(node)
        order = ("order", "sell", "BTC/USD", "0.5", "--price", "64000", "--key", "alice", "--node", cut.address)
        answer = self.expect(self.home.json(*order), UNKNOWN)
        self.assertEqual(answer.json["error"]["code"], "OUTCOME_UNKNOWN")
        txid = json.loads(answer.err)["sending"]
        self.assertEqual(answer.json["txid"], txid)
        self.assertIn("bourse tx " + txid, answer.json["error"]["message"])
        for _ in range(200):
            found = self.home.json("tx", txid)
            if found.code == DONE and found.json["status"] == "final":
                break
        found = self.expect(found, DONE).json
        self.assertEqual(found["operations"][0]["result"]["order_status"], "open")


class Tls(HomeCase):
    def test_a_node_is_reached_by_tls_with_its_certificate_only(self):
        cert, key, home = (str(self.home.folder / name) for name in ("cert.pem", "key.pem", "node"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
                        "-days", "2", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, stderr=subprocess.DEVNULL)
        subprocess.run([BOURSED, "init", "--home", home], check=True, stdout=subprocess.DEVNULL)
        node = subprocess.Popen([BOURSED, "start", "--home", home, "--listen", "127.0.0.1:0",
                                 "--peer-listen", "", "--tls-cert", cert, "--tls-key", key],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(node.wait)
        self.addCleanup(node.terminate)
        listen = self.home.folder / "node" / "listen"
        while not (listen.exists() and listen.read_text().strip()):
            self.assertIsNone(node.poll(), "the node ended")
        status = ("node", "status", "--node", listen.read_text().strip())
        self.expect(self.home.run(*status, "--tls-ca", cert), DONE)
        self.expect(self.home.run(*status, "--tls"), UNREACHABLE, "certificate verify failed")
        self.expect(self.home.run(*status), UNREACHABLE)


if __name__ == "__main__":
    xml_runner.main()
