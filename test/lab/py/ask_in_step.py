"""ask_in_step.py ADDRESS PORT START PAUSE...: from the time START on (seconds since 1970), asks a datagram server there once, and
again after each pause, so that programs on several hosts ask and stop at the same moments."""
import socket, sys, time

address, port, start, *pauses = sys.argv[1:]
due = float(start)
for pause in [0, *map(float, pauses)]:
    due = max(due + pause, time.time())
    time.sleep(max(0, due - time.time()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(60)
        for _ in range(3):
            s.sendto(b'a question', (address, int(port)))
            try:
                s.recv(100)
                break
            except socket.timeout:
                continue
        else:
            sys.exit('no answer')
print('all answered', flush=True)
