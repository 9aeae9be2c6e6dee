#!/usr/bin/python3 -B
"""Lint: an #include follows the arrows of the layout (ARCHITECTURE.md), which point one way.

Bazel's visibility keeps targets apart; this says the rule in one place, and sees system headers
too: the pure parts know neither protobuf nor gRPC, RocksDB, TLS or sockets.
"""

import re
from typing import Dict, List

import source_tree
from source_tree import Finding, line_of

_PURE = ("common/",)
_EXCHANGE = ("common/", "matching/", "ledger/", "node/consensus/", "node/exchange/")
_ADAPTERS = ("node/config/", "node/mempool/", "node/replica/", "node/peer/", "node/storage/", "node/api/",
             "node/cometbft/", "node/web/", "node/gate/", "ledger/rocks", "ledger/store/")
_PROTO = ("bourse/", "proto/")

# Folder -> what its files may include. The longest that fits a path is the one that holds.
ALLOWED = {
    "common/": _PURE,
    "matching/": _PURE + ("matching/",),
    "ledger/": _PURE + ("ledger/",),
    "ledger/rocks": _EXCHANGE + ("ledger/rocks",),
    "ledger/store/": _EXCHANGE,
    "node/consensus/": _PURE + ("node/consensus/",),
    "node/exchange/": _EXCHANGE,
    "node/mempool/": _PURE + ("node/mempool/",),
    "node/replica/": _PURE + ("ledger/merkle", "node/consensus/", "node/mempool/",
                              "node/replica/"),
    # The gate carries bytes of connections and knows nothing of what is in them.
    "node/gate/": _PURE + ("node/gate/",),
    "node/": _EXCHANGE + _ADAPTERS + _PROTO,
    "node/runtime/": _EXCHANGE + _ADAPTERS + _PROTO + ("node/runtime/",),
    "node/main": ("",),
    "cli/": _PURE + ("cli/",) + _PROTO,
    "tests/": ("",),
    "tools/": ("tools/",),
}

# The store is beside the ledger: the ledger never includes it.
FORBIDDEN = {
    "ledger/": ("ledger/rocks", "ledger/store/"),
    "node/exchange/": ("ledger/rocks", "ledger/store/"),
}

_OUTSIDE = re.compile(r"^(?:grpc|google/protobuf|rocksdb|openssl|asio|spdlog|prometheus|CLI|toml"
                      r"|nlohmann|sys/socket|netinet|arpa|unistd|fcntl|sys/)")
# Folder -> the libraries of the outside that it may know (prefixes of headers).
LIBRARIES = {
    "common/": ("sys/stat", "fcntl", "unistd"),  # key files: their mode is part of the format
    "matching/": (),
    "matching/memory_region": ("sys/mman",),  # huge pages for the pools
    "ledger/": (),
    "ledger/rocks": ("rocksdb", "sys/", "unistd", "fcntl"),
    "ledger/store/": ("rocksdb", "sys/", "unistd", "fcntl"),
    "node/consensus/": (),
    "node/exchange/": (),
    "node/mempool/": (),
    "node/replica/": (),
}

# An include that starts otherwise is a library's, in quotes or not.
_TREE = re.compile(r"^(?:bourse|cli|common|ledger|matching|node|proto|tests|third_party|tools)/")
_INCLUDE = re.compile(r'^\s*#\s*include\s*["<](?P<included>[^">]+)[">]', re.MULTILINE)
_TEST = re.compile(r"/testing/|(_test|_bench|_testing|_test_util)\.(cc|h)$")


def _rule(table, path):
    fitting = [prefix for prefix in table if path.startswith(prefix)]
    return max(fitting, key=len) if fitting else None


def _own(path: str, included: str):
    """What is wrong with including a file of the tree, or None."""
    folder = _rule(ALLOWED, path)
    if folder is None:
        return "a folder without a rule; give it one in tools/lint/layering.py"
    if included.startswith("tools/build/"):
        return None
    if not included.startswith(ALLOWED[folder]):
        shown = ", ".join(sorted(ALLOWED[folder]))
        return f"{folder} does not include '{included}'; only {shown}. Turn the arrow around: " \
               "declare an interface on this side, or move what both need down"
    if included.startswith(FORBIDDEN.get(folder, "\0")):
        return f"'{included}' is beside {folder}, not part of it; take it through an interface"
    return None


def _system(path: str, included: str):
    folder = _rule(LIBRARIES, path)
    if folder is None or not _OUTSIDE.match(included):
        return None
    if included.startswith(LIBRARIES[folder]):
        return None
    return f"{folder} is pure and does not include <{included}>; an adapter in node/ does"


def check(texts: Dict[str, str]) -> List[Finding]:
    findings = []
    for path, text in texts.items():
        if _TEST.search(path) and not path.startswith("tests/"):
            continue  # may look at its subject from anywhere
        for match in _INCLUDE.finditer(text):
            included = match["included"]
            wrong = (_own if _TREE.match(included) else _system)(path, included)
            if wrong:
                findings.append(Finding(path, line_of(text, match.start("included")), wrong))
    return findings


if __name__ == "__main__":
    source_tree.run(check, ".h", ".cc")
