#!/usr/bin/python3 -B
"""Plants what the lint must find."""

import unittest

import layering as lint


class LayeringTest(unittest.TestCase):

    def found(self, path, included):
        text = "// A comment.\n#include " + included + "\n"
        return [finding.line for finding in lint.check({path: text})]

    def accepts(self, path, included):
        self.assertEqual(self.found(path, included), [], f"{path} includes {included}")

    def finds(self, path, included):
        self.assertEqual(self.found(path, included), [2], f"{path} includes {included}")

    def test_accepts_the_arrows(self):
        for path, included in [
                ("common/a.cc", '"common/b.h"'), ("common/a.cc", "<vector>"),
                ("common/a.h", '"absl/status/status.h"'), ("matching/a.cc", '"common/b.h"'),
                ("ledger/a.cc", '"ledger/laws/b.h"'), ("ledger/store/a.cc", '"ledger/b.h"'),
                ("ledger/rocks_store.cc", "<rocksdb/db.h>"),
                ("node/exchange/a.cc", '"matching/b.h"'), ("node/api/a.h", '"node/mempool/b.h"'),
                ("node/api/a.h", '"bourse/v1/order.grpc.pb.h"'),
                ("node/api/a.h", "<grpcpp/grpcpp.h>"), ("node/runtime/a.cc", '"node/gate/b.h"'),
                ("node/main.cc", '"node/runtime/b.h"'), ("cli/a.cc", '"common/b.h"'),
                ("tests/e2e/a.cc", '"node/runtime/b.h"')]:
            self.accepts(path, included)

    def test_finds_the_three_pure_parts_including_each_other(self):
        parts = ["matching", "ledger", "node/consensus"]
        for one in parts:
            for other in parts:
                if one != other:
                    self.finds(f"{one}/a.cc", f'"{other}/b.h"')

    def test_finds_arrows_that_point_up(self):
        for path, included in [
                ("common/a.h", '"ledger/b.h"'), ("matching/a.h", '"node/exchange/b.h"'),
                ("node/exchange/a.h", '"node/api/b.h"'), ("node/api/a.h", '"node/runtime/b.h"'),
                ("node/runtime/a.h", '"node/main.h"'), ("cli/a.cc", '"matching/b.h"'),
                ("cli/a.cc", '"node/api/b.h"'), ("node/gate/a.cc", '"node/api/b.h"'),
                ("ledger/a.cc", '"ledger/rocks_store.h"'),
                ("node/exchange/a.cc", '"ledger/store/b.h"'),
                ("common/a.h", '"tests/b.h"')]:
            self.finds(path, included)

    def test_finds_libraries_of_the_outside_in_pure_parts(self):
        for folder in ["common", "matching", "ledger", "node/consensus", "node/exchange"]:
            for header in ["grpcpp/grpcpp.h", "rocksdb/db.h", "openssl/ssl.h", "asio.hpp",
                           "sys/socket.h"]:
                self.finds(f"{folder}/a.cc", f"<{header}>")
            self.finds(f"{folder}/a.cc", "<google/protobuf/message.h>")
            self.finds(f"{folder}/a.cc", '"bourse/v1/order.pb.h"')

    def test_finds_libraries_of_the_outside_in_quotes_too(self):
        self.finds("ledger/a.cc", '"rocksdb/db.h"')

    def test_finds_a_folder_without_a_rule(self):
        self.finds("elsewhere/a.cc", '"common/b.h"')


if __name__ == "__main__":
    unittest.main()
