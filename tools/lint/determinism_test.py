#!/usr/bin/python3 -B
"""Plants what the lint must find."""

import unittest

import determinism as lint


class DeterminismTest(unittest.TestCase):

    def lines(self, text, path="ledger/a.cc", **headers):
        """Lines found in `path`, beside headers of the ledger, each by its name."""
        texts = {path: text, **{f"ledger/{name}.h": header for name, header in headers.items()}}
        return [finding.line for finding in lint.check(texts) if finding.path == path]

    def test_accepts_integers_and_lookups(self):
        self.assertEqual(self.lines(
            '#include "common/units.h"\n'
            "absl::flat_hash_map<int, int> orders_;\n"
            "std::map<int, int> levels_;\n"
            "int Get(int id) { return orders_.at(id); }\n"
            "auto it = orders_.find(id); if (it == orders_.end()) return;\n"
            "for (const auto& level : levels_) {}\n"
            "for (std::size_t i = 0; i < 7; ++i) {}\n"
            "const auto runtime = block.time(); // double the time()\n"
            'Log("float rand()");\n'
            "x.rand(); const int n = 1'000'000;\n"), [])

    def test_finds_each_kind_of_word(self):
        for planted in [
                "double x;", "float x;", "auto x = 0.5;",
                "#include <chrono>", '#include "absl/time/clock.h"', "std::chrono::seconds(1);",
                "absl::Now();", "time(nullptr);", "std::time (0);", "gettimeofday(&tv, 0);",
                "clock();",
                "#include <random>", "rand();", "std::rand();", "std::random_device d;",
                "std::mt19937_64 r;", "randombytes_buf(b, 32);", "absl::BitGen g;",
                "crypto_sign_keypair(a, b);",
                "#include <mutex>", '#include "absl/synchronization/mutex.h"', "std::thread t;",
                "absl::Mutex m;", "thread_local int i;",
                "std::map<Order*, int> m;", "std::set<const Order*> m;",
                "auto x = reinterpret_cast<std::uintptr_t>(p);"]:
            self.assertEqual(self.lines("\n" + planted + "\n"), [2], planted)

    def test_finds_loops_over_unordered_containers(self):
        declared = "absl::flat_hash_map<Id, std::vector<int>> orders_;\n"
        for planted in [
                "for (const auto& [id, order] : orders_) {}", "for (auto& o : book.orders_) f(o);",
                "auto it = orders_.begin();", "std::sort(this->orders_.cbegin(), e);",
                "absl::erase_if(orders_, f);"]:
            self.assertEqual(self.lines(declared + planted + "\n"), [2], planted)

    def test_finds_loops_over_members_of_the_header(self):
        found = self.lines("for (auto& x : seen_) {}\n", a="std::unordered_set<int> seen_;\n")
        self.assertEqual(found, [1])

    def test_finds_loops_over_aliases_and_accessors(self):
        self.assertEqual(self.lines("for (auto& x : all()) {}\nfor (auto& x : many_) {}\n",
                                    a="const Orders& all() const;\nOrders many_;\n",
                                    b="using Orders = absl::flat_hash_map<int, int>;\n"), [1, 2])

    def test_accepts_what_gives_a_reason(self):
        self.assertEqual(self.lines(
            "std::unordered_map<int, int> m;\n"
            "// deterministic: the sum is the same in any order\n"
            "for (auto& x : m) sum += x;\n"
            "for (auto& x : m) sum += x;  // deterministic: a sum has no order\n"), [])

    def test_accepts_no_empty_reason(self):
        self.assertEqual(self.lines("std::rand();  // deterministic:\n"), [1])

    def test_leaves_other_folders_and_tests_alone(self):
        for path in ["node/api/a.cc", "cli/a.cc", "matching/testing/a.h", "ledger/a_test.cc",
                     "tests/bench/a.cc"]:
            self.assertEqual(self.lines("double x = rand();\n", path), [], path)

    def test_lifts_only_what_an_exemption_names(self):
        self.assertEqual(self.lines("randombytes_buf(b, 32);\n", "common/ed25519.cc"), [])
        self.assertEqual(self.lines("double x;\n", "common/ed25519.cc"), [1])

    def test_covers_every_pure_folder(self):
        for folder in ["common", "matching", "ledger", "node/consensus", "node/exchange"]:
            self.assertEqual(self.lines("double x;\n", folder + "/deep/a.h"), [1], folder)


if __name__ == "__main__":
    unittest.main()
