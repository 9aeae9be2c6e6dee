#!/usr/bin/python3 -B
"""The main job from another language: sign, submit, settle, and read all of it back."""

import os
import signal
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

import xml_runner
from bourse_client import (DEADLINE_S, Node, Trader, address, argument, asset_id, blake2b, cancel,
                           genesis, place, reason, send)
from bourse.v1 import services_pb2, services_pb2_grpc, transaction_pb2
import reflection_pb2

BOURSED = argument(1, "path/of/boursed")

RICH = {"BRS": 10**12, "BTC": 10**12, "USD": 10**12}


def merkle_root(leaf: bytes, index: int, count: int, path):
    """RFC 9162, 2.1.3.2, with BLAKE2b-256."""
    at, last, root = index, count - 1, blake2b(b"\0", leaf)
    for step in path:
        assert last > 0, "the path is too long"
        if at & 1 or at == last:
            root = blake2b(b"\1", step, root)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            root = blake2b(b"\1", root, step)
        at >>= 1
        last >>= 1
    assert last == 0, "the path is too short"
    return root


class NodeTest(unittest.TestCase):
    def setUp(self):
        self.node = Node(BOURSED, genesis({"alice": RICH, "bob": RICH}))
        self.addCleanup(self.node.close)
        self.node.start()
        self.alice, self.bob = Trader(self.node, "alice"), Trader(self.node, "bob")

    def trade(self):
        """Alice's ask of 5 lots at 100 meets bob's bid for 3; bob's receipt."""
        self.alice.send(place("sell", 100, 5, client_id=7))
        return self.bob.send(place("buy", 110, 3))

    def get(self, txid, **fields):
        return self.node.ledger.GetTransaction(
            services_pb2.GetTransactionRequest(txid=txid, **fields), timeout=DEADLINE_S)

    def assert_status(self, code, text, call, request):
        with self.assertRaises(grpc.RpcError) as caught:
            call(request, timeout=DEADLINE_S)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertIn(text, caught.exception.details())

    def test_settles_a_swap_and_finds_it_by_its_txid(self):
        receipt = self.trade()
        self.assertEqual(reason(receipt), "NONE")
        self.assertEqual(receipt.results[0].filled, 3)
        (swap,) = receipt.swaps
        self.assertEqual((swap.price, swap.quantity), (100, 3))
        self.assertEqual((swap.base_amount, swap.quote_amount), (3000, 300))
        self.assertEqual((swap.maker, swap.taker), (self.alice.account, self.bob.account))
        self.assertEqual((swap.maker_fee, swap.taker_fee), (1, 1))
        self.assertEqual(swap.txid, blake2b(b"bourse/swap/1", self.node.status.genesis_hash,
                                            swap.height.to_bytes(8, "little"),
                                            swap.event_index.to_bytes(4, "little")))
        self.assertEqual(self.get(swap.txid).swap, swap)
        self.assertEqual(swap.taker_txid, receipt.txid)

        found = self.get(receipt.txid).transaction
        self.assertEqual(found.receipt, receipt)
        self.assertEqual(found.transaction.operations[0], place("buy", 110, 3))
        self.assertEqual(found.status, services_pb2.TRANSACTION_STATUS_FINAL)

        trades = self.node.markets.ListTrades(services_pb2.ListTradesRequest(market=1))
        self.assertEqual(list(trades.trades), [swap])

    def test_proofs_lead_to_the_blocks_results_root(self):
        receipt = self.trade()
        block = self.node.ledger.GetBlock(services_pb2.GetBlockRequest(height=receipt.height))
        for txid in (receipt.txid, receipt.swaps[0].txid):
            proof = self.get(txid, with_proof=True).proof
            self.assertEqual(proof.height, receipt.height)
            self.assertEqual(
                merkle_root(proof.leaf, proof.leaf_index, proof.leaf_count, proof.path),
                block.results_root)

    def test_reads_the_account_its_orders_and_the_book(self):
        self.trade()
        book = self.node.markets.GetBook(services_pb2.GetBookRequest(market=1))
        self.assertEqual([(l.price, l.quantity, l.orders) for l in book.asks], [(100, 2, 1)])
        self.assertEqual(len(book.bids), 0)

        account = self.node.accounts.GetAccount(
            services_pb2.GetAccountRequest(account=self.alice.account))
        balances = {b.asset: b for b in account.balances}
        self.assertEqual(balances[asset_id("BTC")].reserved, 2000)
        self.assertEqual(balances[asset_id("BTC")].free, 10**12 - 5000)
        self.assertEqual(balances[asset_id("USD")].free, 10**12 + 300 - 1)
        self.assertEqual((account.open_orders, account.next_nonce), (1, 2))

        orders = self.node.accounts.ListOrders(
            services_pb2.ListOrdersRequest(account=self.alice.account))
        (order,) = orders.orders
        self.assertEqual((order.price, order.quantity, order.remaining), (100, 5, 2))
        by_client_id = self.node.accounts.GetOrder(
            services_pb2.GetOrderRequest(account=self.alice.account, client_id=7))
        self.assertEqual(by_client_id, order)
        self.assert_status(
            grpc.StatusCode.NOT_FOUND, "no such open order", self.node.accounts.GetOrder,
            services_pb2.GetOrderRequest(account=self.bob.account, order_id=order.order_id))

        self.alice.send(cancel(order_id=order.order_id))
        book = self.node.markets.GetBook(services_pb2.GetBookRequest(market=1))
        self.assertEqual(len(book.asks), 0)

    def test_lists_assets_and_markets_and_pages_through_orders(self):
        assets = self.node.markets.ListAssets(services_pb2.ListAssetsRequest())
        self.assertEqual([a.name for a in assets.assets], ["BRS", "BTC", "USD"])
        self.assertEqual([a.asset for a in assets.assets],
                         [asset_id(code) for code in ("BRS", "BTC", "USD")])
        markets = self.node.markets.ListMarkets(services_pb2.ListMarketsRequest())
        self.assertEqual([m.name for m in markets.markets], ["BTC/USD"])

        self.alice.send(transaction_pb2.Operation(create_asset=transaction_pb2.CreateAsset(
            code="GOLD", decimals=3, supply_cap=10**9)))
        gold = self.node.markets.GetAsset(services_pb2.GetAssetRequest(
            name="GOLD." + address(self.alice.account)))
        self.assertEqual(gold.asset, asset_id("GOLD", self.alice.account))
        self.assertEqual(gold.issuer, self.alice.account)

        self.alice.send(*[place("sell", 200 + i, 1) for i in range(7)])
        listed, token = [], b""
        while True:
            page = self.node.accounts.ListOrders(services_pb2.ListOrdersRequest(
                account=self.alice.account, market=1, page_size=3, page_token=token))
            self.assertLessEqual(len(page.orders), 3)
            listed += [order.price for order in page.orders]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(listed, [200 + i for i in range(7)])
        self.assert_status(
            grpc.StatusCode.INVALID_ARGUMENT, "page_token", self.node.accounts.ListOrders,
            services_pb2.ListOrdersRequest(account=self.alice.account, page_token=b"junk"))
        self.assert_status(
            grpc.StatusCode.INVALID_ARGUMENT, "page_size", self.node.accounts.ListOrders,
            services_pb2.ListOrdersRequest(account=self.alice.account, page_size=1001))

    def test_pages_through_trades_and_blocks_newest_first(self):
        self.alice.send(*[place("sell", 100 + i, 1) for i in range(5)])
        self.bob.send(place("buy", 200, 5))
        prices, token = [], b""
        while True:
            page = self.node.markets.ListTrades(services_pb2.ListTradesRequest(
                market=1, page_size=2, page_token=token))
            prices += [trade.price for trade in page.trades]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(prices, [104, 103, 102, 101, 100])

        first = self.node.ledger.ListBlocks(services_pb2.ListBlocksRequest(page_size=1))
        heights = [first.blocks[0].height]
        page = self.node.ledger.ListBlocks(services_pb2.ListBlocksRequest(
            page_size=1, page_token=first.next_page_token))
        self.assertEqual(page.blocks[0].height, heights[0] - 1)
        self.assertEqual(first.blocks[0].parent_hash, page.blocks[0].hash)

    def test_the_same_transaction_again_is_answered_with_its_receipt(self):
        signed = self.alice.make(place("sell", 100, 5))
        first = send(self.node, signed)
        again = self.node.submit.Submit(services_pb2.SubmitRequest(transaction=signed))
        self.assertEqual(again.status, services_pb2.TRANSACTION_STATUS_FINAL)
        self.assertEqual(again.receipt, first)

    def test_a_stream_answers_each_request_by_its_tag(self):
        requests = [services_pb2.SubmitRequest(
            transaction=self.alice.make(place("sell", 100 + i, 1)), wait=i % 2 == 0, tag=i)
            for i in range(50)]
        requests.append(services_pb2.SubmitRequest(tag=50))
        answers = {a.tag: a for a in self.node.submit.SubmitStream(iter(requests),
                                                                   timeout=DEADLINE_S)}
        self.assertEqual(sorted(answers), list(range(51)))
        for tag in range(0, 50, 2):
            self.assertEqual(answers[tag].status, services_pb2.TRANSACTION_STATUS_FINAL)
            self.assertEqual(reason(answers[tag].receipt), "NONE")
        self.assertEqual(answers[50].status, services_pb2.TRANSACTION_STATUS_REFUSED)
        self.assertEqual(answers[50].error_code, grpc.StatusCode.INVALID_ARGUMENT.value[0])

    def test_a_dry_run_changes_nothing(self):
        self.alice.send(place("sell", 100, 5))
        body = self.bob.body(place("buy", 110, 3))
        answer = self.node.submit.Simulate(services_pb2.SimulateRequest(
            transaction=transaction_pb2.SignedTransaction(body=body)), timeout=DEADLINE_S)
        self.assertEqual(answer.receipt.results[0].filled, 3)
        self.assertEqual(answer.receipt.swaps[0].quote_amount, 300)
        book = self.node.markets.GetBook(services_pb2.GetBookRequest(market=1))
        self.assertEqual(book.asks[0].quantity, 5)

    def test_reflection_serves_the_descriptors_of_a_working_client(self):
        call = self.node.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ReflectionResponse.FromString)

        def ask(**fields):
            return next(call(iter([reflection_pb2.ReflectionRequest(**fields)])))

        names = {s.name for s in ask(list_services="*").list_services_response.service}
        self.assertLessEqual({f"bourse.v1.{name}Service" for name in (
            "Submit", "Account", "Market", "Ledger", "Node")}, names)
        self.assertIn("grpc.health.v1.Health", names)

        pool = descriptor_pool.DescriptorPool()
        answer = ask(file_containing_symbol="bourse.v1.LedgerService")
        files = {}
        for blob in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(blob)
            files[file.name] = file

        def add(name):
            file = files.pop(name, None)
            if file is not None:
                for dependency in file.dependency:
                    add(dependency)
                pool.Add(file)

        for name in list(files):
            add(name)
        factory = message_factory.MessageFactory(pool)
        request, response = (factory.GetPrototype(pool.FindMessageTypeByName(
            f"bourse.v1.GetTransaction{kind}")) for kind in ("Request", "Response"))
        by_reflection = self.node.channel.unary_unary(
            "/bourse.v1.LedgerService/GetTransaction",
            request_serializer=request.SerializeToString, response_deserializer=response.FromString)
        txid = self.trade().swaps[0].txid
        self.assertEqual(by_reflection(request(txid=txid)).SerializeToString(),
                         self.get(txid).SerializeToString())

    def test_health_says_serving(self):
        check = self.node.channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=reflection_pb2.HealthRequest.SerializeToString,
            response_deserializer=reflection_pb2.HealthResponse.FromString)
        self.assertEqual(check(reflection_pb2.HealthRequest()).status, 1)

    def test_a_restart_resumes_where_the_stop_was(self):
        receipt = self.trade()
        before = self.node.accounts.GetAccount(
            services_pb2.GetAccountRequest(account=self.alice.account))
        self.assertEqual(self.node.stop(), 0, self.node.log_text())
        self.node.start()
        self.assertGreaterEqual(self.node.status.height, receipt.height)
        self.assertEqual(self.get(receipt.txid).transaction.receipt, receipt)
        book = self.node.markets.GetBook(services_pb2.GetBookRequest(market=1))
        self.assertEqual([(l.price, l.quantity, l.orders) for l in book.asks], [(100, 2, 1)])
        after = self.node.accounts.GetAccount(
            services_pb2.GetAccountRequest(account=self.alice.account))
        after.height = before.height
        self.assertEqual(after, before)
        self.assertEqual(self.bob.send(place("buy", 110, 2)).results[0].filled, 2)

    def test_answers_what_waits_when_it_stops(self):
        self.node.stop()
        self.node.flags = ["--min-block-interval-ms", "60000"]
        self.node.start()
        # The next block is a minute away.
        late = self.alice.make(place("sell", 101, 5))
        waiting = self.node.submit.Submit.future(
            services_pb2.SubmitRequest(transaction=late, wait=True), timeout=DEADLINE_S)
        pending = None
        while pending is None or pending.WhichOneof("found") is None:
            try:
                pending = self.get(self.alice.txid(late))
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
        self.assertEqual(pending.transaction.status, services_pb2.TRANSACTION_STATUS_PENDING)
        self.assertEqual(pending.transaction.transaction.operations[0], place("sell", 101, 5))
        with self.assertRaises(grpc.RpcError) as caught:
            self.node.submit.Submit(services_pb2.SubmitRequest(transaction=late, wait=True),
                                    timeout=0.5)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        self.assertIn("outcome is unknown", caught.exception.details())
        self.node.process.send_signal(signal.SIGTERM)
        self.assertEqual(waiting.code(), grpc.StatusCode.UNAVAILABLE, waiting.details())
        self.assertEqual(self.node.process.wait(DEADLINE_S), 0, self.node.log_text())

    def test_serves_with_tls(self):
        self.node.stop()
        cert, key = (os.path.join(self.node.home, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-keyout", key, "-out", cert, "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        self.node.flags = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
        with open(cert, "rb") as file:
            self.node.credentials = grpc.ssl_channel_credentials(file.read())
        self.node.start()
        self.assertEqual(len(self.trade().swaps), 1)
        plain = services_pb2_grpc.NodeServiceStub(grpc.insecure_channel(self.node.endpoint))
        with self.assertRaises(grpc.RpcError):
            plain.GetStatus(services_pb2.GetStatusRequest(), timeout=DEADLINE_S)


class StartTest(unittest.TestCase):
    """What an operator is told when it does not start."""

    def setUp(self):
        self.node = Node(BOURSED, genesis({"alice": RICH}))
        self.addCleanup(self.node.close)

    def refused(self, home=None, listen="127.0.0.1:0"):
        ran = subprocess.run([BOURSED, "start", "--home", home or self.node.home, "--listen",
                              listen, "--peer-listen", ""], capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertNotEqual(ran.returncode, 0)
        return ran.stderr

    def test_a_locked_ledger(self):
        self.node.start()
        self.assertIn("in use", self.refused())

    def test_a_port_in_use(self):
        self.node.start()
        other = Node(BOURSED, genesis({"alice": RICH}))
        self.addCleanup(other.close)
        self.assertIn("in use", self.refused(home=other.home, listen=self.node.endpoint))

    def test_a_key_file_that_others_can_read(self):
        os.chmod(os.path.join(self.node.home, "node_key"), 0o644)
        self.assertIn("node_key", self.refused())

    def test_a_genesis_that_does_not_fit_the_ledger(self):
        path = os.path.join(self.node.home, "genesis.json")
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace('"e2e"', '"other"'))
        self.assertIn("genesis.json does not fit the ledger", self.refused())

    def test_a_missing_home(self):
        self.assertIn("boursed init", self.refused(home=self.node.home + "-not-there"))

    def test_a_foreign_folder_as_the_ledger(self):
        ledger = os.path.join(self.node.home, "ledger")
        for name in os.listdir(ledger):
            os.remove(os.path.join(ledger, name))
        with open(os.path.join(ledger, "letter.txt"), "w") as file:
            file.write("not a database")
        self.assertIn("ledger", self.refused())

    def test_a_damaged_ledger(self):
        ledger = os.path.join(self.node.home, "ledger")
        os.remove(os.path.join(ledger, "CURRENT"))
        self.assertIn("damaged", self.refused())

    def test_an_unknown_key_in_the_configuration(self):
        with open(os.path.join(self.node.home, "boursed.toml"), "a") as file:
            file.write("\nlog_levle = 'debug'\n")
        self.assertIn('did you mean "log_level"?', self.refused())

    def test_other_computers_without_tls(self):
        self.assertIn("--insecure", self.refused(listen="0.0.0.0:0"))

    def test_init_overwrites_nothing(self):
        ran = subprocess.run([BOURSED, "init", "--home", self.node.home], capture_output=True,
                             text=True, timeout=DEADLINE_S)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("give another folder", ran.stderr)


if __name__ == "__main__":
    xml_runner.main()
