# proved.py VICI OWN PEER FROM TO COMMAND...: on a host whose key OWN is proved to the host with the key PEER, makes its charon ask
# for IKE and child SAs that its btnsd never asks for. Keys are hexadecimal.
#   ikes N                  N more IKE SAs, without child SAs
#   ports FIRST N           a child SA for each of N ports of PEER's, over one IKE SA: says how many came up
#   child SUITE LOCAL REMOTE   a child SA of these traffic selectors: says what became of it
import base64, sys, time
from vici import Vici

path, own, peer, source, target, what, *rest = sys.argv[1:]


def pem(key):
    der = base64.b64encode(bytes.fromhex("302a300506032b6570032100" + key)).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n"


def end(key):
    return {"auth": "pubkey", "id": "keyid:#" + key, "pubkeys": [pem(key)]}


# No two are alike, or charon would take an IKE SA that there is already.
def connection(number, **more):
    return {
        "version": "2",
        "proposals": ["aes256gcm16-prfsha256-x25519"],
        "local_addrs": [source],
        "remote_addrs": [target],
        "mobike": "no",
        "unique": "never",
        "dpd_delay": f"{100 + number}s",
        "local": end(own),
        "remote": end(peer),
        **more,
    }


v = Vici(path)
if what == "ikes":
    for n in range(int(rest[0])):
        v.command("load-conn", **{f"more-{n}": connection(n, childless="force")})
        answer = v.command("initiate", ike=f"more-{n}", timeout="30000")
        v.command("unload-conn", name=f"more-{n}")
        if answer.get("success") != "yes":
            sys.exit(f"{n}: {answer}")
elif what == "ports":
    first, n = map(int, rest)
    children = {
        f"port-{p}": {
            "mode": "transport",
            "policies": "no",
            "local_ts": ["dynamic[6]"],
            "remote_ts": [f"dynamic[6/{p}]"],
            "esp_proposals": ["aes256gcm16"],
        }
        for p in range(first, first + n)
    }
    v.command("load-conn", many=connection(998, children=children))
    up = 0
    for child in children:
        if v.command("initiate", ike="many", child=child, timeout="30000").get("success") != "yes":
            break
        up += 1
    print(up, flush=True)
    # Where PEER has ended the IKE SA meanwhile, charon makes another by itself, for the child that it was asked for.
    none = 0
    for _ in range(60):
        none = 0 if v.stream("list-sas", "list-sa", ike="many") else none + 1
        if none == 3:
            break
        v.command("terminate", ike="many", force="yes", timeout="-1")
        time.sleep(0.5)
    v.command("unload-conn", name="many")
elif what == "child":
    suite, local, remote = rest
    child = {"mode": "transport", "policies": "no", "local_ts": [local], "remote_ts": [remote], "esp_proposals": [suite]}
    v.command("load-conn", other=connection(999, children={"other": child}))
    answer, events = v.logged("initiate", ike="other", child="other", timeout="30000")
    print(answer.get("success"), answer.get("errmsg", ""))
    print("\n".join(e.get("msg", "") for e in events))
    v.command("terminate", ike="other", force="yes", timeout="-1")
    v.command("unload-conn", name="other")  # it would do as responder, too
