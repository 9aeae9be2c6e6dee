"""Networks of many real nodes: their homes, keys and address books; to start, kill and compare."""

import json
import os
import socket
import subprocess
import tempfile
import time

import grpc

from bourse_client import DEADLINE_S, Node
from bourse.v1 import services_pb2


class Member(Node):
    """A boursed of a network."""

    def __init__(self, boursed, home, log):
        self.boursed, self.home, self.flags = boursed, home, []
        self.credentials, self.process = None, None
        self.wrapper = []  # a command that runs it: in another namespace, say
        self.listen_address = "127.0.0.1:0"
        self._log = log
        made = subprocess.run([boursed, "init", "--home", home, "--key-only"], check=True,
                              stdout=subprocess.PIPE, text=True)
        self.key = made.stdout.split()[-1]

    def configure(self, genesis_path, settings):
        subprocess.run([self.boursed, "init", "--home", self.home, "--genesis", genesis_path],
                       check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.home, "boursed.toml"), "w") as file:
            for name, value in settings.items():
                file.write(f"{name} = {json.dumps(value)}\n")

    def launch(self):
        """Starts the process, and does not wait for it."""
        listen = os.path.join(self.home, "listen")
        if os.path.exists(listen):
            os.remove(listen)  # of a killed one
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, self.boursed, "start", "--home", self.home, "--listen",
                 self.listen_address, *self.flags], stderr=log)

    def connect(self):
        listen = os.path.join(self.home, "listen")
        give_up = time.monotonic() + DEADLINE_S
        while not os.path.exists(listen):
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("boursed did not start:\n" + self.log_text())
            time.sleep(0.005)
        with open(listen) as file:
            self.endpoint = file.read().strip()
        self.open_channel()
        return self

    def start(self):
        self.launch()
        return self.connect()

    def get_status(self, timeout=DEADLINE_S):
        return self.node.GetStatus(services_pb2.GetStatusRequest(), timeout=timeout)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def log_text(self):
        with open(self._log, errors="replace") as file:
            return file.read()[-4000:]

    def close(self):
        if self.is_running():
            self.kill()


def free_ports(count):
    """Ports that nobody has now; all are held until all are found."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Network:
    """`validators` nodes that vote and `followers` that don't, each knowing all others."""

    def __init__(self, boursed, genesis_json, validators=4, followers=0, settings=None,
                 peer_address=None):
        self.folder = tempfile.TemporaryDirectory(prefix="bourse-network-")
        self.boursed, self.settings = boursed, dict(settings or {})
        ports = free_ports(validators + followers)
        self.peer_address = peer_address or (lambda i: f"127.0.0.1:{ports[i]}")
        self.members = [self._make(i) for i in range(validators + followers)]
        genesis_json = dict(genesis_json)
        genesis_json["validators"] = [{"name": f"node{i + 1}", "key": member.key}
                                      for i, member in enumerate(self.members[:validators])]
        self.genesis_path = os.path.join(self.folder.name, "genesis.json")
        with open(self.genesis_path, "w") as file:
            json.dump(genesis_json, file)
        for i in range(len(self.members)):
            self.configure(i)

    def _make(self, i):
        return Member(self.boursed, os.path.join(self.folder.name, f"node{i + 1}"),
                      os.path.join(self.folder.name, f"log{i + 1}"))

    def configure(self, i):
        peers = [f"{member.key}@{self.peer_address(j)}"
                 for j, member in enumerate(self.members) if j != i]
        self.members[i].configure(self.genesis_path, {
            "peer_listen": self.peer_address(i), "peers": peers, "slot_timeout_ms": 300,
            "idle_interval_ms": 200, **self.settings})

    def start(self, indices=None):
        members = [self.members[i] for i in indices] if indices is not None else self.members
        for member in members:
            member.launch()
        for member in members:
            member.connect()
        return self

    def close(self):
        for member in self.members:
            member.close()
        self.folder.cleanup()

    def heights(self):
        return [member.get_status().height if member.is_running() else None
                for member in self.members]

    def wait_for_height(self, height, indices=None, timeout=DEADLINE_S):
        """Until these nodes have all reached it; raises with all heights if they don't."""
        give_up = time.monotonic() + timeout
        for i in indices if indices is not None else range(len(self.members)):
            while self._height(self.members[i]) < height:
                if time.monotonic() > give_up:
                    raise AssertionError(
                        f"no height {height} within {timeout} s: {self.heights()}\n"
                        + self.members[i].log_text())
                time.sleep(0.01)

    def wait_for_progress(self, indices=None, blocks=2, timeout=DEADLINE_S):
        """Until these nodes are `blocks` further than the highest of all is now."""
        top = max(self._height(member) for member in self.members if member.is_running())
        self.wait_for_height(top + blocks, indices, timeout)

    @staticmethod
    def _height(member):
        try:
            return member.get_status(timeout=5).height
        except grpc.RpcError:
            return -1

    def block_hashes(self, height):
        """What each node holds at a height: the same everywhere, or there is a fork."""
        return {(block.hash, block.state_root, block.results_root)
                for block in (member.ledger.GetBlock(
                    services_pb2.GetBlockRequest(height=height), timeout=DEADLINE_S)
                    for member in self.members if member.is_running())}


def assert_same_chain(test, network):
    """All nodes hold the same blocks, as far as the lowest goes."""
    low = min(height for height in network.heights() if height is not None)
    for height in {1, low // 2 + 1, low} | set(range(max(1, low - 50), low + 1)):
        test.assertEqual(len(network.block_hashes(height)), 1, f"fork at height {height}")


def assert_everywhere(test, network, acknowledged):
    """What was reported as final is on all nodes, with the same receipt."""
    for member in network.members:
        for txid, receipt in acknowledged.items():
            found = member.ledger.GetTransaction(
                services_pb2.GetTransactionRequest(txid=txid), timeout=DEADLINE_S)
            test.assertEqual(found.transaction.receipt.SerializeToString(), receipt)
