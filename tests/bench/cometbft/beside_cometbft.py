#!/usr/bin/python3 -B
"""Bourse beside CometBFT v0.38 with its kvstore, on this machine, one after the other. Called by
./dev bench cometbft.

    beside_cometbft.py NETWORK_BENCH FINALITY_BENCH [--smoke]

First four nodes each, the kvstore within CometBFT's process. Then one table, of one node and of
four: the kvstore over the socket, in a process of its own; our exchange on CometBFT; and on its own
engine. --smoke is short, to see that all of it runs: its figures mean nothing.

The kvstore's transactions are unsigned, and nothing is matched; ours are signed, matched and
settled, and every block is synced to disk. Needs `cometbft` (COMETBFT_BIN, or on PATH), its load
generator, and for the table its kvstore as a program:

    go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.17
    go install github.com/cometbft/cometbft/test/loadtime/cmd/load@v0.38.17
    go install github.com/cometbft/cometbft/abci/cmd/abci-cli@v0.38.17
"""

import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kvstore import GOSSIP_MS, KvstoreNetwork, find_program, offered_per_s

NODES = 4


class Sizes:
    """How much is measured."""

    def __init__(self, smoke):
        self.seconds = 3 if smoke else 15
        self.probes = 20 if smoke else 200
        # Transactions, by the orders in one.
        self.transactions = {1: 500, 50: 100} if smoke else {1: 20_000, 50: 10_000}


def run(program, *flags):
    done = subprocess.run([program, *flags], check=False, capture_output=True, text=True)
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        raise SystemExit(f"{program} {' '.join(flags)} failed:\n{done.stderr}")
    return done.stdout


def found(pattern, text):
    return tuple(map(float, re.search(pattern, text).groups()))


def compare_four(programs, sizes):
    """The two ratios: four nodes, each as fast as it gets."""
    with KvstoreNetwork(programs.cometbft, NODES) as network:
        comet_p50, comet_p99 = network.latency(sizes.probes)
        comet_rate = network.throughput(programs.load, sizes.seconds)
    print(f"CometBFT, kvstore, {NODES} nodes, gossip every {GOSSIP_MS} ms: submit to commit p50 "
          f"{comet_p50:.1f} ms, p99 {comet_p99:.1f} ms; {comet_rate:.0f} transactions/s", flush=True)
    finality = run(programs.finality_bench, "--nodes", str(NODES), "--probes", str(sizes.probes))
    p50, p99 = found(r"certified receipt\s+p50\s+([\d.]+) ms\s+p99\s+([\d.]+) ms",
                     finality[finality.index("\nidle:"):])
    rate = orders_per_second(programs, sizes, 50, "--nodes", str(NODES))
    print(f"Bourse beside it: submit to certified receipt p50 {p50:.1f} ms ({p50 / comet_p50:.2f} of "
          f"CometBFT's), p99 {p99:.1f} ms ({p99 / comet_p99:.2f}); {rate:.0f} orders/s "
          f"({rate / comet_rate:.1f} times its transactions)", flush=True)


def orders_per_second(programs, sizes, per_transaction, *flags):
    said = run(programs.network_bench, *flags, "--per-transaction", str(per_transaction),
               "--transactions", str(sizes.transactions[per_transaction]))
    return found(r"([\d.]+) orders/s", said)[0]


def kvstore_row(programs, sizes, nodes):
    with KvstoreNetwork(programs.cometbft, nodes, programs.abci_cli) as network:
        p50, _ = network.latency(sizes.probes)
        rate = network.throughput(programs.load, sizes.seconds)
    bound = " (all offered)" if rate > 0.95 * offered_per_s(nodes) else ""
    return f"{rate:.0f}{bound}", "1 only", p50


def bourse_row(programs, sizes, nodes, *engine):
    flags = ("--nodes", str(nodes), *engine)
    said = run(programs.network_bench, *flags, "--per-transaction", "1", "--transactions",
               str(sizes.transactions[1]), "--probes", str(sizes.probes))
    one = found(r"([\d.]+) orders/s", said)[0]
    p50 = found(r"submit to receipt.*p50 ([\d.]+) ms", said)[0]
    return f"{one:.0f}", f"{orders_per_second(programs, sizes, 50, *flags):.0f}", p50


def print_table(rows):
    form = "{:<8}{:<44}{:>22}{:>10}{:>10}"
    print("\nOrders a second by orders in a transaction, and p50 from submit to commit (ours: to the\n"
          "receipt) of single ones on an idle network, all from this run:")
    print(form.format("nodes", "", "1", "50", "p50"))
    for nodes, name, (one, fifty, p50) in rows:
        print(form.format(nodes, name, one, fifty, f"{p50:.1f} ms"))
    print("The kvstore knows no transaction of several orders, no signatures and no fees. CometBFT runs\n"
          f"it with gossip every {GOSSIP_MS} ms, no index and no recheck; ours as `boursed init` sets it:\n"
          "gossip every 10 ms, with both.")


def compare_all(programs, sizes):
    rows = []
    for nodes in (1, NODES):
        rows.append((nodes, "CometBFT's kvstore over the socket, unsigned",
                     kvstore_row(programs, sizes, nodes)))
        rows.append((nodes, "our exchange on CometBFT",
                     bourse_row(programs, sizes, nodes, "--cometbft", programs.cometbft)))
        rows.append((nodes, "our exchange on its own engine", bourse_row(programs, sizes, nodes)))
    print_table(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network_bench", type=os.path.abspath)
    parser.add_argument("finality_bench", type=os.path.abspath)
    parser.add_argument("--smoke", action="store_true")
    programs = parser.parse_args()
    programs.cometbft = os.environ.get("COMETBFT_BIN") or find_program("cometbft")
    programs.load, programs.abci_cli = find_program("load"), find_program("abci-cli")
    if None in (programs.cometbft, programs.load, programs.abci_cli):
        raise SystemExit(__doc__)
    sizes = Sizes(programs.smoke)
    compare_four(programs, sizes)
    compare_all(programs, sizes)


if __name__ == "__main__":
    main()
