#!/usr/bin/python3 -B
"""Lint: what every node must compute alike depends on the state and the block alone.

So in the folders below there is no floating point, no clock, no randomness, no thread, and
nothing that has an order of its own by chance: no loop over an unordered container, no pointer
as a key. Tests, benchmarks and what EXEMPT names are free to.

This is a search for words, not a proof: it finds what is written by mistake. A line that is
right all the same says so, on it or in the comment above it:

    // deterministic: the sum is the same in any order
    for (const auto& [id, amount] : balances_) sum += amount;
"""

import re
from typing import Dict, List

import source_tree
from source_tree import Finding, code_only, line_of

FOLDERS = ("common/", "matching/", "ledger/", "node/consensus/", "node/exchange/")

# Path prefix -> (rules that do not hold there, why).
EXEMPT = {
    "common/ed25519": ({"randomness"}, "makes keys"),
    "common/keyfile": ({"randomness"}, "makes salts and nonces of key files"),
    "common/key_file": ({"randomness"}, "makes salts and nonces of key files"),
    "ledger/memory_store": ({"thread"}, "a store, which may be read while it is written"),
    "ledger/rocks": ({"thread", "clock"}, "the store: beside the ledger, not part of it"),
    "ledger/store/": ({"thread", "clock"}, "the store: beside the ledger, not part of it"),
    "matching/memory_region": ({"pointer order"}, "aligns the memory that the pools live in"),
}

_NOT_DETERMINED = re.compile(r"/testing/|(_test|_bench|_benchmark|_testing|_test_util)\.(cc|h)$")

RULES = {
    "floating point": (
        re.compile(r"\b(?:float|double|long double|std::sto[fd]|strto[df]|atof)\b"
                   r"|(?<![\w.])\d[\d']*\.\d+"),
        "count in integers; see common/units.h and common/checked_math.h"),
    "clock": (
        re.compile(r"#include [<\"](?:chrono|ctime|time\.h|sys/time\.h|absl/time/[^>\"]*)[>\"]"
                   r"|\bstd::chrono\b|\babsl::(?:Now|GetCurrentTimeNanos)\b"
                   r"|\b(?:gettimeofday|clock_gettime|timespec_get|localtime(?:_r)?)\b"
                   r"|(?<![\w.>])(?:std::)?(?:time|clock)\s*\("),
        "take the block's time, or have the caller pass it"),
    "randomness": (
        re.compile(r"#include [<\"](?:random|absl/random/[^>\"]*)[>\"]"
                   r"|\b(?:random_device|mt19937(?:_64)?|default_random_engine|minstd_rand0?"
                   r"|BitGen|InsecureBitGen|randombytes\w*|getrandom|getentropy)\b"
                   r"|(?<![\w.>])(?:std::)?s?rand\s*\(|\bcrypto_\w+_keygen\b"
                   r"|\bcrypto_sign_keypair\b"),
        "draw it outside, or derive it from a hash of the block"),
    "thread": (
        re.compile(r"#include [<\"](?:thread|mutex|shared_mutex|condition_variable|future|barrier"
                   r"|latch|semaphore|stop_token|pthread\.h|absl/synchronization/[^>\"]*)[>\"]"
                   r"|\bstd::(?:thread|jthread|async|mutex|shared_mutex|recursive_mutex"
                   r"|condition_variable)\b|\babsl::(?:Mutex|Notification|CondVar)\b"
                   r"|\bthread_local\b|\bpthread_\w+"),
        "one thread owns the state; node/runtime has the others"),
    "pointer order": (
        re.compile(r"\bstd::(?:map|set|multimap|multiset|hash|less)<(?:const\s+)?[\w:]+\s*\*"
                   r"|\bu?intptr_t\b"),
        "addresses differ from node to node; use an id"),
}

_UNORDERED = r"(?:std::unordered_\w+|(?:absl::)?(?:flat|node)_hash_(?:map|set))"
_ALIAS = re.compile(r"\busing\s+(\w+)\s*=\s*" + _UNORDERED + r"\s*<")
_ITERATED = "it has another order on another node; use a sorted or indexed container, or say why " \
            "the order doesn't matter: '// deterministic: ...'"


def _balanced_end(code: str, start: int) -> int:
    """The offset behind the '>' that closes the '<' at start."""
    depth = 0
    for offset in range(start, len(code)):
        if code[offset] == "<":
            depth += 1
        elif code[offset] == ">":
            depth -= 1
            if depth == 0:
                return offset + 1
    return len(code)


def _unordered_names(code: str, aliases) -> set:
    """Names of variables, members and functions whose type is an unordered container."""
    names = set()
    kinds = _UNORDERED + "".join(r"|\b" + re.escape(alias) + r"\b" for alias in sorted(aliases))
    for match in re.finditer(kinds, code):
        end = match.end()
        opening = re.compile(r"\s*<").match(code, end)
        if opening:
            end = _balanced_end(code, opening.end() - 1)
        name = re.compile(r"(?:\s|&|\*|\bconst\b)*(\w+)").match(code, end)
        if name:
            names.add(name[1])
    return names


def _iterations(code: str, names):
    for match in re.finditer(r"\bfor\s*\(([^;{}]*?[^:]):(?!:)\s*([^;{}]*?)\)\s*(?:\{|\w|\n)", code):
        last = re.search(r"(\w+)(?:\(\))?\s*$", match[2])
        if (last and last[1] in names) or re.search(_UNORDERED, match[2]):
            yield match.start(), match[2].strip()
    for match in re.finditer(r"(\w+)(?:\(\))?\s*(?:\.|->)\s*c?begin\s*\(", code):
        if match[1] in names:
            yield match.start(), match[1]
    for match in re.finditer(r"\berase_if\s*\(\s*(?:[\w]+(?:\.|->))*(\w+)", code):
        if match[1] in names:
            yield match.start(), match[1]


def _said_so(lines: List[str], number: int) -> bool:
    """Whether line `number`, or the comment right above it, gives a reason."""
    reason = re.compile(r"//.*\bdeterministic: \S.{8,}")
    if reason.search(lines[number - 1]):
        return True
    above = number - 2
    while above >= 0 and lines[above].lstrip().startswith("//"):
        if reason.search(lines[above]):
            return True
        above -= 1
    return False


def _rules_for(path: str) -> set:
    lifted = set()
    for prefix, (rules, _) in EXEMPT.items():
        if path.startswith(prefix):
            lifted |= rules
    return set(RULES) - lifted


def check(texts: Dict[str, str]) -> List[Finding]:
    codes = {path: code_only(text) for path, text in texts.items()
             if path.startswith(FOLDERS) and not _NOT_DETERMINED.search(path)}
    aliases = {match[1] for code in codes.values() for match in _ALIAS.finditer(code)}
    findings = []
    for path, code in codes.items():
        lines = texts[path].splitlines()

        def add(offset, text):
            number = line_of(code, offset)
            if not _said_so(lines, number):
                findings.append(Finding(path, number, text))

        for rule in _rules_for(path):
            pattern, advice = RULES[rule]
            for match in pattern.finditer(code):
                add(match.start(), f"{rule}: '{match[0].strip()}': {advice}")
        # A member is declared in the header and iterated in the source beside it.
        header = codes.get(re.sub(r"\.cc$", ".h", path), "")
        names = _unordered_names(code, aliases) | _unordered_names(header, aliases)
        for offset, name in _iterations(code, names):
            add(offset, f"iterates the unordered '{name}': {_ITERATED}")
    return findings


if __name__ == "__main__":
    source_tree.run(check, ".h", ".cc")
