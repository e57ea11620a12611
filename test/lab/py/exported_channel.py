# What ipsec_export_channel_info() wrote, which is on standard input:
#   exported_channel.py has KEY              ends with 0 if the key is in it
#   exported_channel.py replace KEY OTHER    prints it with another key
# Keys are "ed25519:BASE64".
import base64, sys


def octets(key):
    return base64.b64decode(key.split(":")[1])


text = sys.stdin.read().strip().split(":")[1]
items = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
if sys.argv[1] == "has":
    sys.exit(octets(sys.argv[2]) not in items)
items = items.replace(octets(sys.argv[2]), octets(sys.argv[3]))
print("btns1:" + base64.urlsafe_b64encode(items).decode().rstrip("="))
