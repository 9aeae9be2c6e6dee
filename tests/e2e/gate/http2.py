"""Just enough HTTP/2 and gRPC to speak to a server by hand, well or badly.

Standard library only. Every wait has an end; only loopback is ever dialled.
"""

import socket
import ssl
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    0, 1, 2, 3, 4, 6, 7, 8, 9)
END_STREAM, ACK, END_HEADERS = 1, 1, 4

HEALTH_CHECK = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse { status: SERVING }


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def message(payload=b"", flags=0):
    """A gRPC message: flags, length, bytes."""
    return bytes([flags]) + struct.pack(">I", len(payload)) + payload


def literal(name, value):
    """A header without indexing (RFC 7541, 6.2.2); both shorter than 127 bytes."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request(method, extra=b""):
    """The header block of a gRPC call."""
    return (bytes([0x83, 0x86]) + literal(b":path", method.encode()) +
            literal(b":authority", b"localhost") + literal(b"te", b"trailers") +
            literal(b"content-type", b"application/grpc") + extra)


class Target:
    """Where the server is, and how to speak to it."""

    def __init__(self, port, method=HEALTH_CHECK, tls=False):
        self.port = port
        self.method = method
        self.tls = tls

    def tcp(self, timeout=5.0):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def connect(self, timeout=5.0, settings=b""):
        """A connection that has greeted."""
        sock = self.tcp(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.set_alpn_protocols(["h2"])
            sock = context.wrap_socket(sock)
        sock.sendall(PREFACE + frame(SETTINGS, 0, 0, settings))
        return sock

    def headers(self, stream, flags=END_HEADERS):
        return frame(HEADERS, flags, stream, request(self.method))


def frames(sock):
    """Yields (kind, flags, stream, payload) until the connection ends."""
    data = b""
    while True:
        while len(data) >= 9:
            length = int.from_bytes(data[:3], "big")
            if len(data) < 9 + length:
                break
            stream = int.from_bytes(data[5:9], "big") & 0x7fffffff
            yield data[3], data[4], stream, data[9:9 + length]
            data = data[9 + length:]
        more = sock.recv(65536)
        if not more:
            return
        data += more


def health_check(target, timeout=5.0):
    """One honest call on a new connection: True when the server says SERVING."""
    with target.connect(timeout) as sock:
        sock.sendall(frame(HEADERS, END_HEADERS, 1, request(HEALTH_CHECK)) +
                     frame(DATA, END_STREAM, 1, message()))
        answer = b""
        for kind, flags, stream, payload in frames(sock):
            if kind == SETTINGS and not flags & ACK:
                sock.sendall(frame(SETTINGS, ACK, 0))
            if kind == DATA and stream == 1:
                answer += payload
            if stream == 1 and kind == RESET:
                return False
            if stream == 1 and kind in (DATA, HEADERS) and flags & END_STREAM:
                return answer == message(SERVING)
        return False
