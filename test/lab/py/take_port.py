# take_port.py: binds UDP port 500 as soon as it is free, and keeps it until there is a line on standard input.
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        s.bind(("0.0.0.0", 500))
        break
    except OSError:
        time.sleep(0.005)
print("taken", flush=True)
sys.stdin.readline()
