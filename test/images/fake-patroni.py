"""A REST API that answers every GET with the file ANSWER: its first line is the HTTP status, the rest the body.

Usage: fake-patroni.py ANSWER CA CERTIFICATE KEY. Like Patroni's it asks its client for a certificate.
"""
import http.server
import ssl
import sys

answer, ca, certificate, key = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(answer) as file:
            status, _, body = file.read().partition("\n")
        self.send_response(int(status) if self.path == "/patroni" else 404)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
tls.verify_mode = ssl.CERT_REQUIRED
tls.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("localhost", 8008), Handler)
server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
