"""A small threaded HTTP/1.1 server with persistent connections.

werkzeug's own request handler closes every connection after one answer. That would hide the connection reuse
of the SDK and add a handshake to each call, so the handler below keeps connections open, and it can also
break them in the ways that a fault rule asks for.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import struct
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from app import Emulator, Reply


class _Handler(MotoRequestHandler):
    """Serves requests on one connection until the client leaves or a fault cuts it."""

    protocol_version = "HTTP/1.1"
    # Without this the second segment of an answer waits for a delayed acknowledgement on a kept connection.
    disable_nagle_algorithm = True
    rbufsize = 1 << 16

    def run_wsgi(self) -> None:
        body = self._read_body()
        environ = self.make_environ()
        emulator: Emulator = self.server.app  # type: ignore[assignment]
        self._send(emulator.respond(environ, body))

    def _read_body(self) -> bytes:
        """Reads the whole body. A rest left on the connection would be taken for the next request."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, reply: Reply) -> None:
        if reply.reset:
            self._abort()
            return
        answer = reply.answer
        bodiless = self.command == "HEAD" or answer.status in (204, 304) or answer.status < 200
        reason = http.client.responses.get(answer.status, "")
        lines = [f"HTTP/1.1 {answer.status} {reason}"]
        promised = "" if not bodiless else answer.header("content-length")
        for key, value in answer.headers:
            if key.lower() not in ("content-length", "connection", "transfer-encoding"):
                lines.append(f"{key}: {value}")
        if not bodiless:
            lines.append(f"Content-Length: {len(answer.body)}")
        elif promised and answer.status != 204:
            lines.append(f"Content-Length: {promised}")
        body = b"" if bodiless else answer.body
        if reply.truncate:
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)

    def _abort(self) -> None:
        """Sends a TCP reset: lingering for zero seconds turns the close into one."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())

    def log(self, type: str, message: str, *args: Any) -> None:
        """Silent: the emulator keeps its own log of requests."""


def listen(emulator: Emulator, port: int) -> BaseWSGIServer:
    """Binds to the loopback address; port 0 picks a free one."""
    return make_server("127.0.0.1", port, emulator, threaded=True, request_handler=_Handler)  # type: ignore[arg-type]
