# ao_options.py CAPTURE PORT: of each TCP segment of that port: "alice" or "bob" (who sent it) and KeyID, RNextKeyID of its option
# of TCP-AO (kind 29, RFC 5925, section 2.2), or "none".
import struct, sys
data, port = open(sys.argv[1], "rb").read(), int(sys.argv[2])
at = 24
while at < len(data):
    size, = struct.unpack_from("<I", data, at + 8)
    packet = data[at + 30:at + 16 + size] # behind Ethernet's header
    kind, = struct.unpack_from("!H", data, at + 28)
    at += 16 + size
    if kind == 0x0800 and packet[9] == 6: tcp = packet[(packet[0] & 15) * 4:struct.unpack_from("!H", packet, 2)[0]]
    elif kind == 0x86dd and packet[6] == 6: tcp = packet[40:]
    else: continue
    source, target = struct.unpack_from("!HH", tcp)
    if port not in (source, target): continue
    options, found = tcp[20:(tcp[12] >> 4) * 4], "none"
    while options and options[0] != 0:
        length = 1 if options[0] == 1 else options[1]
        if options[0] == 29: found = "%d %d" % (options[2], options[3])
        options = options[length:]
    print("bob" if source == port else "alice", found)
