# try_connect.py ADDRESS PORT SECONDS: connects; ends with an error if the connection is not there in time.
import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3]))
