#!/usr/bin/python3 -B
"""Plants what the lint must find."""

import unittest

import words as lint


class WordsTest(unittest.TestCase):

    def lines(self, text, path="common/a.cc"):
        return [finding.line for finding in lint.check({path: text})]

    def test_accepts_plain_text(self):
        self.assertEqual(self.lines("// What is done is done; a hacker's todo list.\n"), [])

    def test_finds_what_is_left_for_later(self):
        for word in ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "X" + "XX"]:
            self.assertEqual(self.lines(f"int a;\n// {word}(me): later\n"), [2], word)

    def test_finds_paths_of_a_machine(self):
        for path in ["/wo" + "rk/main", "/tmp/ba" + "sh_jobs.0", "/ho" + "me/ann", "/ro" + "ot/x"]:
            self.assertEqual(self.lines(f'\n\nopen("{path}");\n'), [3], path)

    def test_accepts_paths_below_a_variable_or_a_folder(self):
        self.assertEqual(self.lines("$HOME/wo" + "rk/ a/wo" + "rk/b ~/.bourse\n"), [])

    def test_finds_long_sources_but_not_long_documents(self):
        text = "\n" * (lint.MAX_LINES + 1)
        self.assertEqual(self.lines(text), [lint.MAX_LINES])
        self.assertEqual(self.lines(text, "README.md"), [])
        self.assertEqual(self.lines("\n" * lint.MAX_LINES), [])


if __name__ == "__main__":
    unittest.main()
