"""CometBFT v0.38 with its kvstore, on this machine: networks of it, and how fast they are.

Tuned for speed: gossip every 5 ms, no pause after a commit, no indexing, no rechecking.
"""

import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

GOSSIP_MS = 5
PLACES = [os.path.expanduser("~/.cache/bourse/bin"),
          os.path.join(os.environ.get("GOPATH") or os.path.expanduser("~/go"), "bin")]


def find_program(name):
    """On PATH, or where Go puts programs; None: nowhere."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(PLACES))


def offered_per_s(nodes):
    """Transactions, by all connections together: more than they do."""
    return 20_000 if nodes == 1 else 10_000


def rpc(node, method):
    url = f"http://127.0.0.1:{26657 + 10 * node}/{method}"
    return json.load(urllib.request.urlopen(url, timeout=30))["result"]


class KvstoreNetwork:
    """Nodes with the kvstore within them; over its socket, in a process of its own, if `abci_cli`,
    which serves it, is given."""

    def __init__(self, cometbft, nodes, abci_cli=None):
        self.cometbft, self.nodes, self.abci_cli = cometbft, nodes, abci_cli
        self.processes = []
        self.folder = tempfile.TemporaryDirectory(prefix="cometbft-")
        subprocess.run([cometbft, "testnet", "--v", str(nodes), "--o", self.folder.name,
                        "--populate-persistent-peers=false"], check=True,
                       stdout=subprocess.DEVNULL)
        ids = [subprocess.run([cometbft, "show-node-id", "--home", self.home(i)], check=True,
                              capture_output=True, text=True).stdout.strip() for i in range(nodes)]
        for i in range(nodes):
            self.configure(i, ids)
        apps = [self.start_app(i) for i in range(nodes)]
        for i, app in enumerate(apps):
            self.start(f"log{i}", [cometbft, "start", "--home", self.home(i), "--proxy_app", app])
        self.wait_for_blocks()

    def home(self, i):
        return self.path(f"node{i}")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, log, command):
        with open(self.path(log), "wb") as file:
            self.processes.append(subprocess.Popen(command, stdout=file, stderr=file))

    def start_app(self, i):
        """Where a node finds its application."""
        if self.abci_cli is None:
            return "kvstore"
        listens = self.path(f"abci{i}")
        self.start(f"app{i}.log", [self.abci_cli, "kvstore", "--abci", "socket", "--address",
                                   f"unix://{listens}", "--persist", self.path(f"app{i}")])
        give_up = time.monotonic() + 30
        while not os.path.exists(listens):
            if time.monotonic() > give_up:
                self.close()
                raise SystemExit("abci-cli does not listen")
            time.sleep(0.05)
        return f"unix://{listens}"

    def configure(self, i, ids):
        path = os.path.join(self.home(i), "config", "config.toml")
        with open(path) as file:
            text = file.read()
        peers = ",".join(f"{ids[j]}@127.0.0.1:{26656 + 10 * j}"
                         for j in range(self.nodes) if j != i)
        text = re.sub(r'(?m)^laddr = "tcp://.*:26657"', f'laddr = "tcp://127.0.0.1:{26657 + 10*i}"',
                      text)
        text = re.sub(r'(?m)^laddr = "tcp://.*:26656"', f'laddr = "tcp://127.0.0.1:{26656 + 10*i}"',
                      text)
        for key, value in {
                "persistent_peers": f'"{peers}"',
                "peer_gossip_sleep_duration": f'"{GOSSIP_MS}ms"', "timeout_commit": '"0s"',
                "skip_timeout_commit": "true", "indexer": '"null"', "recheck": "false",
                "size": "200000", "cache_size": "400000", "send_rate": "512000000",
                "recv_rate": "512000000", "flush_throttle_timeout": '"1ms"',
                "addr_book_strict": "false", "allow_duplicate_ip": "true", "log_level": '"error"',
                "pprof_laddr": '""'}.items():
            text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        with open(path, "w") as file:
            file.write(text)

    def wait_for_blocks(self):
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            try:
                if all(int(rpc(i, "status")["sync_info"]["latest_block_height"]) > 2
                       for i in range(self.nodes)):
                    return
            except OSError:
                pass
            time.sleep(0.5)
        self.close()
        raise SystemExit("CometBFT does not start")

    def latency(self, count):
        """Milliseconds from submit to commit: p50 and p99."""
        millis = []
        for i in range(count):
            start = time.perf_counter()
            result = rpc(i % self.nodes,
                         f'broadcast_tx_commit?tx="k{i}{os.urandom(4).hex()}=v"')
            millis.append(1e3 * (time.perf_counter() - start))
            if result["tx_result"]["code"] != 0:
                raise SystemExit(result)
        millis.sort()
        return millis[len(millis) // 2], millis[len(millis) * 99 // 100]

    def throughput(self, load, seconds):
        """Transactions of 250 bytes a second, by the headers of the blocks that hold many."""
        first = int(rpc(0, "status")["sync_info"]["latest_block_height"]) + 1
        endpoints = ",".join(f"ws://127.0.0.1:{26657 + 10 * i}/websocket"
                             for i in range(self.nodes))
        rate = offered_per_s(self.nodes) // self.nodes
        subprocess.run([load, "-c", "1", "-r", str(rate), "-s", "250", "-T", str(seconds),
                        "--broadcast-tx-method", "async", "--endpoints",
                        endpoints], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        time.sleep(2)
        last = int(rpc(0, "status")["sync_info"]["latest_block_height"])
        blocks = []
        for low in range(first, last + 1, 20):
            answer = rpc(0, f"blockchain?minHeight={low}&maxHeight={min(low + 19, last)}")
            blocks += [(parse_time(meta["header"]["time"]), int(meta["num_txs"]))
                       for meta in answer["block_metas"] if int(meta["num_txs"]) > 1]
        blocks.sort()
        return sum(count for _, count in blocks) / (blocks[-1][0] - blocks[0][0])

    def close(self):
        for process in reversed(self.processes):  # an engine before its application
            process.terminate()
            process.wait()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def parse_time(text):
    whole, fraction = re.fullmatch(r"(.*?)(?:\.(\d+))?Z", text).groups()
    return datetime.datetime.fromisoformat(whole).timestamp() + float("0." + (fraction or "0"))
