# get_when.py ADDRESS PORT FILE: makes a connection and the file; when the file is gone, gets / by it and prints what came.
import os, socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
open(sys.argv[3], "w").close()
while os.path.exists(sys.argv[3]):
    time.sleep(0.005)
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
answer = b""
while part := s.recv(4096):
    answer += part
print(answer.partition(b"\r\n\r\n")[2].decode(), end="")
