#!/usr/bin/python3 -B
"""Plants what the lint must find."""

import pathlib
import shutil
import tempfile
import unittest

import format as lint
import source_tree


class FormatTest(unittest.TestCase):

    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            shutil.copy(source_tree.ROOT / ".clang-format", root)
            (root / "common").mkdir()
            (root / "common" / "a.h").write_text(text)
            return lint.check({"common/a.h": text}, root)

    def test_accepts_what_is_formatted(self):
        self.assertEqual(self.check("int F(int a) { return a; }\n"), [])

    def test_finds_the_line_that_is_not(self):
        found = self.check("int F(int a) { return a; }\nint   G( int a ){return a;}\n")
        self.assertEqual({(f.path, f.line) for f in found}, {("common/a.h", 2)})

    def test_finds_lines_over_100_columns(self):
        line = "int F() { return " + " + ".join(["1"] * 30) + "; }\n"
        self.assertTrue(self.check(line))
        self.assertEqual(self.check("int Name() { return 12345678 + 12345678 + 12345678; }\n"), [])


if __name__ == "__main__":
    unittest.main()
