# connect_and.py ADDRESS PORT COMMAND...: makes a connection and runs the command while the connection is open.
import socket, subprocess, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
subprocess.run(sys.argv[3:])
