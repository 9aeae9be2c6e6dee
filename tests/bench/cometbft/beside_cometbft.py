#!/usr/bin/python3 -B
"""Bourse beside CometBFT v0.38 with its built-in kvstore: four nodes each, on this machine, one after
the other. Called by ./dev bench cometbft.

    beside_cometbft.py NETWORK_BENCH FINALITY_BENCH

CometBFT is tuned for speed: gossip every 5 ms, no pause after a commit, no indexing, no rechecking.
Its transactions are unsigned, and nothing is matched; ours are signed, matched and settled, and every
block is synced to disk. Needs `cometbft` and its load generator:

    go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.17
    go install github.com/cometbft/cometbft/test/loadtime/cmd/load@v0.38.17
"""

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

NODES = 4
GOSSIP_MS = 5
LATENCY_COUNT = 200
LOAD_SECONDS = 15


def find_program(name):
    go_path = subprocess.run(["go", "env", "GOPATH"], capture_output=True, text=True, check=False)
    return shutil.which(name) or shutil.which(name, path=go_path.stdout.strip() + "/bin")


def rpc(node, method):
    url = f"http://127.0.0.1:{26657 + 10 * node}/{method}"
    return json.load(urllib.request.urlopen(url, timeout=30))["result"]


class CometNetwork:
    """Four nodes with the kvstore, in a folder of their own."""

    def __init__(self, cometbft):
        self.cometbft, self.processes = cometbft, []
        self.folder = tempfile.TemporaryDirectory(prefix="cometbft-")
        subprocess.run([cometbft, "testnet", "--v", str(NODES), "--o", self.folder.name,
                        "--populate-persistent-peers=false"], check=True,
                       stdout=subprocess.DEVNULL)
        ids = [subprocess.run([cometbft, "show-node-id", "--home", self.home(i)], check=True,
                              capture_output=True, text=True).stdout.strip() for i in range(NODES)]
        for i in range(NODES):
            self.configure(i, ids)
        for i in range(NODES):
            with open(os.path.join(self.folder.name, f"log{i}"), "wb") as log:
                self.processes.append(subprocess.Popen(
                    [cometbft, "start", "--home", self.home(i), "--proxy_app=kvstore"],
                    stdout=log, stderr=log))
        self.wait_for_blocks()

    def home(self, i):
        return os.path.join(self.folder.name, f"node{i}")

    def configure(self, i, ids):
        path = os.path.join(self.home(i), "config", "config.toml")
        with open(path) as file:
            text = file.read()
        peers = ",".join(f"{ids[j]}@127.0.0.1:{26656 + 10 * j}" for j in range(NODES) if j != i)
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
                       for i in range(NODES)):
                    return
            except OSError:
                pass
            time.sleep(0.5)
        raise SystemExit("CometBFT does not start: see its logs in " + self.folder.name)

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self.folder.cleanup()


def comet_latency():
    """Milliseconds from submit to commit: p50 and p99."""
    millis = []
    for i in range(LATENCY_COUNT):
        start = time.perf_counter()
        result = rpc(i % NODES, f'broadcast_tx_commit?tx="k{i}{os.urandom(4).hex()}=v"')
        millis.append(1e3 * (time.perf_counter() - start))
        if result["tx_result"]["code"] != 0:
            raise SystemExit(result)
    millis.sort()
    return millis[len(millis) // 2], millis[len(millis) * 99 // 100]


def parse_time(text):
    whole, fraction = re.fullmatch(r"(.*?)(?:\.(\d+))?Z", text).groups()
    return datetime.datetime.fromisoformat(whole).timestamp() + float("0." + (fraction or "0"))


def comet_throughput(load):
    """Transactions of 250 bytes a second, by the headers of the blocks that hold many."""
    first = int(rpc(0, "status")["sync_info"]["latest_block_height"]) + 1
    endpoints = ",".join(f"ws://127.0.0.1:{26657 + 10 * i}/websocket" for i in range(NODES))
    subprocess.run([load, "-c", "1", "-r", "2500", "-s", "250", "-T", str(LOAD_SECONDS),
                    "--broadcast-tx-method", "async", "--endpoints", endpoints], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    last = int(rpc(0, "status")["sync_info"]["latest_block_height"])
    blocks = []
    for low in range(first, last + 1, 20):
        answer = rpc(0, f"blockchain?minHeight={low}&maxHeight={min(low + 19, last)}")
        blocks += [(parse_time(meta["header"]["time"]), int(meta["num_txs"]))
                   for meta in answer["block_metas"] if int(meta["num_txs"]) > 1]
    blocks.sort()
    return sum(count for _, count in blocks) / (blocks[-1][0] - blocks[0][0])


def run(program, *flags):
    done = subprocess.run([program, *flags], check=True, capture_output=True, text=True)
    print(done.stdout, end="", flush=True)
    return done.stdout


def main():
    network_bench, finality_bench = map(os.path.abspath, sys.argv[1:3])
    cometbft, load = find_program("cometbft"), find_program("load")
    if cometbft is None or load is None:
        raise SystemExit(__doc__)

    network = CometNetwork(cometbft)
    try:
        comet_p50, comet_p99 = comet_latency()
        comet_rate = comet_throughput(load)
    finally:
        network.close()
    print(f"CometBFT, kvstore, {NODES} nodes, gossip every {GOSSIP_MS} ms: submit to commit p50 "
          f"{comet_p50:.1f} ms, p99 {comet_p99:.1f} ms; {comet_rate:.0f} transactions/s", flush=True)

    finality = run(finality_bench, "--nodes", str(NODES))
    idle = finality[finality.index("\nidle:"):]
    p50, p99 = map(float, re.search(
        r"certified receipt\s+p50\s+([\d.]+) ms\s+p99\s+([\d.]+) ms", idle).groups())
    orders = run(network_bench, "--nodes", str(NODES), "--per-transaction", "50",
                 "--transactions", "10000")
    rate = float(re.search(r"([\d.]+) orders/s", orders).group(1))
    print(f"Bourse beside it: submit to certified receipt p50 {p50:.1f} ms ({p50 / comet_p50:.2f} of "
          f"CometBFT's), p99 {p99:.1f} ms ({p99 / comet_p99:.2f}); {rate:.0f} orders/s "
          f"({rate / comet_rate:.1f} times its transactions)")


if __name__ == "__main__":
    main()
