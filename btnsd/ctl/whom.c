/* Finds the peer that a person means by its name, its host's name, an address or a key. */
#include "btnsd/ctl/whom.h"

#include "libapi/client/conversation.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

struct named {
    const char *name;
    struct whom *whom;
};

static int each_peer(void *arg, const union btns_reply *record, struct err *err)
{
    struct named *n = arg;
    const struct btns_peer_msg *p = &record->peer;
    (void)err;
    if (strcmp(p->name, n->name))
        return 0;
    n->whom->has_key = true;
    n->whom->key = btns_key_of(p->key, false);
    return 0;
}

/* Can it be the name of a peer or a host? Numbers with dots would be looked up as an address. */
static bool is_name(const char *text)
{
    return *text && !strpbrk(text, ":/%") && strspn(text, "0123456789.") != strlen(text);
}

static void add_address(struct whom *w, const struct btns_addr *a)
{
    for (size_t i = 0; i < w->n; i++)
        if (btns_addr_ip_equal(&w->addr[i], a))
            return;
    if (w->n < WHOM_MAX)
        w->addr[w->n++] = *a;
}

static int look_up(const char *what, const char *host, struct whom *w, struct err *err)
{
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int gai = getaddrinfo(host, NULL, &hints, &found);
    if (gai) {
        err_set(err, "%s: '%.200s' is no known peer's name (btnsctl peers), and no host's: %s",
                what, host, gai_strerror(gai));
        return -ENOENT;
    }
    for (const struct addrinfo *ai = found; ai; ai = ai->ai_next) {
        struct btns_addr a;
        if (btns_addr_from_sa(&a, ai->ai_addr, ai->ai_addrlen))
            add_address(w, &a);
    }
    freeaddrinfo(found);
    return 0;
}

int whom_find(const struct ctl *c, const char *what, const char *text, struct whom *w,
              struct err *err)
{
    *w = (struct whom){0};
    struct named named = {text, w};
    if ((w->has_key = btns_key_parse(&w->key, text)))
        return 0;
    if (btns_addr_parse(&w->addr[0], text)) {
        w->n = 1;
        return 0;
    }
    if (!is_name(text)) {
        err_set(err, "%s: '%.200s' is no key (ed25519:...), address, or name of a peer or host",
                what, text);
        return -EINVAL;
    }
    int rc = ask_list(c->socket, BTNS_REQ_PEERS, BTNS_REP_PEER, each_peer, &named, err);
    return rc || w->has_key ? rc : look_up(what, text, w, err);
}
