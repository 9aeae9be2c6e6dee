#!/usr/bin/python3 -B
"""Breaks the exchange and its settlement in known ways, one at a time, and shows that the
property test against the model sees each, and after how many operations.

    tests/mutants/exchange.py [name ...]

Each .patch in exchange/ is applied to a copy of the sources. Exits with 1 when a mutant lives, or
the exchange without one fails. Takes a few minutes, most of it to compile.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCHES = ROOT / "tests" / "mutants" / "exchange"
FOLDERS = ("common", "matching", "ledger", "ledger/laws", "node/exchange", "tests/model")
# Not part of the exchange: the store on disk, key files.
OUTSIDE = re.compile(r"^(ledger/rocks|common/key_file)|_(test|fuzz|bench|benchmark)\.cc$")
TEST = "tests/model/exchange_property_test.cc"
COMPILER = [os.environ.get("CXX", "c++"), "-std=c++20", "-O1", "-I.", "-MMD"]
TIMEOUT_SECONDS = 600
SEEN = re.compile(r"^seed (\d+), block (\d+), after (\d+) operations: (.*)$", re.MULTILINE)
STOPPED = re.compile(r"CHECK failed: .*$", re.MULTILINE)


def sources(folder):
    found = [f"{part}/{path.name}" for part in FOLDERS for path in (folder / part).glob("*.cc")]
    return sorted(path for path in found if path == TEST or not OUTSIDE.search(path))


def libraries():
    packages = ["absl_status", "absl_statusor", "absl_strings", "absl_hash", "absl_raw_hash_set",
                "absl_synchronization"]
    flags = subprocess.run(["pkg-config", "--libs", *packages], check=True, text=True,
                           stdout=subprocess.PIPE)
    return ["-lgtest_main", "-lgtest", "-lsodium", *flags.stdout.split(), "-lpthread"]


def compile_one(folder, source):
    subprocess.run(COMPILER + ["-c", source, "-o", source + ".o"], cwd=folder, check=True)


def build(folder, changed=None):
    """Compiles all sources, or those that read the file `changed`, and links the test."""
    every = sources(folder)
    stale = [source for source in every if changed is None or changed in
             (folder / (source + ".d")).read_text().split()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda source: compile_one(folder, source), stale))
    subprocess.run(COMPILER[:1] + [source + ".o" for source in every] + libraries() +
                   ["-o", "test"], cwd=folder, check=True)


def run(folder):
    """What the test said when it failed; None when it passed."""
    try:
        result = subprocess.run(["./test"], cwd=folder, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return "it did not end"
    if result.returncode == 0:
        return None
    seen, stopped = SEEN.search(result.stdout), STOPPED.search(result.stdout)
    if seen is None:
        return stopped[0] if stopped else "failed"
    what = stopped[0] if stopped else seen[4]
    return f"after {int(seen[3]):>7,} operations (seed {seen[1]}, block {seen[2]}): {what}"


def main(names):
    patches = sorted(p for p in PATCHES.glob("*.patch") if not names or p.stem in names)
    with tempfile.TemporaryDirectory() as temporary:
        clean = Path(temporary) / "clean"
        for part in ("common", "matching", "ledger", "node/exchange", "tests/model"):
            shutil.copytree(ROOT / part, clean / part)
        build(clean)
        if (failure := run(clean)) is not None:
            print(f"the exchange fails without a mutant: {failure}")
            return 1
        alive = 0
        for patch in patches:
            folder = Path(temporary) / patch.stem
            shutil.copytree(clean, folder)
            subprocess.run(["patch", "-p1", "--quiet", "-i", str(patch)], cwd=folder, check=True)
            build(folder, re.search(r"^\+\+\+ b/(\S+)", patch.read_text(), re.MULTILINE)[1])
            seen = run(folder)
            alive += seen is None
            print(f"{patch.stem:<36} {seen or 'NOT SEEN'}", flush=True)
            shutil.rmtree(folder)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
