#!/usr/bin/python3 -B
"""Breaks the matching engine in known ways, one at a time, and shows that the
property test sees each, and after how many operations.

    tests/mutants/matching.py [name ...]

Each .patch beside this file is applied to a copy of the sources. Exits with 1
when a mutant lives, or the engine without one fails.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCHES = ROOT / "tests" / "mutants" / "matching"
SOURCES = ["common/check.cc", "matching/book_side.cc", "matching/engine.cc",
           "matching/engine_property_test.cc", "matching/memory_region.cc",
           "matching/price_tree.cc", "matching/taker.cc", "matching/testing/twin.cc"]
COMPILER = [os.environ.get("CXX", "c++"), "-std=c++20", "-O1", "-I."]
TIMEOUT_SECONDS = 120
SEEN = re.compile(r"^shape '(.+)', operation \d+, (\d+) in all", re.MULTILINE)


def object_of(source):
    return source.replace("/", "_") + ".o"


def build(folder, sources):
    """Compiles `sources`, and links the property test of all."""
    for source in sources:
        subprocess.run(COMPILER + ["-c", source, "-o", object_of(source)], cwd=folder, check=True)
    subprocess.run(COMPILER[:1] + [object_of(s) for s in SOURCES]
                   + ["-lgtest_main", "-lgtest", "-lpthread", "-o", "test"], cwd=folder, check=True)


def run(folder):
    """What the test said when it failed; None when it passed."""
    try:
        result = subprocess.run(["./test"], cwd=folder, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return "it did not end"
    if result.returncode == 0:
        return None
    seen = SEEN.search(result.stdout)
    return f"after {int(seen[2]):>9,} operations ({seen[1]})" if seen else "before the first operation"


def main(names):
    patches = sorted(p for p in PATCHES.glob("*.patch") if not names or p.stem in names)
    with tempfile.TemporaryDirectory() as temporary:
        clean = Path(temporary) / "clean"
        for part in ("common", "matching"):
            shutil.copytree(ROOT / part, clean / part)
        build(clean, SOURCES)
        if run(clean) is not None:
            print("the engine fails without a mutant")
            return 1
        alive = 0
        for patch in patches:
            folder = Path(temporary) / patch.stem
            shutil.copytree(clean, folder)
            subprocess.run(["patch", "-p1", "--quiet", "-i", str(patch)], cwd=folder, check=True)
            changed = re.search(r"^\+\+\+ b/(\S+)", patch.read_text(), re.MULTILINE)[1]
            build(folder, [changed] if changed in SOURCES else SOURCES)
            seen = run(folder)
            alive += seen is None
            print(f"{patch.stem:<32} {seen or 'NOT SEEN'}", flush=True)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
