#!/usr/bin/python3 -B
"""The real `bourse` against the real `boursed`, as a trader and as a program use them."""

import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import xml_runner
from harness import BOURSED, DONE, NOBODY, REJECTED, UNREACHABLE, USAGE, Home, HomeCase


class WithoutNode(HomeCase):
    def test_alone_it_gives_an_overview(self):
        self.expect(self.home.run(), DONE, "bourse devnet up", "order", "account")

    def test_each_command_has_help_with_examples(self):
        commands = [line.split()[0] for line in self.home.run().out.split("Commands:\n")[1].splitlines()
                    if line.startswith("  ")]
        self.assertGreaterEqual(len(commands), 12)
        for command in commands:
            self.expect(self.home.run(command, "--help"), DONE, "Examples:", "bourse " + command)

    def test_an_unknown_command_names_the_nearest(self):
        self.expect(self.home.run("ordr"), USAGE, "there is no command 'bourse ordr'", "'bourse order'?")
        self.expect(self.home.run("order", "bye"), USAGE, "'bourse order buy'?")

    def test_an_unknown_option_names_the_nearest(self):
        self.expect(self.home.run("order", "buy", "BTC/USD", "1", "--slipage", "1%"), USAGE, "'--slippage'?")

    def test_a_missing_price_is_explained_before_anything_is_asked(self):
        answer = self.home.run("order", "buy", "BTC/USD", "0.5", "--node", NOBODY)
        self.expect(answer, USAGE, "needs a price", "--market --slippage 0.5%")

    def test_an_option_without_its_value_is_told_in_words(self):
        self.expect(self.home.run("order", "buy", "BTC/USD", "1", "--price"), USAGE, "--price needs a value")

    def test_market_needs_a_slippage_and_no_price(self):
        order = ("order", "buy", "BTC/USD", "0.5", "--market", "--node", NOBODY)
        self.expect(self.home.run(*order), USAGE, "--slippage")
        self.expect(self.home.run(*order, "--slippage", "1%", "--price", "5"), USAGE, "contradict")

    def test_an_unreachable_node_is_said_so_with_what_to_do(self):
        self.expect(self.home.run("book", "BTC/USD", "--node", NOBODY), UNREACHABLE,
                    "no node answers at " + NOBODY, "bourse devnet up")

    def test_errors_are_one_json_document_for_programs(self):
        for words, code, name in ((("book", "X/Y", "--node", NOBODY), UNREACHABLE, "UNREACHABLE"),
                                  (("order", "buy"), USAGE, "USAGE"),
                                  (("tx", "12", "--node", NOBODY), USAGE, "USAGE")):
            error = self.expect(self.home.json(*words), code).json["error"]
            self.assertEqual((error["code"], error["exit_code"]), (name, code))
            self.assertTrue(error["message"])

    def test_proxies_of_the_environment_are_not_used(self):
        answer = self.home.run("node", "status", "--node", NOBODY,
                               env={"http_proxy": "http://127.0.0.1:2", "grpc_proxy": "http://127.0.0.1:2"})
        self.expect(answer, UNREACHABLE)

    def test_the_config_file_names_node_and_key_and_says_where_it_is_wrong(self):
        config = self.home.folder / "home" / "config.toml"
        config.parent.mkdir()
        config.write_text('node = "127.0.0.1:1"\n')
        self.expect(self.home.run("node", "status"), UNREACHABLE, "127.0.0.1:1 ")
        config.write_text('nodes = "127.0.0.1:1"\n')
        self.expect(self.home.run("node", "status"), USAGE, "config.toml", "'node'?")
        config.write_text('node = \n')
        self.expect(self.home.run("node", "status"), USAGE, "config.toml, line 1")


class Keys(HomeCase):
    SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"  # RFC 8032, test 1
    PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

    def test_a_key_without_passphrase_is_made_listed_and_private(self):
        made = self.expect(self.home.json("keys", "new", "bot", "--no-passphrase"), DONE).json
        self.assertEqual(os.stat(made["file"]).st_mode & 0o777, 0o600)
        listed = self.home.json("keys", "list").json["keys"]
        self.assertEqual([(key["name"], key["account"], key["default"]) for key in listed],
                         [("bot", made["account"], True)])

    def test_an_encrypted_key_opens_with_its_passphrase_only(self):
        self.expect(self.home.run("keys", "import", "me", stdin=self.SEED,
                                  env={"BOURSE_PASSPHRASE": "right"}), DONE)
        show = ("keys", "export", "me", "--show-secret")
        self.expect(self.home.run(*show, env={"BOURSE_PASSPHRASE": "wrong"}), USAGE, "passphrase")
        right = self.home.json(*show, env={"BOURSE_PASSPHRASE": "right"})
        self.assertEqual(self.expect(right, DONE).json["secret_key"], self.SEED)
        self.assertNotIn(self.SEED, pathlib.Path(self.home.json("keys", "show", "me").json["file"]).read_text())

    def test_a_passphrase_is_changed_with_files_alone(self):
        old, new = self.home.folder / "old", self.home.folder / "new"
        old.write_text("first\n")
        new.write_text("second\n")
        self.expect(self.home.run("keys", "import", "me", stdin=self.SEED, env={"BOURSE_PASSPHRASE": "first"}), DONE)
        self.expect(self.home.run("keys", "passwd", "me", "--passphrase-file", str(old),
                                  "--new-passphrase-file", str(new)), DONE)
        show = ("keys", "export", "me", "--show-secret", "--passphrase-file")
        self.expect(self.home.run(*show, str(old)), USAGE)
        self.expect(self.home.run(*show, str(new)), DONE, self.SEED)

    def test_a_passphrase_that_nobody_can_type_is_an_error(self):
        self.expect(self.home.run("keys", "new", "me"), USAGE, "BOURSE_PASSPHRASE")
        self.expect(self.home.run("keys", "new", "me", "--no-passphrase"), DONE)
        self.expect(self.home.run("keys", "passwd", "me"), USAGE, "--new-passphrase-file")

    def test_import_gives_the_public_key_of_the_seed(self):
        key = self.home.json("keys", "import", "rfc", "--no-passphrase", stdin=self.SEED + "\n").json
        self.assertEqual(key["public_key"], self.PUBLIC)
        self.expect(self.home.run("keys", "import", "bad", "--no-passphrase", stdin="12"), USAGE, "64 hex")

    def test_import_takes_a_nodes_open_key_file(self):
        made = self.home.json("keys", "new", "node", "--no-passphrase").json
        for source in ({"stdin": pathlib.Path(made["file"]).read_text()}, {"env": {}}):
            words = ("--file", made["file"]) if "env" in source else ()
            taken = self.home.json("keys", "import", f"owner{len(words)}", "--no-passphrase", *words, **source)
            self.assertEqual(self.expect(taken, DONE).json["account"], made["account"])
        locked = self.home.json("keys", "new", "locked", env={"BOURSE_PASSPHRASE": "secret"}).json["file"]
        self.expect(self.home.run("keys", "import", "copy", "--no-passphrase", "--file", locked), USAGE,
                    "encrypted key file")

    def test_export_asks_for_consent(self):
        self.expect(self.home.run("keys", "new", "me", "--no-passphrase"), DONE)
        answer = self.expect(self.home.run("keys", "export", "me"), USAGE, "--show-secret")
        self.assertEqual(answer.out, "")

    def test_no_key_is_ever_overwritten(self):
        first = self.home.json("keys", "new", "me", "--no-passphrase").json
        self.expect(self.home.run("keys", "new", "me", "--no-passphrase"), USAGE, "already")
        self.assertEqual(self.home.json("keys", "show", "me").json, first)

    def test_of_several_keys_one_is_chosen_for_good(self):
        for name in ("one", "two"):
            self.expect(self.home.run("keys", "new", name, "--no-passphrase"), DONE)
        self.expect(self.home.run("keys", "show"), USAGE, "one, two")
        self.expect(self.home.run("keys", "use", "two"), DONE)
        self.assertEqual(self.home.json("keys", "show").json["name"], "two")
        self.assertEqual(self.home.json("keys", "show", env={"BOURSE_KEY": "one"}).json["name"], "one")
        self.expect(self.home.run("keys", "use", "too"), USAGE, "'two'?")


class Trading(unittest.TestCase):
    """One devnet for all cases; each finds the book empty and leaves it so."""

    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.remove)
        cls.addClassCleanup(lambda: cls.home.run("devnet", "down"))
        up = cls.home.run("devnet", "up", "--nodes", "1", "--listen", "0", "--boursed", BOURSED)
        if up.code != DONE:
            raise AssertionError(f"devnet up: {up!r}")

    def setUp(self):
        for key in ("alice", "bob", "carol"):
            self.run_ok("order", "cancel-all", key=key)

    def run_as(self, key, *words, code=DONE):
        answer = self.home.json(*words, "--key", key)
        self.assertEqual(answer.code, code, answer)
        return answer.json

    def run_ok(self, *words, key="alice"):
        return self.run_as(key, *words)

    def say(self, *words, code):
        answer = self.home.run(*words)
        self.assertEqual(answer.code, code, answer)
        return answer.out + answer.err

    def free(self, key, asset):
        return next(int(balance["free_atoms"]) for balance in self.run_as(key, "account")["balances"]
                    if balance["asset"] == asset)

    def test_two_orders_make_a_swap_that_is_found_by_its_txid(self):
        before = {key: (self.free(key, "BTC"), self.free(key, "USD")) for key in ("alice", "bob")}
        self.run_ok("order", "sell", "BTC/USD", "0.5", "--price", "64000")
        bought = self.run_as("bob", "order", "buy", "BTC/USD", "0.5", "--price", "64100")
        self.assertEqual(bought["results"][0]["order_status"], "filled")
        self.assertEqual(bought["results"][0]["filled"], "0.500")
        (swap,) = bought["swaps"]
        self.assertEqual((swap["price"], swap["quantity"]), ("64000.00", "0.500"))
        self.assertEqual(swap["quote"], {"asset": "USD", "amount": "32000.000000", "atoms": "32000000000"})
        found = self.run_ok("tx", swap["txid"])
        self.assertEqual(found.pop("certified_by"), ["node1"])
        self.assertTrue(found.pop("certificate"))
        self.assertEqual(found, swap)
        self.assertEqual(self.run_ok("trades", "BTC/USD")["trades"][0], swap)
        maker_fee, taker_fee = int(swap["maker_fee"]["atoms"]), int(swap["taker_fee"]["atoms"])
        self.assertEqual((maker_fee, taker_fee), (3_200_000, 6_400_000))
        self.assertEqual((self.free("alice", "BTC"), self.free("alice", "USD")),
                         (before["alice"][0] - 50_000_000, before["alice"][1] + 32_000_000_000 - maker_fee))
        self.assertEqual((self.free("bob", "BTC"), self.free("bob", "USD")),
                         (before["bob"][0] + 50_000_000, before["bob"][1] - 32_000_000_000 - taker_fee))

    def test_tx_shows_a_transaction_with_its_operations_and_results(self):
        placed = self.run_ok("order", "sell", "BTC/USD", "0.5", "--price", "64000", "--client-id", "41")
        shown = self.run_ok("tx", placed["txid"])
        self.assertEqual((shown["type"], shown["status"], shown["height"]),
                         ("transaction", "final", placed["height"]))
        (operation,) = shown["operations"]
        self.assertEqual((operation["side"], operation["quantity"], operation["price"], operation["client_id"]),
                         ("sell", "0.500", "64000.00", "41"))
        self.assertEqual(operation["result"], placed["results"][0])
        self.assertIn(placed["txid"], self.run_ok("block", placed["height"])["txids"])
        self.assertIn("sell #1 BTC/USD 0.500 at 64000.00", self.say("tx", placed["txid"], code=DONE))

    def test_tx_of_an_unknown_txid_is_no_such_thing(self):
        self.assertIn("neither", self.say("tx", "ab" * 32, code=REJECTED))

    def test_people_see_fills_with_their_txids(self):
        self.run_ok("order", "sell", "BTC/USD", "0.3", "--price", "64000")
        self.run_ok("order", "sell", "BTC/USD", "0.3", "--price", "64001")
        text = self.say("order", "buy", "BTC/USD", "0.5", "--price", "64001", "--key", "bob", code=DONE)
        trades = self.run_ok("trades", "BTC/USD", "--limit", "2")["trades"]
        for trade in trades:
            self.assertIn(trade["txid"], text)
        self.assertIn("bought 0.500 BTC for 32000.200000 USD", text)
        self.assertIn("filled", text)

    def test_an_off_lot_quantity_is_refused_with_the_nearest(self):
        text = self.say("order", "buy", "BTC/USD", "0.5003", "--price", "64000", code=USAGE)
        self.assertIn("0.5003' is no multiple of the lot 0.001: use 0.500 or 0.501", text)

    def test_an_off_tick_price_is_refused_with_the_nearest(self):
        text = self.say("order", "buy", "BTC/USD", "0.5", "--price", "64000.005", code=USAGE)
        self.assertIn("64000.005' is no multiple of the tick 0.01: use 64000.00 or 64000.01", text)
        self.assertEqual(self.run_ok("order", "list")["orders"], [])

    def test_market_takes_the_best_price_within_the_slippage(self):
        for price in ("64000", "64300", "64400"):
            self.run_ok("order", "sell", "BTC/USD", "0.1", "--price", price)
        bought = self.run_as("bob", "order", "buy", "BTC/USD", "0.3", "--market", "--slippage", "0.5%")
        self.assertEqual([swap["price"] for swap in bought["swaps"]], ["64000.00", "64300.00"])
        self.assertEqual(bought["results"][0]["order_status"], "cancelled")
        shown = self.run_ok("tx", bought["txid"])["operations"][0]
        self.assertEqual((shown["price"], shown["order_type"]), ("64320.00", "market"))

    def test_market_without_anybody_to_trade_with_is_rejected(self):
        self.assertIn("nobody sells in ETH/USD",
                      self.say("order", "buy", "ETH/USD", "1", "--market", "--slippage", "1%", code=REJECTED))

    def test_rejections_have_exit_code_1_and_the_reason(self):
        self.run_ok("order", "sell", "BTC/USD", "0.1", "--price", "64000", "--client-id", "5")
        rejected = {
            "INSUFFICIENT_FUNDS": ("order", "buy", "BTC/USD", "100000", "--price", "64000"),
            "BELOW_MIN_NOTIONAL": ("order", "buy", "BTC/USD", "0.001", "--price", "1"),
            "ORDER_NOT_FOUND": ("order", "cancel", "999"),
            "DUPLICATE_CLIENT_ID": ("order", "sell", "BTC/USD", "0.1", "--price", "64000", "--client-id", "5"),
            "NOT_ISSUER": ("asset", "mint", "BTC", "1"),
        }
        for reason, words in rejected.items():
            document = self.run_as("alice", *words, code=REJECTED)
            self.assertEqual(document["results"][0]["reject_reason"], reason)
            self.assertEqual(document["error"]["code"], "REJECTED")
        self.assertIn("least, 1.000000 USD", self.say(*rejected["BELOW_MIN_NOTIONAL"], code=REJECTED))
        for reason, words in {"WOULD_TAKE": ("--type", "post-only"), "NOT_FILLABLE": ("--type", "fok")}.items():
            document = self.run_as("bob", "order", "buy", "BTC/USD", "0.2", "--price", "64000", *words,
                                   code=REJECTED)
            self.assertEqual(document["results"][0]["reject_reason"], reason)

    def test_orders_are_listed_shown_replaced_and_cancelled(self):
        placed = self.run_ok("order", "buy", "BTC/USD", "0.5", "--price", "60000", "--client-id", "77",
                             "--expires", "10m")
        order_id = placed["results"][0]["order_id"]
        (listed,) = self.run_ok("order", "list", "BTC/USD")["orders"]
        self.assertEqual((listed["order_id"], listed["client_id"], listed["status"]), (order_id, "77", "open"))
        self.assertEqual(self.run_ok("order", "show", "--client-id", "77"), listed)
        self.run_ok("order", "replace", order_id, "--price", "60000.01", "--quantity", "0.4")
        replaced = self.run_ok("order", "show", order_id)
        self.assertEqual((replaced["price"], replaced["remaining"]), ("60000.01", "0.400"))
        self.assertEqual(self.run_ok("book", "BTC/USD")["bids"][0]["quantity"], "0.400")
        self.run_ok("order", "cancel", order_id)
        self.assertEqual(self.run_ok("order", "list")["orders"], [])

    def test_cancel_all_cancels_in_one_market_or_in_all(self):
        for market, quantity in (("BTC/USD", "0.1"), ("BTC/USD", "0.2"), ("ETH/USD", "1")):
            self.run_ok("order", "buy", market, quantity, "--price", "100")
        self.assertEqual(self.run_ok("order", "cancel-all", "BTC/USD")["results"][0]["cancelled"], 2)
        self.assertEqual(self.run_ok("order", "cancel-all", "--void-in-flight")["results"][0]["cancelled"], 1)

    def test_no_wait_prints_the_txid_alone(self):
        answer = self.home.run("order", "buy", "BTC/USD", "0.1", "--price", "100", "--no-wait")
        self.assertEqual(answer.code, DONE, answer)
        self.assertRegex(answer.out, r"\A[0-9a-f]{64}\n\Z")
        self.assertEqual(answer.err, "txid " + answer.out)  # said before it was sent

    def test_programs_get_the_txid_before_it_is_sent(self):
        answer = self.home.json("order", "buy", "BTC/USD", "0.1", "--price", "100")
        self.assertEqual(json.loads(answer.err)["sending"], answer.json["txid"])

    def test_a_dry_run_changes_nothing(self):
        document = self.run_ok("order", "buy", "BTC/USD", "0.1", "--price", "100", "--dry-run")
        self.assertEqual((document["status"], document["results"][0]["order_status"]), ("simulated", "open"))
        self.assertEqual(self.run_ok("order", "list")["orders"], [])

    def test_a_transfer_pays_and_creates_accounts(self):
        self.home.run("keys", "new", "dave", "--no-passphrase")
        self.assertIn("does not exist", self.say("order", "cancel-all", "--key", "dave", code=REJECTED))
        paid = self.run_ok("transfer", "dave", "12.5", "USD", "--memo", "für dave")
        memo = self.run_ok("tx", paid["txid"])["operations"][0]
        self.assertEqual((memo["memo"], memo["amount"]), ("für dave", "12.500000"))
        self.assertEqual(self.free("dave", "USD"), 12_500_000)
        self.assertIn("use 1.000000 or 1.000001", self.say("transfer", "bob", "1.0000001", "USD", code=USAGE))
        self.assertIn("no account", self.say("transfer", "bourse1" + "q" * 58, "1", "USD", code=USAGE))

    def test_assets_and_markets_of_ones_own(self):
        self.run_as("carol", "asset", "create", "GOLD", "--decimals", "4", "--cap", "1000")
        self.run_as("carol", "asset", "mint", "GOLD", "500")
        self.run_as("carol", "asset", "burn", "GOLD", "0.5", "--memo", "melted")
        gold = self.run_as("carol", "asset", "show", "GOLD")
        self.assertEqual((gold["supply"], gold["code"]), ("499.5000", "GOLD"))
        self.run_as("carol", "asset", "mint", "GOLD", "600", code=REJECTED)
        number = str(self.run_as("carol", "market", "create", "GOLD/USD", "--lot", "0.01", "--tick", "0.1",
                                 "--taker-fee", "0.02%")["results"][0]["market"])
        market = self.run_ok("market", "show", number)
        self.assertEqual((market["lot"], market["tick"], market["taker_fee_ppm"]), ("0.01", "0.1", 200))
        # Somebody else's GOLD is named, and never taken for the one that was meant.
        self.assertIn("#" + number, self.say("book", "GOLD/USD", code=REJECTED))
        self.assertEqual(self.run_as("carol", "book", "GOLD/USD")["market"], int(number))
        self.run_as("carol", "order", "sell", number, "1", "--price", "2000.5")
        self.assertEqual(self.run_ok("book", "#" + number)["asks"][0]["price"], "2000.5")

    def test_of_markets_named_alike_the_name_means_the_earliest(self):
        create = ("market", "create", "BTC/ETH", "--lot", "0.01", "--tick", "0.01")
        first = self.run_ok(*create)["results"][0]["market"]
        order = ("order", "buy", "BTC/ETH", "0.5", "--price", "2")
        alone = self.home.run(*order)
        self.assertEqual(alone.code, DONE, alone)
        self.assertNotIn("#", alone.err)
        second = self.run_as("bob", *create)["results"][0]["market"]
        crowded = self.home.run(*order)
        self.assertEqual(crowded.code, DONE, crowded)
        self.assertIn(f"BTC/ETH is market #{first}", crowded.err)
        self.assertIn(f"#{second} ", crowded.err)
        for program in (self.home.json("book", "BTC/ETH"), self.home.json("market", "show", "BTC/ETH")):
            self.assertEqual((program.json["market"], program.err), (first, ""))
        self.run_ok("order", "buy", str(second), "0.5", "--price", "2")
        self.assertIn(f"#{second} BTC/ETH", self.say("order", "list", code=DONE))
        self.assertEqual(self.run_ok("order", "cancel-all", "BTC/ETH")["results"][0]["cancelled"], 2)
        (left,) = self.run_ok("order", "list")["orders"]
        self.assertEqual(left["market"], second)

    def test_an_own_order_in_the_way_is_told(self):
        self.run_ok("order", "sell", "BTC/USD", "0.1", "--price", "64000")
        buy = ("order", "buy", "BTC/USD", "0.1", "--price", "64000")
        self.assertIn("an order of your own", self.say(*buy, code=DONE))
        self.assertIn("your own orders aside", self.say(*buy, "--type", "ioc", code=DONE))

    def test_a_percentage_without_its_sign_is_refused(self):
        self.run_ok("order", "sell", "BTC/USD", "0.1", "--price", "64000")
        text = self.say("order", "buy", "BTC/USD", "0.1", "--market", "--slippage", "0.5", "--key", "bob", code=USAGE)
        self.assertIn("percent sign", text)

    def test_a_time_that_has_passed_is_refused(self):
        text = self.say("order", "buy", "BTC/USD", "0.1", "--price", "100", "--expires", "2020-01-01T00:00:00Z",
                        code=USAGE)
        self.assertIn("has passed", text)

    def test_64_bit_numbers_are_strings(self):
        status = self.run_ok("node", "status")
        for name in ("height", "block_time_micros", "pending_transactions", "uptime_seconds"):
            self.assertIsInstance(status[name], str)
        self.assertIsInstance(self.run_ok("block")["height"], str)
        self.assertIsInstance(self.run_ok("account")["next_nonce"], str)

    def test_blocks_are_listed_newest_first(self):
        heights = [int(block["height"]) for block in self.run_ok("block", "list", "--limit", "3")["blocks"]]
        self.assertEqual(heights, sorted(heights, reverse=True))
        self.assertEqual(len(heights), 3)
        self.say("block", "99999999", code=REJECTED)


if __name__ == "__main__":
    xml_runner.main()
