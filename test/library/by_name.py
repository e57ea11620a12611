"""by_name NAME: serves at NAME, and lets curl and a client of its own connect there by it; prints what each saw."""
import http.server
import socket
import subprocess
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = f"by name {self.client_address[0]} {socket.getnameinfo(self.client_address, 0)[0]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


class Server(http.server.HTTPServer):
    address_family = socket.AF_INET6


name = sys.argv[1]
address = socket.getaddrinfo(name, 0, type=socket.SOCK_STREAM)[0][4]
server = Server(address, Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]
said = subprocess.run(["curl", "-sS", "--noproxy", "*", f"http://{name}:{port}/"], capture_output=True, text=True)
print("curl:", said.stdout, said.stderr)
with socket.create_connection((name, port)) as connection:
    print("python:", connection.getpeername()[0], socket.gethostbyaddr(connection.getpeername()[0])[0])
try:
    print("IPv4:", socket.gethostbyname(name))
    sys.exit(1)
except socket.gaierror:
    pass
