# inner_address.py PREFIX HEX: the inner address of the key with these 32 octets: the prefix, and the first 80 bits of the key's SHA-256.
import hashlib, ipaddress, sys
octets = hashlib.sha256(bytes.fromhex(sys.argv[2])).digest()[:10]
print(ipaddress.IPv6Address(ipaddress.IPv6Address(sys.argv[1] + "::").packed[:6] + octets))
