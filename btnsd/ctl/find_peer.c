/* Finds the peer that a person means by its name, its host's name, an address or a key. */
#include "btnsd/ctl/find_peer.h"

#include "libapi/client/ask.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

struct named {
    const char *name;
    struct found_peer *found;
};

static int find_each_peer(void *arg, const union btns_reply *record, struct err *err)
{
    struct named *n = arg;
    const struct btns_peer_msg *p = &record->peer;
    (void)err;
    if (strcmp(p->name, n->name))
        return 0;
    n->found->has_key = true;
    n->found->key = btns_key_of(p->key, false);
    return 0;
}

/* Can it be the name of a peer or a host? Numbers with dots would be looked up as an address. */
static bool is_peer_name(const char *text)
{
    return *text && !strpbrk(text, ":/%") && strspn(text, "0123456789.") != strlen(text);
}

static void add_peer_address(struct found_peer *found, const struct btns_addr *a)
{
    for (size_t i = 0; i < found->n; i++)
        if (btns_addr_ip_equal(&found->addr[i], a))
            return;
    if (found->n < FOUND_PEER_MAX)
        found->addr[found->n++] = *a;
}

static int look_up_peer(const char *what, const char *host, struct found_peer *found,
                        struct err *err)
{
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int gai = getaddrinfo(host, NULL, &hints, &list);
    if (gai) {
        err_set(err, "%s: '%.200s' is no known peer's name (btnsctl peers), and no host's: %s",
                what, host, gai_strerror(gai));
        return -ENOENT;
    }
    for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        struct btns_addr a;
        if (btns_addr_from_sa(&a, ai->ai_addr, ai->ai_addrlen))
            add_peer_address(found, &a);
    }
    freeaddrinfo(list);
    return 0;
}

int find_peer(const struct ctl *c, const char *what, const char *text, struct found_peer *found,
              struct err *err)
{
    *found = (struct found_peer){0};
    struct named named = {text, found};
    if ((found->has_key = btns_key_parse(&found->key, text)))
        return 0;
    if (btns_addr_parse(&found->addr[0], text)) {
        found->n = 1;
        return 0;
    }
    if (!is_peer_name(text)) {
        err_set(err, "%s: '%.200s' is no key (ed25519:...), address, or name of a peer or host",
                what, text);
        return -EINVAL;
    }
    int rc = ask_list(c->socket, BTNS_REQ_PEERS, BTNS_REP_PEER, find_each_peer, &named, err);
    return rc || found->has_key ? rc : look_up_peer(what, text, found, err);
}
