#!/usr/bin/python3 -B
"""Sends an order each from so many keys that have no funds, and says how many were sent. Ends early
when its standard input is closed.

    paupers.py ENDPOINT COUNT
"""

import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "node"), os.path.dirname(HERE)]

import grpc

ENDPOINT, COUNT = sys.argv[1], int(sys.argv[2])

from bourse_client import Key, Node, Trader, blake2b, place
from bourse.v1 import services_pb2

IN_FLIGHT = 256


class Running(Node):
    """A node that somebody else started."""

    def __init__(self, endpoint):
        self.endpoint, self.credentials = endpoint, None
        self.open_channel()


def main():
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    node = Running(ENDPOINT)
    trader = Trader(node, "nobody")
    free = threading.Semaphore(IN_FLIGHT)
    sent = 0

    def requests():
        nonlocal sent
        for number in range(COUNT):
            if ended.is_set():
                return
            trader.key = Key(blake2b(b"pauper", str(number).encode()))
            order = trader.make(place("buy", 100, 1), nonce=1)
            free.acquire()
            sent += 1
            yield services_pb2.SubmitRequest(transaction=order)

    try:
        for _ in node.submit.SubmitStream(requests()):
            free.release()
    except grpc.RpcError as error:
        print(f"the stream ended: {error.code().name}", file=sys.stderr)
    print(sent)


if __name__ == "__main__":
    main()
