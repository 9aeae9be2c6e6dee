#!/usr/bin/python3 -B
"""Lint: nothing is left for later, no path of one machine is in the tree, files stay small."""

import re
from typing import Dict, List

import source_tree
from source_tree import Finding, line_of

# Written in pieces, so that this file doesn't find itself.
_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|HA" + r"CK|X" + r"XX)\b")
_MACHINE = re.compile(r"(?<![\w.$}])"
                      r"(?:/wo" + r"rk/|/tmp/ba" + r"sh_jobs|/ho" + r"me/\w|/ro" + r"ot/\w)")

MAX_LINES = 450
_SOURCES = (".h", ".cc", ".py", ".sh", ".bzl")


def check(texts: Dict[str, str]) -> List[Finding]:
    findings = []
    for path, text in texts.items():
        for match in _FOR_LATER.finditer(text):
            findings.append(Finding(path, line_of(text, match.start()),
                                    f"'{match[0]}': do it now, or leave it out"))
        for match in _MACHINE.finditer(text):
            findings.append(Finding(path, line_of(text, match.start()),
                                    f"'{match[0]}': a path of one machine; find it at run time"))
        lines = text.count("\n")
        if lines > MAX_LINES and path.endswith(_SOURCES):
            findings.append(Finding(path, MAX_LINES, f"{lines} lines, at most {MAX_LINES} are "
                                    "allowed: look for the part that wants a file of its own"))
    return findings


if __name__ == "__main__":
    source_tree.run(check)
