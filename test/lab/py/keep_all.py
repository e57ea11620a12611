# keep_all.py PORT: accepts connections and keeps them open.
import socket, sys
s, kept = socket.create_server(("", int(sys.argv[1])), backlog=200), []
while True:
    kept.append(s.accept())
