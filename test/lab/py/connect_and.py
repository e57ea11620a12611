# connect_and.py ADDRESS PORT COMMAND...: runs the command while a connection is there.
import socket, subprocess, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
subprocess.run(sys.argv[3:])
