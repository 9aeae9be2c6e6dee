#!/usr/bin/python3 -B
"""Breaks consensus in known ways, one at a time, and shows that the simulator sees each: after how
many seeds, and by which check.

    tests/sim/mutants/run.py [name ...]

Each .patch here is applied to a copy of the sources, and the simulator that is built from it runs
the seeds from 1 on, none of them made for it, until one fails. Those of ../scenarios/mutants only
show in circumstances that are rare, so each has a scenario of its own among the scenarios' tests.
In the end the sources without a mutant have to pass all that was run. Exits with 1 when a mutant
lives. Takes some minutes.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BY_SEEDS = ROOT / "tests" / "sim" / "mutants"
BY_SCENARIOS = ROOT / "tests" / "sim" / "scenarios" / "mutants"
SIMULATOR = "tests/sim/simulate"
SCENARIOS = "tests/sim/scenarios/scenarios_test"
SEEDS = 2_000
TIMEOUT_SECONDS = 3_600
FAILED = re.compile(r'^FAILED seed (\d+): (?:check "([^"]*)" at \d+ us: )?(.*)$', re.MULTILINE)
FAILED_SCENARIO = re.compile(r"^\[  FAILED  \] (\S+)", re.MULTILINE)


class Sources:
    """A copy of the sources, and what is built from it."""

    def __init__(self, temporary):
        self.folder = Path(temporary) / "sources"
        self.base = Path(temporary) / "base"
        skip = shutil.ignore_patterns(".git", "bazel-*")
        shutil.copytree(ROOT, self.folder, symlinks=True, ignore=skip)

    def bazel(self, *arguments):
        return subprocess.run(["bazel", f"--output_base={self.base}", *arguments], check=True,
                              cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)

    def build(self, target):
        try:
            self.bazel("build", "//" + ":".join(target.rsplit("/", 1)))
        except subprocess.CalledProcessError as error:
            sys.exit(error.stderr)

    def patch(self, patch, *options):
        subprocess.run(["patch", "-p1", "--quiet", *options, "-i", str(patch)], cwd=self.folder,
                       check=True)

    def run(self, target, *arguments):
        return subprocess.run([str(self.folder / "bazel-bin" / target), *arguments],
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=TIMEOUT_SECONDS).stdout


def first_failure(sources, last=SEEDS):
    """The first seed that fails, its check, and what that says; None when all pass."""
    first, count = 1, 25
    while first <= last:
        end = min(first + count - 1, last)
        output = sources.run(SIMULATOR, f"--seeds={first}..{end}", f"--jobs={os.cpu_count()}",
                             "--zeros-allowed")
        failures = sorted(FAILED.findall(output), key=lambda failure: int(failure[0]))
        if failures:
            seed, check, what = failures[0]
            return int(seed), check or "CHECK", what
        first, count = end + 1, count * 2
    return None


def run_by_seeds(sources, patch):
    """True if it was caught; and how many seeds that took."""
    sources.build(SIMULATOR)
    failure = first_failure(sources)
    if failure is None:
        print(f"{patch.stem:<38} {'NOT SEEN':>9}", flush=True)
        return False, SEEDS
    seed, check, what = failure
    print(f"{patch.stem:<38} {seed:>9}  {check:<13} {what[:100]}", flush=True)
    return True, seed


def run_by_scenarios(sources, patch):
    sources.build(SCENARIOS)
    failures = sorted(set(FAILED_SCENARIO.findall(sources.run(SCENARIOS))))
    seen = ", ".join(failures) or "NOT SEEN"
    print(f"{patch.stem:<38} {'scenario':>9}  {seen}", flush=True)
    return bool(failures)


def check_unchanged(sources, seeds):
    sources.build(SIMULATOR)
    sources.build(SCENARIOS)
    failure = first_failure(sources, seeds)
    scenarios = FAILED_SCENARIO.findall(sources.run(SCENARIOS))
    if failure is None and not scenarios:
        print(f"{'without a mutant':<38} {seeds:>9}  all pass", flush=True)
        return True
    print(f"fails without a mutant: {failure or scenarios}")
    return False


def chosen(folder, names):
    return sorted(path for path in folder.glob("*.patch") if not names or path.stem in names)


def main(names):
    with tempfile.TemporaryDirectory() as temporary:
        sources = Sources(temporary)
        try:
            return run_all(sources, names)
        finally:
            sources.bazel("shutdown")


def run_all(sources, names):
    print(f"{'mutant':<38} {'seeds':>9}  {'caught by':<13} what it says", flush=True)
    alive, most_seeds = 0, 1
    for patch in chosen(BY_SEEDS, names):
        sources.patch(patch)
        caught, seeds = run_by_seeds(sources, patch)
        sources.patch(patch, "-R")
        alive += not caught
        most_seeds = max(most_seeds, seeds)
    for patch in chosen(BY_SCENARIOS, names):
        sources.patch(patch)
        alive += not run_by_scenarios(sources, patch)
        sources.patch(patch, "-R")
    return 0 if check_unchanged(sources, most_seeds) and alive == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
