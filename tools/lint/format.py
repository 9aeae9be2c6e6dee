#!/usr/bin/python3 -B
"""Lint: C++ looks as clang-format 14 writes it, by .clang-format."""

import re
import shutil
import subprocess
from typing import Dict, List

import source_tree
from source_tree import Finding

_WARNING = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: (?:warning|error): ", re.MULTILINE)


def check(texts: Dict[str, str], root=source_tree.ROOT) -> List[Finding]:
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if program is None:
        return [Finding("tools/setup.sh", 1, "clang-format-14 is missing; ./dev setup installs it")]
    command = [program, "--dry-run", "--style=file", "--fallback-style=none"]
    shown = subprocess.run(command + sorted(texts), cwd=root, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    lines = {(match["path"], int(match["line"])) for match in _WARNING.finditer(shown.stdout)}
    findings = [Finding(path, line, "not formatted; ./dev fmt does it") for path, line in lines]
    if shown.returncode != 0 and not findings:
        findings.append(Finding(".clang-format", 1, f"clang-format failed: {shown.stdout.strip()}"))
    return findings


if __name__ == "__main__":
    source_tree.run(check, ".h", ".cc")
