"""Peers that mean ill: with a validator's key, as clients and as servers. Loopback only."""

import os
import socket
import ssl
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "gate"))

import http2
from attacks import CLOSED, drain
from http2 import (CONTINUATION, DATA, END_HEADERS, GOAWAY, HEADERS, PING, PREFACE, RESET, SETTINGS,
                   WINDOW_UPDATE, frame, literal, message)

METHOD = "/bourse.v1.PeerService/Exchange"
PUSH_PROMISE = 5
GENESIS = bytes([7]) + bytes(31)


class Key:
    """The certificate of a node, as files."""

    def __init__(self, folder, number):
        self.files = [os.path.join(folder, f"{number}.{kind}") for kind in ("crt", "key")]

    def client(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(*self.files)
        context.set_alpn_protocols(["h2"])
        return context

    def server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        context.set_alpn_protocols(["h2"])
        return context


class PeerTarget(http2.Target):
    """A node, spoken to with a key of its book; for all of attacks.KINDS."""

    def __init__(self, port, key):
        super().__init__(port, METHOD, tls=True)
        self.key = key

    def connect(self, timeout=5.0, settings=b""):
        sock = self.tcp(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock = self.key.client().wrap_socket(sock)
        sock.sendall(PREFACE + frame(SETTINGS, 0, 0, settings))
        return sock


# --- Protobuf by hand.

def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value % 128 + 128])
        value //= 128
    return out + bytes([value])


def field(number, value):
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def number(at, value):
    return bytes([at << 3]) + varint(value)


def hello(genesis=GENESIS, version=1, software=b"test"):
    return field(1, field(1, genesis) + number(2, version) + field(3, software))


def batch(*messages):
    return field(2, b"".join(field(1, m) for m in messages))


def part(left, data):
    return field(3, number(1, left) + field(2, data))


# What no honest node sends: frames, after the key is accepted.
BAD_FRAMES = {
    "no_hello": [batch(b"x")],
    "garbage": [b"\xff" * 100],
    "malformed_hello": [hello(genesis=b"short")],
    "second_hello": [hello(), hello()],
    "unknown_frame": [hello(), b""],
    "empty_batch": [hello(), field(2, b"")],
    "many_messages": [hello(), field(2, field(1, b"") * 1025)],
    "gibibyte_in_pieces": [hello(), part(1 << 30, b"x" * 1000)],
    "piece_out_of_place": [hello(), part(5, b"x"), part(7, b"x")],
    "cut_off": [hello(), batch(b"x" * 100)[:-10]],
}


def say(target, frames, seconds=5.0):
    """Opens a stream and sends frames as messages; True if the node ended it in time."""
    try:
        with target.connect(seconds) as sock:
            sock.sendall(target.headers(1))
            for one in frames:
                data = message(one)
                for at in range(0, len(data), 16384):
                    sock.sendall(frame(DATA, 0, 1, data[at:at + 16384]))
            for kind, flags, stream, _ in http2.frames(sock):
                if stream == 1 and (kind == RESET or kind == HEADERS and flags & 1):
                    return True
                if kind == SETTINGS and not flags & 1:
                    sock.sendall(frame(SETTINGS, 1, 0))
    except socket.timeout:
        return False
    except CLOSED:
        pass
    return True


def gibibyte(target, until):
    """One message that says it has 1 GiB, and some of it."""
    while time.monotonic() < until:
        try:
            with target.connect(1.0) as sock:
                sock.sendall(target.headers(1) + frame(DATA, 0, 1, b"\0" + struct.pack(">I", 1 << 30)))
                while time.monotonic() < until:
                    sock.sendall(frame(DATA, 0, 1, bytes(16384)))
        except CLOSED:
            time.sleep(0.01)


# --- Servers.

ANSWER = b"\x88" + literal(b"content-type", b"application/grpc")
OPEN = frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, ANSWER)

# What a server says first, and then for ever.
SERVERS = {
    "not_http2": (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"x" * 1000),
    "settings": (OPEN, frame(SETTINGS, 0, 0) * 1000),
    "pings": (OPEN, frame(PING, 0, 0, b"12345678") * 1000),
    "acks": (OPEN, frame(PING, 1, 0, b"12345678") * 1000),
    "windows": (OPEN, frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\x01") * 1000),
    "headers": (frame(SETTINGS, 0, 0) + frame(HEADERS, 0, 1, ANSWER),
                frame(CONTINUATION, 0, 1, b"\x00\x01a\x7f\x81\x00" + b"v" * 256)),
    "many_headers": (OPEN, frame(HEADERS, END_HEADERS, 1, ANSWER) * 100),
    "goaways": (OPEN, frame(GOAWAY, 0, 0, bytes(8)) * 100),
    "pushes": (OPEN, frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + ANSWER) * 100),
    "resets": (OPEN, frame(RESET, 0, 1, b"\0\0\0\x08") * 1000),
    "unknown": (OPEN, frame(0xfa, 0, 0, b"?" * 16) * 1000),
    "empty_data": (OPEN, frame(DATA, 0, 1) * 1000),
    "crumbs": (OPEN + frame(DATA, 0, 1, message(bytes(1 << 20))[:5]), frame(DATA, 0, 1, b"x") * 1000),
    "gibibyte": (OPEN + frame(DATA, 0, 1, b"\0" + struct.pack(">I", 1 << 30)),
                 frame(DATA, 0, 1, bytes(16384)) * 10),
    "small_messages": (OPEN + frame(DATA, 0, 1, message(hello())),
                       frame(DATA, 0, 1, message(batch(b""))) * 1000),
    "large_messages": (OPEN + frame(DATA, 0, 1, message(hello())),
                       b"".join(frame(DATA, 0, 1, message(part(6000 * (99 - i), b"x" * 6000)))
                                for i in range(100))),
    "silent": (b"", b""),
    "opened_only": (OPEN, b""),
}


class Server:
    """Listens with a node's key; what it says can be changed."""

    def __init__(self, key):
        self._context = key.server()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.kind = "silent"
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock, self.kind), daemon=True).start()

    def _serve(self, sock, kind):
        try:
            sock.settimeout(5.0)
            with self._context.wrap_socket(sock, server_side=True) as stream:
                self.accepted += 1
                first, then = SERVERS[kind]
                if kind != "silent":
                    stream.recv(65536)
                stream.sendall(first)
                while self.kind == kind:
                    if then:
                        stream.sendall(then)
                    else:
                        time.sleep(0.05)
        except CLOSED:
            pass
