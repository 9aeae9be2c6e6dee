#!/usr/bin/python3 -B
"""Plants what the lint must find."""

import unittest

import headers as lint


class HeadersTest(unittest.TestCase):

    def test_accepts_a_comment_and_a_guard(self):
        self.assertEqual(lint.check({"a.h": "// What it is for.\n#pragma once\n"}), [])

    def test_finds_a_header_without_a_comment(self):
        self.assertEqual(len(lint.check({"a.h": "#pragma once\n// Late.\n"})), 1)

    def test_finds_a_header_without_a_guard(self):
        self.assertEqual(len(lint.check({"a.h": "// What for.\n// #pragma once\n"})), 1)

    def test_finds_both(self):
        self.assertEqual([f.path for f in lint.check({"a.h": "int a;\n"})], ["a.h", "a.h"])


if __name__ == "__main__":
    unittest.main()
