/* Sets the keys of a rule that signs on a socket, by TCP-MD5 or TCP-AO. */
#include "btnsd/running/sign_socket.h"

#include "btnsd/tcp/ao.h"
#include "btnsd/tcp/tcp.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <string.h>

/*
 * The kernel's names of the algorithms, and the length of their codes in octets (RFC 5926, section
 * 3.1).
 */
static const struct {
    const char *name;
    uint8_t mac_len;
} algorithms[] = {
    [AO_HMAC_SHA_1_96] = {"hmac(sha1)", 12},
    [AO_AES_128_CMAC_96] = {"cmac(aes128)", 12},
};

static int set_ao_keys(int fd, int family, const struct prefix *peer, const struct ao_key *k,
                       bool listens)
{
    const struct tcp_ao_key key = {
        .send_id = k->send_id,
        .receive_id = k->receive_id,
        .algorithm = algorithms[k->algorithm].name,
        .mac_len = algorithms[k->algorithm].mac_len,
        .secret = k->secret,
        .len = k->len,
        .current = k->current && !listens,
        .next = k->next && !listens,
    };
    return tcp_ao_sign(fd, family, &peer->net, peer->bits, &key);
}

static void explain_ao_refusal(int rc, const struct sign_key *key, struct err *err)
{
    char needs[TCP_AO_NEEDS];
    if (rc == -ENOPROTOOPT)
        err_set(err, "the kernel does not sign with the keys in %s (auth = ao): %s", key->file,
                tcp_ao_needs(needs));
    else
        err_set(err, "the kernel does not sign with the keys in %s (TCP-AO): %s%s", key->file,
                strerror(-rc),
                rc == -EKEYREJECTED ? ": the socket has a TCP-MD5 key for this peer" : "");
}

int sign_living_socket(int fd, int family, const struct prefix *peer, const struct sign_key *key,
                       struct err *err)
{
    int rc = 0;
    uint8_t next = 0;
    for (unsigned i = 0; !rc && i < key->aos; i++) {
        struct ao_key k = key->ao[i];
        if (k.next)
            next = k.receive_id;
        k.current = k.next = false; /* RNextKeyID settles which key each side uses */
        rc = set_ao_keys(fd, family, peer, &k, false);
    }
    if (!rc)
        rc = tcp_ao_ask_for(fd, next);
    if (!rc)
        return 0;
    explain_ao_refusal(rc, key, err);
    return -ENOKEY;
}

int sign_socket(int fd, int family, const struct prefix *peer, const struct sign_key *key,
                bool listens, struct err *err)
{
    int rc = 0;
    if (key->auth == SIGN_MD5)
        rc = tcp_sign(fd, family, &peer->net, peer->bits, key->secret, key->len);
    for (unsigned i = 0; !rc && i < key->aos; i++)
        rc = set_ao_keys(fd, family, peer, &key->ao[i], listens);
    if (!rc)
        return 0;
    if (key->auth == SIGN_AO)
        explain_ao_refusal(rc, key, err);
    else
        err_set(err, "the kernel does not sign with the key in %s (TCP-MD5): %s", key->file,
                strerror(-rc));
    return -ERRNO_UNPROTECTED;
}
