#!/usr/bin/python3 -B
"""Lint: a header says what it is for in its first line, and has #pragma once."""

import re
from typing import Dict, List

import source_tree
from source_tree import Finding

_PRAGMA = re.compile(r"^#pragma once$", re.MULTILINE)


def check(texts: Dict[str, str]) -> List[Finding]:
    findings = []
    for path, text in texts.items():
        if not text.startswith(("// ", "/*")):
            findings.append(Finding(path, 1, "begin with a comment: what is this header for?"))
        if not _PRAGMA.search(text):
            findings.append(Finding(path, 1, "add #pragma once, after the first comment"))
    return findings


if __name__ == "__main__":
    source_tree.run(check, ".h")
