#!/usr/bin/python3 -B
"""Stacks are folded as perf prints them, and boxes are as wide as their share."""

import os
import sys
import unittest
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import flame_graph

# Three samples: two in Match, called by Run, one in the kernel's read.
SCRIPT = """\
bench
\t    55d0 bourse::(anonymous namespace)::Match(std::vector<int, std::allocator<int> >&) const
\t    55e0 bourse::Run<(bourse::Side)1>(int)
\t    55f0 main

bench
\t    55d4 bourse::(anonymous namespace)::Match(std::vector<int, std::allocator<int> >&) const
\t    55e0 bourse::Run<(bourse::Side)1>(int)
\t    55f0 main

bench
\tffff8000 read
\t    55f0 main
"""
SVG = "{http://www.w3.org/2000/svg}"


class FlameGraphTest(unittest.TestCase):
    def test_folds_equal_stacks_from_the_bottom_up(self):
        self.assertEqual(flame_graph.fold(SCRIPT.splitlines(True)), {
            ("bench", "main", "bourse::Run", "bourse::Match"): 2,
            ("bench", "main", "read"): 1,
        })

    def test_a_box_is_as_wide_as_its_samples(self):
        boxes = flame_graph.boxes({("p", "a", "b"): 2, ("p", "a", "c"): 1, ("p", "d"): 1})
        self.assertEqual(sorted(boxes), [
            (0, 0, 4, "p"), (1, 0, 3, "a"), (1, 3, 1, "d"), (2, 0, 2, "b"), (2, 2, 1, "c")])

    def test_a_function_that_calls_itself_is_two_boxes(self):
        self.assertEqual(flame_graph.boxes({("f", "f"): 1}), [(1, 0, 1, "f"), (0, 0, 1, "f")])

    def test_names_lose_arguments_only(self):
        for symbol, name in {
                "_start": "_start",
                "[unknown]": "[unknown]",
                "void bourse::Put<int>(int)": "bourse::Put",
                "bourse::Less::operator()(int, int) const": "bourse::Less::operator_call",
                "bool std::operator< <char>(std::string const&)": "std::operator_",
                "f(int)::{lambda(int)#1}::operator()(int) const": "f::{lambda#1}::operator_call",
                "bourse::Take(int) [clone .cold]": "bourse::Take",
        }.items():
            self.assertEqual(flame_graph.short(symbol), name)

    def test_draws_what_a_browser_reads(self):
        root = ET.fromstring(flame_graph.draw(flame_graph.fold(SCRIPT.splitlines(True)), "a <title>"))
        groups = {group.get("data-name"): group for group in root.iter(SVG + "g")}
        self.assertEqual(set(groups), {"bench", "main", "bourse::Run", "bourse::Match", "read"})
        widths = {name: float(group.find(SVG + "rect").get("width")) for name, group in groups.items()}
        self.assertEqual(widths["main"], flame_graph.WIDTH)
        self.assertAlmostEqual(widths["bourse::Match"], flame_graph.WIDTH * 2 / 3, delta=0.01)


if __name__ == "__main__":
    unittest.main()
