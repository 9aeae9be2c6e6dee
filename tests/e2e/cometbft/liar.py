"""Between a CometBFT and its node: what the node proposes, with something that no block may hold."""

import os
import socket
import threading

PREPARE_PROPOSAL = 17  # its field in a Response; `txs` is field 1 in it


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def read_varint(read):
    number, shift = 0, 0
    while True:
        byte = read(1)[0]
        number |= (byte & 0x7f) << shift
        if byte < 0x80:
            return number
        shift += 7


def spoiled(message, garbage):
    """A Response, with one transaction more if it is a proposal."""
    tag = varint(PREPARE_PROPOSAL << 3 | 2)
    if not message.startswith(tag):
        return message, False
    rest = iter(message[len(tag):])
    length = read_varint(lambda _: bytes([next(rest)]))
    body = bytes(rest)[:length] + b"\x0a" + varint(len(garbage)) + garbage
    return tag + varint(len(body)) + body, True


class Liar:
    """Listens at `path` for an engine, and passes on to the node at `node_path`."""

    def __init__(self, path, node_path, garbage):
        self.path, self.node_path, self.garbage = path, node_path, garbage
        self.lies = 0
        self.listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.remove(path)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                engine, _ = self.listener.accept()
            except OSError:
                return
            node = socket.socket(socket.AF_UNIX)
            node.connect(self.node_path)
            threading.Thread(target=self._ask, args=(engine, node), daemon=True).start()
            threading.Thread(target=self._answer, args=(node, engine), daemon=True).start()

    @staticmethod
    def _ask(engine, node):
        while data := engine.recv(65536):
            node.sendall(data)
        node.shutdown(socket.SHUT_RDWR)

    def _answer(self, node, engine):
        stream = node.makefile("rb")
        try:
            while True:
                message = stream.read(read_varint(stream.read))
                message, lied = spoiled(message, self.garbage)
                self.lies += lied
                engine.sendall(varint(len(message)) + message)
        except (IndexError, OSError):
            engine.close()

    def close(self):
        self.listener.close()
