# replay.py CAPTURE spoofed|own: sends bob twice each UDP packet that alice sent him in the capture, from her address or from this
# host's own.
import socket, struct, sys
data, at = open(sys.argv[1], "rb").read(), 24
end = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
packets = []
while at < len(data):
    n = struct.unpack(end + "I", data[at + 8:at + 12])[0]
    ip = data[at + 16 + 14:at + 16 + n]
    at += 16 + n
    if ip[12:16] == socket.inet_aton("10.77.0.1"):
        packets.append(ip[:26] + b"\0\0" + ip[28:])  # no UDP checksum: in a capture at the sender it is not finished
for ip in packets * 2:
    if sys.argv[2] == "spoofed":
        raw.sendto(ip, ("10.77.0.2", 0))
    else:
        own.sendto(ip[28:], ("10.77.0.2", struct.unpack("!H", ip[22:24])[0]))
print(len(packets), "packets")
