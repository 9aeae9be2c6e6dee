#!/usr/bin/python3 -B
"""Instructions that an operation takes in the engine, counted by callgrind: unlike times they repeat
exactly, so that a change which makes matching 5% dearer fails here.

    matching_count_test.py MATCHING_COUNT

When a change makes it cheaper, or is worth what it costs, write the new count into RECORDED.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import xml_runner

PROGRAM = sys.argv.pop(1)
OPERATIONS = 200_000

# By stream (order_stream.h), of GCC 12 on x86-64.
RECORDED = {"A": 191.8, "C": 171.7, "D": 1039.3}
ALLOWED = 1.05

# The C library copies memory by what the processor has; here as all do.
PLAIN_COPIES = "glibc.cpu.hwcaps=-AVX_Fast_Unaligned_Load,-SSSE3,-ERMS,-FSRM"

# Of programs that a sanitizer or a coverage run has put calls into.
INSTRUMENTED = (b"__asan_init", b"__tsan_init", b"__ubsan_handle", b"__gcov_")


def why_not():
    """Why counts say nothing here, or None."""
    if platform.machine() != "x86_64":
        return "the counts are of x86-64"
    if not shutil.which("valgrind"):
        return "there is no valgrind: ./dev setup installs it"
    with open(PROGRAM, "rb") as file:
        program = file.read()
    if any(mark in program for mark in INSTRUMENTED):
        return "this build is instrumented"
    compiler = subprocess.run([PROGRAM, "C", "1"], stdout=subprocess.PIPE, text=True, check=True)
    if not compiler.stdout.startswith("GCC 12,"):
        return "the counts are of GCC 12, not of " + compiler.stdout.split(",")[0]
    return None


def count(stream, scratch):
    """Instructions an operation."""
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--collect-atstart=no",
         "--toggle-collect=bourse_counted_operations",
         "--callgrind-out-file=" + os.path.join(scratch, "out"), PROGRAM, stream, str(OPERATIONS)],
        env={**os.environ, "GLIBC_TUNABLES": PLAIN_COPIES},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected:
        raise AssertionError(f"stream {stream}: exit {run.returncode}\n{run.stdout}{run.stderr}")
    return int(collected[1]) / OPERATIONS


WHY_NOT = why_not()


class MatchingCountTest(unittest.TestCase):
    @unittest.skipIf(WHY_NOT, WHY_NOT)
    def test_an_operation_takes_no_more_instructions_than_recorded(self):
        with tempfile.TemporaryDirectory() as scratch:
            for stream, recorded in RECORDED.items():
                with self.subTest(stream=stream):
                    found = count(stream, scratch)
                    print(f"{stream}: {found:.1f} instructions an operation, {recorded:.1f} recorded",
                          file=sys.stderr)
                    self.assertGreater(found, 0)
                    self.assertLessEqual(found, recorded * ALLOWED, f"stream {stream}")


if __name__ == "__main__":
    xml_runner.main()
