"""Networks of real nodes whose blocks a real CometBFT orders: one process of each a node."""

import json
import os
import re
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from bourse_client import DEADLINE_S
from network import Member, Network, free_ports

COMETBFT = os.environ.get("COMETBFT_BIN") or shutil.which("cometbft")
needs_cometbft = unittest.skipUnless(
    COMETBFT, "there is no cometbft: go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.17")


class EngineMember(Member):
    """A boursed and its CometBFT."""

    def __init__(self, *args):
        super().__init__(*args)
        self.engine, self.engine_id = None, None
        self.peer_port, self.rpc_port = free_ports(2)
        self.engine_home = os.path.join(self.home, "cometbft")
        self.app = "unix://" + os.path.join(self.home, "abci")  # where its engine finds it
        self.peers = []

    def configure(self, genesis_path, settings):
        subprocess.run([self.boursed, "init", "--home", self.home, "--genesis", genesis_path,
                        "--engine", "cometbft"], check=True, stdout=subprocess.DEVNULL)
        self.flags = ["--engine-rpc", f"127.0.0.1:{self.rpc_port}"]
        config = os.path.join(self.engine_home, "config", "config.toml")
        with open(config) as file:
            text = file.read()
        text = text.replace("allow_duplicate_ip = false", "allow_duplicate_ip = true")
        text = text.replace("addr_book_strict = true", "addr_book_strict = false")
        for key, value in settings.items():
            text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        with open(config, "w") as file:
            file.write(text)
        made = subprocess.run([COMETBFT, "gen-node-key", "--home", self.engine_home], check=True,
                              stdout=subprocess.PIPE, text=True)
        self.engine_id = made.stdout.strip()

    def launch(self):
        super().launch()
        self.connect()  # an engine that finds no node waits for 3 s
        self.launch_engine()

    def launch_engine(self):
        with open(self._log + ".cometbft", "ab") as log:
            self.engine = subprocess.Popen(
                [COMETBFT, "start", "--home", self.engine_home, "--proxy_app", self.app,
                 "--rpc.laddr", f"tcp://127.0.0.1:{self.rpc_port}",
                 "--p2p.laddr", f"tcp://127.0.0.1:{self.peer_port}",
                 "--p2p.persistent_peers", ",".join(self.peers)], stdout=log, stderr=log)

    def engine_runs(self):
        return self.engine is not None and self.engine.poll() is None

    def kill_engine(self):
        self.engine.kill()
        self.engine.wait()

    def lose_engine(self):
        """Without its application an engine ends by itself, mostly; else a service manager does it."""
        try:
            self.engine.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill_engine()

    def stop_both(self):
        """In good order; the node's exit code."""
        self.engine.terminate()
        self.engine.wait(timeout=DEADLINE_S)
        return self.stop()

    def close(self):
        if self.engine_runs():
            self.kill_engine()
        super().close()

    def rpc(self, method, **params):
        """The answer's result, or its error as a text."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(f"http://127.0.0.1:{self.rpc_port}", body.encode(),
                                         {"Content-Type": "application/json"})
        try:
            answer = json.load(urllib.request.urlopen(request, timeout=DEADLINE_S))
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code}: {error.read().decode(errors='replace')}"
        return answer.get("result") or json.dumps(answer["error"])

    def wait_for_rpc(self):
        give_up = time.monotonic() + DEADLINE_S
        while True:
            try:
                return self.rpc("status")
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)

    def wait_for_blocks(self, count):
        def height():
            return int(self.rpc("status")["sync_info"]["latest_block_height"])
        target = height() + count
        give_up = time.monotonic() + DEADLINE_S
        while height() < target:
            if time.monotonic() > give_up:
                raise AssertionError(f"CometBFT makes no blocks: at {height()}, not {target}")
            time.sleep(0.05)

    def log_text(self):
        with open(self._log + ".cometbft", errors="replace") as file:
            return super().log_text() + "\nits engine:\n" + file.read()[-4000:]


class EngineNetwork(Network):
    """With `other_boursed`, every second node is run by that program."""

    def __init__(self, boursed, genesis_json, other_boursed=None):
        self.builds = (boursed, other_boursed or boursed)
        super().__init__(boursed, genesis_json)

    def _make(self, i):
        return EngineMember(self.builds[i % 2], os.path.join(self.folder.name, f"node{i + 1}"),
                            os.path.join(self.folder.name, f"log{i + 1}"))

    def configure(self, i):
        self.members[i].configure(self.genesis_path, self.settings)

    def start(self, indices=None):
        for member in self.members:
            member.peers = [f"{other.engine_id}@127.0.0.1:{other.peer_port}"
                            for other in self.members if other is not member]
        for i in indices if indices is not None else range(len(self.members)):
            self.members[i].launch()
        return self

    def audit(self, test):
        """Stops one node at a time, and replays what its ledger holds beside the headers of another's
        engine, which goes on with the rest; returns the last verdict."""
        for i, member in enumerate(self.members):
            test.assertEqual(member.stop_both(), 0)
            judge = self.members[(i + 1) % len(self.members)]
            judge.wait_for_blocks(2)  # then it has all that the stopped one has
            audit = subprocess.run([member.boursed, "audit", "--home", member.home, "--engine-rpc",
                                    f"127.0.0.1:{judge.rpc_port}"], text=True, capture_output=True,
                                   timeout=600, check=False)
            test.assertEqual(audit.returncode, 0, audit.stderr)
            member.launch()
            member.wait_for_rpc()
        return audit.stdout
