# take_all.py PORT...: reads what its connections send, at each port, and says nothing.
import selectors, socket, sys
ready = selectors.DefaultSelector()
for port in sys.argv[1:]:
    l = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    ready.register(l, selectors.EVENT_READ, True)
while True:
    for key, _ in ready.select():
        if key.data: ready.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
        else:
            try: more = key.fileobj.recv(1000)
            except OSError: more = b""
            if not more:
                ready.unregister(key.fileobj)
                key.fileobj.close()
