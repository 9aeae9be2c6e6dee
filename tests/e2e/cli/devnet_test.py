#!/usr/bin/python3 -B
"""A local network's life: up, down, killed, taken ports, connections that break."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import xml_runner
from harness import (BOURSED, DONE, REJECTED, UNKNOWN, UNREACHABLE, USAGE, CutAtSubmit, Home, HomeCase,
                     is_alive)


class DevnetLife(HomeCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(lambda: self.home.run("devnet", "down"))
        self.up = ("devnet", "up", "--nodes", "1", "--listen", "0", "--boursed", BOURSED)

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
        answer = other.run("devnet", "up", "--nodes", "1", "--listen", first.rpartition(":")[2],
                           "--boursed", BOURSED)
        self.expect(answer, REJECTED, "ended while it started", "--listen")
        self.addCleanup(lambda: other.run("devnet", "down"))
        self.expect(other.run("devnet", "up", "--listen", "0", "--boursed", BOURSED), DONE)

    def test_the_number_of_nodes_is_chosen_once(self):
        for bad in ("0", "17"):
            self.expect(self.home.run("devnet", "up", "--nodes", bad, "--boursed", BOURSED), USAGE, "1 to 16")
        self.expect(self.home.run(*self.up), DONE)
        self.expect(self.home.run("devnet", "up", "--nodes", "2", "--boursed", BOURSED), USAGE, "1 nodes")
        self.expect(self.home.run("devnet", "stop", "node2"), USAGE, "node1")

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


class Network(HomeCase):
    """A local network of several nodes."""

    def up(self, count):
        self.addCleanup(lambda: self.home.run("devnet", "down"))
        answer = self.home.json("devnet", "up", "--nodes", str(count), "--listen", "0", "--boursed", BOURSED)
        return self.expect(answer, DONE).json["nodes"]

    def nodes(self):
        return {node["name"]: node for node in self.home.json("devnet", "status").json["nodes"]}

    def start(self, name):
        self.expect(self.home.run("devnet", "start", name, "--boursed", BOURSED), DONE)
        return self.nodes()[name]["node"]

    def trade(self, quantity="0.5", price="64000"):
        """Alice sells to Bob; the swap."""
        self.expect(self.home.run("order", "sell", "BTC/USD", quantity, "--price", price), DONE)
        bought = self.home.json("order", "buy", "BTC/USD", quantity, "--price", price, "--key", "bob")
        (swap,) = self.expect(bought, DONE).json["swaps"]
        return swap

    def wait(self, what, holds, seconds=30):
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def certified(self, txid, *words):
        """Who certified a swap, waited for."""
        found = self.expect(self.home.json("tx", txid, "--verify", "--proof", *words), DONE).json
        certificate = found["certificate"]
        self.assertEqual(certificate["height"], found["height"])
        self.assertEqual(len(found["certified_by"]), len(certificate["signatures"]))
        return found

    def test_four_nodes_go_on_without_one_which_catches_up(self):
        up = self.up(4)
        self.assertEqual([node["name"] for node in up], ["node1", "node2", "node3", "node4"])
        self.assertEqual(len({node["node"] for node in up}), 4)
        first = self.trade()
        self.assertGreaterEqual(len(self.certified(first["txid"])["certified_by"]), 3)

        self.expect(self.home.run("devnet", "stop", "node1", "--kill"), DONE, "node1 is killed")
        self.assertFalse(is_alive(up[0]["pid"]))
        self.assertFalse(self.nodes()["node1"]["running"])
        self.assertEqual(self.home.json("node", "status").json["node"], up[1]["node"], "the next one is asked")
        second = self.trade(price="64100")
        self.assertNotIn("node1", self.certified(second["txid"])["certified_by"])

        node1 = self.start("node1")
        at = ("--node", node1)
        self.wait("node1 catches up", lambda: int(
            self.home.json("node", "status", *at).json["height"]) >= int(second["height"]))
        slept_through = self.certified(second["txid"], *at)
        told = self.certified(second["txid"], "--node", up[1]["node"])
        for key in ("price", "base", "quote", "height", "proof"):
            self.assertEqual(slept_through[key], told[key])
        for key in ("block_hash", "results_root", "state_root"):
            self.assertEqual(slept_through["certificate"][key], told["certificate"][key])
        self.wait("node1 votes again", lambda: self.home.json("node", "status", *at).json["voting"])
        self.trade(price="64200")

    def test_a_node_tells_its_role_its_peers_and_no_evidence(self):
        up = self.up(4)
        self.wait("all are connected", lambda: all(
            node["peers"] == 3 for node in self.nodes().values()))
        status = self.home.json("node", "status").json
        self.assertEqual((status["role"], status["validator"], status["validator_name"]), ("validator", 0, "node1"))
        self.assertEqual((status["validator_count"], status["quorum"], status["voting"]), (4, 3, True))
        self.assertEqual(status["engine"], "simplex")
        peers = self.home.json("node", "peers").json["peers"]
        self.assertEqual({peer["validator_name"] for peer in peers}, {"node2", "node3", "node4"})
        self.assertTrue(all(peer["connected"] and int(peer["bytes_in"]) > 0 for peer in peers))
        self.expect(self.home.run("node", "peers"), DONE, "node2", "connected")
        self.assertEqual(self.home.json("node", "evidence").json["evidence"], [])
        self.expect(self.home.run("node", "evidence"), DONE, "None")
        self.expect(self.home.run("devnet", "status"), DONE, "validator")
        for node in up:
            self.wait("each has blocks", lambda: int(
                self.home.json("node", "status", "--node", node["node"]).json["certified_height"]) > 0)

    def test_a_certificate_is_checked_against_the_validators_that_the_user_knows(self):
        self.up(4)
        swap = self.trade()
        self.certified(swap["txid"])
        answer = self.expect(self.home.run("tx", swap["txid"], "--verify"), DONE, "certified by 3 of 4 validators: ")
        self.assertNotIn("whom the node names", answer.out, "the devnet's own genesis is known")
        height = swap["height"]
        block = self.expect(self.home.json("block", height), DONE).json
        self.assertEqual(block["certificate"]["results_root"], block["results_root"])
        genesis = json.loads((self.home.folder / "home" / "devnet" / "genesis.json").read_text())
        first, last = genesis["validators"][0], genesis["validators"][-1]
        for one in genesis["validators"]:
            one["key"] = (first if one is last else last)["key"]
        other = self.home.folder / "other.json"
        other.write_text(json.dumps(genesis))
        for command in (("tx", swap["txid"]), ("block", height)):
            self.expect(self.home.run(*command, "--genesis", str(other)), REJECTED, "does not verify")

    def test_two_nodes_stop_safely_without_one_and_go_on_when_it_is_back(self):
        up = self.up(2)
        self.assertEqual(self.certified(self.trade()["txid"])["certified_by"], ["node1", "node2"])
        self.expect(self.home.run("devnet", "stop", "node2", "--kill"), DONE)
        time.sleep(0.5)
        height = self.home.json("node", "status").json["height"]
        order = ("order", "sell", "BTC/USD", "0.5", "--price", "64500", "--valid-for", "2m")
        answer = self.expect(self.home.json(*order, "--timeout", "2s"), UNKNOWN)
        txid = answer.json["txid"]
        self.assertEqual(self.home.json("node", "status").json["height"], height, "one of two decides nothing")
        self.assertEqual(self.home.json("tx", txid).json["status"], "pending")
        self.start("node2")
        found = self.expect(self.home.json("tx", txid, "--verify"), DONE).json
        self.assertEqual(found["operations"][0]["result"]["order_status"], "open")
        self.assertGreater(int(found["height"]), int(height))
        self.assertTrue(is_alive(up[0]["pid"]))


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
