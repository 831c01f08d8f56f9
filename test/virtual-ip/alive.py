"""HAProxy's answer: says the name of its host to whoever asks."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Alive(BaseHTTPRequestHandler):
    def do_GET(self):
        body = sys.argv[1].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("0.0.0.0", 8404), Alive).serve_forever()
