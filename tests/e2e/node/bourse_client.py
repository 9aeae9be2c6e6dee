"""What a client in another language needs: keys, addresses, transactions, and a node to talk to.

Written against the .proto files and the format documents alone, so that it checks them.
"""

import ctypes
import ctypes.util
import hashlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import grpc

from bourse.v1 import result_pb2, services_pb2, services_pb2_grpc, transaction_pb2

DEADLINE_S = 60

_sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
_sodium.sodium_init()


def blake2b(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


class Key:
    """An Ed25519 key pair, from a seed."""

    def __init__(self, seed: bytes):
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        _sodium.crypto_sign_seed_keypair(public, secret, seed)
        self.public, self._secret = public.raw, secret.raw

    def sign(self, message: bytes) -> bytes:
        signature = ctypes.create_string_buffer(64)
        _sodium.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)),
                                     self._secret)
        return signature.raw


def named_key(name: str) -> Key:
    return Key(blake2b(b"test key", name.encode()))


_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def address(public: bytes) -> str:
    """bech32m (BIP 350) with the prefix "bourse"."""
    number = int.from_bytes(public + b"\0", "big") >> 4  # 260 bits
    values = [(number >> (5 * i)) & 31 for i in reversed(range(52))]
    prefix = "bourse"
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in expanded + values + [0] * 6:
        top = check >> 25
        check = (check & 0x1ffffff) << 5 ^ value
        for i, generator in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                       0x2a1462b3)):
            check ^= generator if top >> i & 1 else 0
    check ^= 0x2bc830a3
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(_CHARSET[value] for value in values)


def asset_id(code: str, issuer: bytes = b"\0" * 32) -> bytes:
    return blake2b(b"bourse/asset/1", issuer, code.encode())


FEES = {"asset": "BRS", "per_transaction": "100", "per_operation": "10", "per_cancel": "1",
        "per_byte": "1", "account_deposit": "1000", "order_deposit": "50", "asset_deposit": "500",
        "market_deposit": "500"}


def genesis(balances, chain_name="e2e"):
    """A genesis with the assets BRS, BTC and USD and the market BTC/USD.

    balances: {name of a key: {asset: atoms}}
    """
    return {
        "chain_name": chain_name, "time": "1700000000000000", "protocol_version": 1, "fees": FEES,
        "assets": [{"code": code, "decimals": decimals, "issuer": "", "supply_cap": str(2**62)}
                   for code, decimals in (("BRS", 8), ("BTC", 8), ("USD", 2))],
        "markets": [{"base": "BTC", "quote": "USD", "lot_size": "1000", "tick_size": "1",
                     "min_notional": "10", "maker_fee_ppm": 1000, "taker_fee_ppm": 2000}],
        "accounts": [{"id": address(named_key(name).public),
                      "balances": {asset: str(amount) for asset, amount in held.items()}}
                     for name, held in balances.items()],
        "validators": [],
    }


class Node:
    """The real boursed, in a folder of its own."""

    def __init__(self, boursed: str, genesis_json=None, flags=()):
        self.boursed = boursed
        self.credentials = None  # of gRPC, for a node with TLS
        self.folder = tempfile.TemporaryDirectory(prefix="boursed-test-")
        self.home = os.path.join(self.folder.name, "home")
        self.flags = list(flags)
        self.process = None
        init = [boursed, "init", "--home", self.home]
        if genesis_json is not None:
            path = os.path.join(self.folder.name, "genesis.json")
            with open(path, "w") as file:
                json.dump(genesis_json, file)
            init += ["--genesis", path]
        subprocess.run(init, check=True, stdout=subprocess.DEVNULL)

    def start(self):
        listen = os.path.join(self.home, "listen")
        if os.path.exists(listen):
            os.remove(listen)  # of a killed one
        with open(os.path.join(self.folder.name, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.boursed, "start", "--home", self.home, "--listen", "127.0.0.1:0",
                 "--peer-listen", "", *self.flags], stderr=log)
        give_up = time.monotonic() + DEADLINE_S
        while not os.path.exists(listen):
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("boursed did not start:\n" + self.log_text())
            time.sleep(0.005)
        with open(listen) as file:
            self.endpoint = file.read().strip()
        self.open_channel()
        return self

    def open_channel(self):
        self.channel = (grpc.insecure_channel(self.endpoint) if self.credentials is None else
                        grpc.secure_channel(self.endpoint, self.credentials))
        self.submit = services_pb2_grpc.SubmitServiceStub(self.channel)
        self.accounts = services_pb2_grpc.AccountServiceStub(self.channel)
        self.markets = services_pb2_grpc.MarketServiceStub(self.channel)
        self.ledger = services_pb2_grpc.LedgerServiceStub(self.channel)
        self.node = services_pb2_grpc.NodeServiceStub(self.channel)
        self.status = self.node.GetStatus(services_pb2.GetStatusRequest(), timeout=DEADLINE_S)

    def log_text(self) -> str:
        with open(os.path.join(self.folder.name, "log"), errors="replace") as file:
            return file.read()[-4000:]

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.channel.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE_S)
        self.channel.close()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.folder.cleanup()


class Trader:
    """Signs for one account."""

    def __init__(self, node: Node, name: str):
        self.node, self.key = node, named_key(name)
        self.nonces = itertools.count(1)

    @property
    def account(self) -> bytes:
        return self.key.public

    def body(self, *operations, **changes) -> bytes:
        transaction = transaction_pb2.Transaction(
            genesis_hash=self.node.status.genesis_hash, account=self.account, signer=self.account,
            valid_until=time.time_ns() // 1000 + 300_000_000, operations=operations)
        if "nonce" not in changes:
            transaction.nonce = next(self.nonces)
        for field, value in changes.items():
            setattr(transaction, field, value)
        return transaction.SerializeToString(deterministic=True)

    def sign(self, body: bytes) -> transaction_pb2.SignedTransaction:
        message = b"bourse/tx/1" + self.node.status.genesis_hash + body
        return transaction_pb2.SignedTransaction(body=body, signature=self.key.sign(message))

    def txid(self, signed) -> bytes:
        return blake2b(b"bourse/tx/1", self.node.status.genesis_hash, signed.body)

    def make(self, *operations, **changes):
        return self.sign(self.body(*operations, **changes))

    def send(self, *operations, **changes):
        """Submits, waits, and returns the receipt."""
        return send(self.node, self.make(*operations, **changes))


def send(node, signed, wait=True):
    answer = node.submit.Submit(
        services_pb2.SubmitRequest(transaction=signed, wait=wait), timeout=DEADLINE_S)
    return answer.receipt if wait else answer


def place(side, price, quantity, **fields):
    fields.setdefault("market", 1)
    fields.setdefault("type", transaction_pb2.ORDER_TYPE_LIMIT)
    fields.setdefault("self_trade", transaction_pb2.SELF_TRADE_CANCEL_TAKER)
    return transaction_pb2.Operation(place_order=transaction_pb2.PlaceOrder(
        side=transaction_pb2.SIDE_BUY if side == "buy" else transaction_pb2.SIDE_SELL,
        price=price, quantity=quantity, **fields))


def cancel(**target):
    return transaction_pb2.Operation(cancel_order=transaction_pb2.CancelOrder(**target))


def transfer(to, asset, amount, memo=b""):
    return transaction_pb2.Operation(transfer=transaction_pb2.Transfer(
        to=to, asset=asset_id(asset), amount=amount, memo=memo))


def reason(receipt) -> str:
    """The first operation's reason, without its prefix."""
    name = result_pb2.RejectReason.Name(receipt.results[0].reject_reason)
    return name[len("REJECT_REASON_"):]


def argument(position: int, what: str) -> str:
    """A test's command-line argument: Bazel gives the paths of what it has built."""
    if len(sys.argv) <= position:
        sys.exit(f"usage: {sys.argv[0]} {what}")
    return os.path.abspath(sys.argv.pop(position))
