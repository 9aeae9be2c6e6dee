#!/usr/bin/python3 -B
"""Each kind of bad input has its own clear answer, and the node goes on serving."""

import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import grpc

import xml_runner
from bourse_client import (DEADLINE_S, Node, Trader, argument, asset_id, blake2b, cancel, genesis,
                           named_key, place, reason, send, transfer)
from bourse.v1 import services_pb2, transaction_pb2

BOURSED = argument(1, "path/of/boursed")

INVALID = grpc.StatusCode.INVALID_ARGUMENT
EXPIRED = grpc.StatusCode.DEADLINE_EXCEEDED
PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION

MAX = 2**63 - 1


def now_us() -> int:
    return time.time_ns() // 1000


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


class BadInputTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rich = {"BRS": 10**12, "BTC": 10**12, "USD": 10**15}
        cls.node = Node(BOURSED, genesis({
            "alice": rich, "bob": rich, "poor": {"BRS": 1000}, "small": {"BRS": 5000, "USD": 500},
            "whale": {"BRS": 10**12, "USD": 2**61, "BTC": 2**61}}))
        cls.addClassCleanup(cls.node.close)
        cls.node.start()
        cls.alice, cls.bob, cls.poor, cls.small, cls.whale = (
            Trader(cls.node, name) for name in ("alice", "bob", "poor", "small", "whale"))

    def assert_refused(self, code, text, signed):
        with self.assertRaises(grpc.RpcError) as caught:
            send(self.node, signed)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertIn(text, caught.exception.details())

    def tearDown(self):
        """After each of the others: the node serves."""
        self.assertEqual(reason(self.bob.send(place("sell", 10**6, 1))), "NONE")

    def test_what_is_malformed_or_stale_is_refused_with_a_status(self):
        alice = self.alice
        order = place("sell", 1000, 5)
        good = alice.body(order, nonce=4000)  # on the wire: 20 a0 1f
        tail = b"\x3a" + varint(order.ByteSize()) + order.SerializeToString()
        head = good[:-len(tail)]
        self.assertEqual(head + tail, good)
        wrong_key = transaction_pb2.SignedTransaction(body=good, signature=b"\1" * 64)
        expired, far = now_us() - 1, now_us() + 660_000_000
        cases = {
            "a body that is not a protobuf": (INVALID, "ends within", alice.sign(b"\xff\xff\xff\xff")),
            "an empty body": (INVALID, "body", transaction_pb2.SignedTransaction(
                signature=b"\0" * 64)),
            "a body that ends early": (INVALID, "bytes are left", alice.sign(good[:-1])),
            "an unknown field": (INVALID, "unknown field 99", alice.sign(good + varint(99 << 3) + b"\1")),
            "a repeated field": (INVALID, "repeated", alice.sign(
                good[:34] + good[:34] + good[34:])),
            "fields out of order": (INVALID, "genesis_hash", alice.sign(good[34:] + good[:34])),
            "a default that is written": (INVALID, "leaving the field out", alice.sign(
                head + b"\x30\x00" + tail)),
            "a varint that is too long": (INVALID, "leading zeros", alice.sign(
                good.replace(b"\x20\xa0\x1f", b"\x20\xa0\x9f\x00"))),
            "an operation of no kind": (INVALID, "no kind", alice.sign(alice.body(
                transaction_pb2.Operation()))),
            "no operation": (INVALID, "operations", alice.make()),
            "201 operations": (INVALID, "200", alice.make(*[cancel(order_id=1)] * 201)),
            "more than 64 KiB": (INVALID, "65536", alice.make(*[
                transfer(self.bob.account, "USD", 1, b"m" * 256)] * 200)),
            "a memo of 257 bytes": (INVALID, "memo", alice.make(
                transfer(self.bob.account, "USD", 1, b"m" * 257))),
            "a side that does not exist": (INVALID, "side", alice.make(
                transaction_pb2.Operation(place_order=transaction_pb2.PlaceOrder(
                    market=1, side=3, type=1, self_trade=1, price=1, quantity=1)))),
            "an order without a type": (INVALID, "type", alice.make(place(
                "sell", 1, 1, type=0))),
            "an atomic transaction that may take": (INVALID, "atomic", alice.make(
                order, atomic=True)),
            "another network's": (INVALID, "another network", alice.make(
                order, genesis_hash=blake2b(b"another"))),
            "a bad signature": (INVALID, "signature", wrong_key),
            "a signature of 63 bytes": (INVALID, "signature", transaction_pb2.SignedTransaction(
                body=good, signature=b"\1" * 63)),
            "one that has expired": (EXPIRED, "expired", alice.make(order, valid_until=expired)),
            "one that is valid for too long": (PRECONDITION, "10 minutes", alice.make(
                order, valid_until=far)),
            "a nonce beyond the window": (PRECONDITION, "nonce", alice.make(order, nonce=5000)),
            "another key than the owner's": (PRECONDITION, "owner key", self.bob.sign(
                alice.body(order, signer=self.bob.account))),
            "an unknown account": (PRECONDITION, "account", Trader(
                self.node, "stranger").make(order)),
            "an account that can't pay for it": (PRECONDITION, "charge", self.poor.make(order)),
        }
        for name, (code, text, signed) in cases.items():
            with self.subTest(name):
                self.assert_refused(code, text, signed)

    def test_a_used_nonce_is_refused(self):
        alice = self.alice
        alice.send(place("sell", 1000, 5), nonce=2000)
        self.assert_refused(PRECONDITION, "nonce", alice.make(place("sell", 1001, 5), nonce=2000))

    def test_a_nonce_below_the_floor_is_refused(self):
        trader = self.whale
        trader.send(transaction_pb2.Operation(
            cancel_all=transaction_pb2.CancelAll(void_in_flight=True)), nonce=1000)
        self.assert_refused(PRECONDITION, "nonce", trader.make(place("sell", 1, 1), nonce=999))
        self.assertEqual(reason(trader.send(place("sell", 1000, 1), nonce=1001)), "NONE")
        trader.nonces = iter(range(1002, 5000))

    def test_the_same_transaction_again_is_answered_with_its_status(self):
        signed = self.alice.make(place("sell", 1000, 5))
        first = send(self.node, signed)
        self.assertEqual(send(self.node, signed), first)

    def test_what_a_trader_did_wrong_is_a_rejection_with_a_receipt(self):
        alice, bob = self.alice, self.bob
        foreign = bob.send(place("sell", 5000, 5)).results[0].order_id
        alice.send(place("sell", 5000, 5, client_id=77))
        alice.send(cancel(client_id=78))
        unknown_asset = transaction_pb2.Operation(transfer=transaction_pb2.Transfer(
            to=bob.account, asset=b"\7" * 32, amount=1))
        post_only = transaction_pb2.ORDER_TYPE_POST_ONLY
        fill_or_kill = transaction_pb2.ORDER_TYPE_FILL_OR_KILL
        ioc = transaction_pb2.ORDER_TYPE_IMMEDIATE_OR_CANCEL
        cases = {
            "an unknown market": ("UNKNOWN_MARKET", alice, place("sell", 1000, 1, market=99)),
            "market 0": ("UNKNOWN_MARKET", alice, place("sell", 1000, 1, market=0)),
            "an unknown asset": ("UNKNOWN_ASSET", alice, unknown_asset),
            "price 0": ("INVALID_PRICE", alice, place("sell", 0, 1)),
            "price 2^63": ("INVALID_PRICE", alice, place("sell", MAX + 1, 1)),
            "price 2^64-1": ("INVALID_PRICE", alice, place("sell", 2**64 - 1, 1)),
            "quantity 0": ("INVALID_QUANTITY", alice, place("sell", 1000, 0)),
            "quantity 2^64-1": ("INVALID_QUANTITY", alice, place("sell", 1000, 2**64 - 1)),
            "a notional over 2^63-1": ("NOTIONAL_OVERFLOW", alice, place("buy", MAX, 2)),
            "a base amount over 2^63-1": ("NOTIONAL_OVERFLOW", alice, place("sell", 1, MAX)),
            "a notional that fits only without its fee": (
                "NOTIONAL_OVERFLOW", self.whale, place("buy", MAX, 1)),
            "less than the minimum": ("BELOW_MIN_NOTIONAL", alice, place("sell", 9, 1)),
            "too little of what it sells": (
                "INSUFFICIENT_FUNDS", alice, place("sell", 1000, 10**12)),
            "too little for its fee": ("INSUFFICIENT_FUNDS", self.small, place("buy", 500, 1)),
            "a transfer of more than there is": (
                "INSUFFICIENT_FUNDS", alice, transfer(bob.account, "USD", 10**16)),
            "a transfer of nothing": ("INVALID_AMOUNT", alice, transfer(bob.account, "USD", 0)),
            "a transfer to no key": ("INVALID_ACCOUNT", alice, transfer(b"\0" * 32, "USD", 1)),
            "a cancel of nothing": ("ORDER_NOT_FOUND", alice, cancel(order_id=12345)),
            "a cancel of another's order": ("NOT_ORDER_OWNER", alice, cancel(order_id=foreign)),
            "a client id again": ("DUPLICATE_CLIENT_ID", alice, place(
                "sell", 5000, 1, client_id=77)),
            "a place after its cancel": ("CLIENT_ID_BARRED", alice, place(
                "sell", 5000, 1, client_id=78)),
            "a post-only order that would take": ("WOULD_TAKE", alice, place(
                "buy", 6000, 1, type=post_only)),
            "a fill or kill that can't be filled": ("NOT_FILLABLE", alice, place(
                "buy", 1, 1000, type=fill_or_kill)),
            "an expiry in the past": ("INVALID_EXPIRY", alice, place(
                "sell", 5000, 1, expires=now_us() - 10**7)),
            "an expiry of what never rests": ("INVALID_EXPIRY", alice, place(
                "sell", 5000, 1, type=ioc, expires=now_us() + 10**8)),
            "a mint by who is not the issuer": ("NOT_ISSUER", alice, transaction_pb2.Operation(
                mint=transaction_pb2.Mint(asset=asset_id("USD"), to=bob.account, amount=1))),
            "a market of one asset": ("INVALID_MARKET", alice, transaction_pb2.Operation(
                create_market=transaction_pb2.CreateMarket(
                    base=asset_id("USD"), quote=asset_id("USD"), lot_size=1, tick_size=1))),
            "an asset of 19 decimals": ("INVALID_ASSET", alice, transaction_pb2.Operation(
                create_asset=transaction_pb2.CreateAsset(code="X", decimals=19, supply_cap=1))),
        }
        for name, (expected, trader, operation) in cases.items():
            with self.subTest(name):
                receipt = trader.send(operation)
                self.assertEqual(reason(receipt), expected)
                self.assertGreater(receipt.charged, 0)
                self.assertEqual(len(receipt.swaps), 0)

    def test_what_is_no_message_of_the_service_is_refused(self):
        for method in ("SubmitService/Submit", "AccountService/GetAccount",
                       "LedgerService/GetTransaction", "NodeService/GetStatus"):
            call = self.node.channel.unary_unary("/bourse.v1." + method)
            with self.subTest(method), self.assertRaises(grpc.RpcError) as caught:
                call(b"\xff\xff\xff\xff", timeout=DEADLINE_S)
            self.assertEqual(caught.exception.code(), INVALID)
            self.assertIn("is not a bourse.v1.", caught.exception.details())
        stream = self.node.channel.stream_stream("/bourse.v1.SubmitService/SubmitStream")
        with self.assertRaises(grpc.RpcError) as caught:
            list(stream(iter([b"\xff\xff\xff\xff"]), timeout=DEADLINE_S))
        self.assertEqual(caught.exception.code(), INVALID)

    def test_a_message_over_1_mib_is_refused(self):
        with self.assertRaises(grpc.RpcError) as caught:
            send(self.node, transaction_pb2.SignedTransaction(
                body=b"x" * (1 << 20), signature=b"x" * 64))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_reads_of_what_is_not_there_say_so(self):
        not_found = grpc.StatusCode.NOT_FOUND
        node, stranger = self.node, named_key("stranger").public
        cases = [
            (not_found, node.accounts.GetAccount, services_pb2.GetAccountRequest(account=stranger)),
            (INVALID, node.accounts.GetAccount, services_pb2.GetAccountRequest(account=b"short")),
            (INVALID, node.accounts.GetOrder, services_pb2.GetOrderRequest(
                account=self.alice.account)),
            (not_found, node.markets.GetMarket, services_pb2.GetMarketRequest(market=9)),
            (not_found, node.markets.GetBook, services_pb2.GetBookRequest(market=0)),
            (INVALID, node.markets.GetBook, services_pb2.GetBookRequest(market=1, depth=1001)),
            (not_found, node.markets.ListTrades, services_pb2.ListTradesRequest(market=9)),
            (not_found, node.markets.GetAsset, services_pb2.GetAssetRequest(name="NONE")),
            (not_found, node.markets.GetAsset, services_pb2.GetAssetRequest(asset=b"\1" * 32)),
            (INVALID, node.markets.GetAsset, services_pb2.GetAssetRequest()),
            (INVALID, node.markets.GetAsset, services_pb2.GetAssetRequest(name="USD.nobody")),
            (not_found, node.ledger.GetTransaction, services_pb2.GetTransactionRequest(
                txid=b"\1" * 32)),
            (INVALID, node.ledger.GetTransaction, services_pb2.GetTransactionRequest(txid=b"\1")),
            (not_found, node.ledger.GetBlock, services_pb2.GetBlockRequest(height=10**9)),
        ]
        for code, call, request in cases:
            with self.subTest(str(request)), self.assertRaises(grpc.RpcError) as caught:
                call(request, timeout=DEADLINE_S)
            self.assertEqual(caught.exception.code(), code, caught.exception.details())
            self.assertTrue(caught.exception.details())


if __name__ == "__main__":
    xml_runner.main()
