"""A receiver of webhooks: python3 receiver.py, with WEBHOOK_SECRET and PORT set."""

import base64
import hashlib
import hmac
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BYTES = 1024 * 1024
TOLERANCE_SECONDS = 300
KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))

# Keep these where they outlive the process, in the transaction that acts on the event.
seen = set()
lock = threading.Lock()


def is_genuine(headers, body: bytes) -> bool:
    """Whether a delivery is ours and fresh; body is the bytes as they came, before any parser."""
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest())
    expected = b"v1," + digest
    # While a secret is changed there are two signatures, and one of them is ours.
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")
    return any(hmac.compare_digest(expected, one) for one in given)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(min(max(length, 0), MOST_BYTES))
        genuine = is_genuine(self.headers, body)
        if genuine:
            self.handle_event(self.headers["webhook-id"], body)
        self.send_response(204 if genuine else 400)
        self.send_header("content-length", "0")
        self.end_headers()

    def handle_event(self, webhook_id: str, body: bytes):
        with lock:
            if webhook_id in seen:
                return
            seen.add(webhook_id)
            # Inside the lock, or lines of several threads would mix.
            print(webhook_id, body.decode(), flush=True)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver)
    print("listening", flush=True)
    server.serve_forever()
