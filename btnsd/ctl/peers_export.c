/* btnsctl peers export: writes the known peers as lines of known_peers, for peers import. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ike/peers/peers_text.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct exporting {
    bool json;
    struct json to;
    struct peer peer; /* the peer whose addresses are being collected */
    bool any;         /* there is such a peer */
};

static void write_exported_peer_json(struct json *j, const struct peer *p, bool self)
{
    char key[BTNS_KEY_STR], ip[BTNS_ADDR_STR];
    json_begin_list(j);
    json_open_record(j, NULL);
    json_string(j, "key", btns_key_str(&p->key, key));
    json_open(j, "addresses", '[');
    for (size_t i = 0; i < p->addrs; i++)
        json_string(j, NULL, btns_addr_ip_str(&p->addr[i], ip));
    json_close(j, ']');
    json_string_or_null(j, "name", p->name);
    json_string(j, "trust", p->trust == BTNS_T_PINNED ? "pinned" : "leap");
    json_bool(j, "no_latch", p->no_latch);
    json_number(j, "first_seen", p->first_seen);
    json_number(j, "last_seen", p->last_seen);
    json_bool(j, "self", self);
    json_close(j, '}');
}

static void write_exported_peer(struct exporting *e, bool self)
{
    if (e->any && e->json)
        write_exported_peer_json(&e->to, &e->peer, self);
    else if (e->any)
        peer_print(stdout, &e->peer);
    e->any = false;
}

static void add_exported_address(struct peer *p, const struct btns_addr *a)
{
    if (a->family && p->addrs < PEER_ADDRS)
        p->addr[p->addrs++] = *a;
}

/* Takes one record; a peer's addresses come one after the other. */
static int export_each_peer(void *arg, const union btns_reply *record, struct err *err)
{
    struct exporting *e = arg;
    const struct btns_peer_msg *m = &record->peer;
    const struct btns_key key = btns_key_of(m->key, false);
    (void)err;
    if (m->shadowed) /* a record from a file of the administrator's follows */
        return 0;
    if (!e->any || !btns_key_equal(&key, &e->peer.key)) {
        write_exported_peer(e, false);
        e->peer = (struct peer){.key = key,
                                .first_seen = m->first_seen,
                                .last_seen = m->last_seen,
                                .trust = m->trust == BTNS_T_PINNED ? BTNS_T_PINNED : BTNS_T_LEAP,
                                .no_latch = m->no_latch};
        if (e->peer.trust == BTNS_T_PINNED && btns_peer_name_ok(m->name))
            memcpy(e->peer.name, m->name, strlen(m->name) + 1);
        e->any = true;
    }
    add_exported_address(&e->peer, &m->addr);
    return 0;
}

/* ---- this host ---- */

static bool is_exported_address(const struct ifaddrs *i, struct btns_addr *a)
{
    struct sockaddr_in6 six;
    if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || i->ifa_flags & IFF_LOOPBACK)
        return false;
    if (i->ifa_addr->sa_family == AF_INET)
        return btns_addr_from_sa(a, i->ifa_addr, sizeof(struct sockaddr_in));
    if (i->ifa_addr->sa_family != AF_INET6)
        return false;
    memcpy(&six, i->ifa_addr, sizeof six);
    return !IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) && btns_addr_from_sa(a, i->ifa_addr, sizeof six);
}

static int find_exported_own_addresses(struct peer *self, struct err *err)
{
    struct ifaddrs *all;
    if (getifaddrs(&all)) {
        int rc = -errno;
        err_set(err, "cannot read this host's addresses: %s", strerror(-rc));
        return rc;
    }
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        struct btns_addr a;
        if (is_exported_address(i, &a))
            add_exported_address(self, &a);
    }
    freeifaddrs(all);
    return 0;
}

/*
 * Describes this host as its peers should pin it: its key, its addresses, and its name if a peer
 * may have such a name.
 */
static int export_self(const struct ctl *c, struct peer *self, struct err *err)
{
    struct btns_hdr m;
    union btns_reply r;
    char host[BTNS_PEER_NAME];
    int rc = ask_one(c->socket, &m, sizeof m, BTNS_REQ_STATUS, BTNS_REP_STATUS, &r, err);
    if (rc)
        return rc;
    *self = (struct peer){.key = btns_key_of(r.status.key, false), .trust = BTNS_T_PINNED};
    self->first_seen = self->last_seen = (uint64_t)time(NULL);
    if (!gethostname(host, sizeof host) && memchr(host, '\0', sizeof host) &&
        btns_peer_name_ok(host) && strcmp(host, "localhost"))
        memcpy(self->name, host, strlen(host) + 1);
    return find_exported_own_addresses(self, err);
}

int ctl_peers_export(const struct ctl *c, struct err *err)
{
    struct exporting e = {.json = c->json, .to = {.to = stdout}, .any = c->self};
    int rc = c->self ? export_self(c, &e.peer, err) : 0;
    if (rc)
        return ctl_exit(rc);
    write_exported_peer(&e, true);
    rc = ask_list(c->socket, BTNS_REQ_PEERS, BTNS_REP_PEER, export_each_peer, &e, err);
    if (rc)
        return ctl_exit(rc);
    write_exported_peer(&e, false);
    if (c->json) {
        json_begin_list(&e.to);
        json_close(&e.to, ']');
    }
    return CTL_OK;
}
