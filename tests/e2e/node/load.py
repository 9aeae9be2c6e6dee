"""Load: a trader's crossing orders over one stream, and what the node said became of them."""

import random
import threading

import grpc

from bourse_client import DEADLINE_S, place
from bourse.v1 import services_pb2


class Load:
    """Sends crossing orders until told to end, or the node is gone; remembers in `acknowledged`
    what the node reported as final: TXID -> receipt."""

    def __init__(self, trader, acknowledged, seed, in_flight=32):
        self.trader, self.acknowledged = trader, acknowledged
        self.random = random.Random(seed)
        self.tickets = threading.Semaphore(in_flight)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def end(self):
        self.ended.set()
        self.thread.join()

    def _requests(self):
        while not self.ended.is_set():
            if not self.tickets.acquire(timeout=0.1):
                continue
            operation = place(self.random.choice(("buy", "sell")), self.random.randint(95, 105),
                              self.random.randint(1, 5))
            yield services_pb2.SubmitRequest(transaction=self.trader.make(operation), wait=True)

    def _run(self):
        try:
            for answer in self.trader.node.submit.SubmitStream(self._requests()):
                self.tickets.release()
                if answer.status == services_pb2.TRANSACTION_STATUS_FINAL:
                    self.acknowledged[answer.txid] = answer.receipt.SerializeToString()
        except grpc.RpcError:
            pass  # the node was killed
        finally:
            self.ended.set()


def go_on_with_nonces(trader):
    """A trader's nonces go on where the ledger's do."""
    account = trader.node.accounts.GetAccount(
        services_pb2.GetAccountRequest(account=trader.account), timeout=DEADLINE_S)
    trader.nonces = iter(range(account.next_nonce, 2**62))
