"""What the lints share: which files there are, C++ without its comments, how findings are shown."""

import os
import pathlib
import re
import subprocess
import sys
from typing import Callable, Dict, List, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Finding(NamedTuple):
    path: str  # from the root of the tree
    line: int  # the first is 1
    text: str  # what is wrong, and what to do


def _tracked() -> List[str]:
    """All files but what .gitignore names; of a tree without git, all but hidden and built ones."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z",
               "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout.decode()
        return [path for path in listed.split("\0") if path]
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [name for name in folders if not name.startswith((".", "bazel-", "node_"))]
            found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files]
        return found


def read(*suffixes: str) -> Dict[str, str]:
    """Path -> text of the tree's files with one of the suffixes; of all text files with none."""
    texts = {}
    for path in sorted(set(_tracked())):
        if suffixes and not path.endswith(suffixes):
            continue
        try:
            texts[path] = (ROOT / path).read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
            pass  # deleted but not committed so; a submodule; not text
    return texts


_CODE = re.compile(
    r'^[ \t]*#[ \t]*include[ \t]*["<][^">\n]*[">]'  # stays as it is
    r'|R"(?P<raw>[^ ()\\\t\n]*)\(.*?\)(?P=raw)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'                      # string
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'"      # character, not a separator of digits
    r"|//[^\n]*|/\*.*?\*/",                      # comment
    re.DOTALL | re.MULTILINE)


def _blank(match):
    text = match.group(0)
    if text.lstrip().startswith("#"):
        return text
    kept = re.sub(r"[^\n]", " ", text)
    return text[0] + kept[1:-1] + text[-1] if text[0] in "\"'" else kept


def code_only(text: str) -> str:
    """C++ with comments and the insides of strings made blank; lines stay where they are."""
    return _CODE.sub(_blank, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def run(check: Callable[[Dict[str, str]], List[Finding]], *suffixes: str) -> None:
    """Checks the tree, prints file:line of what it finds, and ends the process."""
    texts = read(*suffixes)
    findings = check(texts)
    for finding in sorted(findings):
        print(f"{finding.path}:{finding.line}: {finding.text}")
    print(f"{len(texts)} files, {len(findings)} findings")
    if not texts:
        print("No file was found, so nothing was checked.")
    sys.exit(1 if findings or not texts else 0)
