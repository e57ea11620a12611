/* What clients may ask: one table of requests, who may make them, and who answers. */
#include "btnsd/requests/table.h"
#include "btnsd/requests/answer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#define ROOT   0x1 /* root alone */
#define SOCKET 0x2 /* a socket must be attached */
#define LONGER 0x4 /* a text follows */

/* Where in a message there are addresses */
#define LOCAL  offsetof(struct btns_flow, local)
#define REMOTE offsetof(struct btns_flow, remote)
#define ASKED  offsetof(struct btns_explain, remote)
#define PEER   offsetof(struct btns_forget, addr)
#define PINNED offsetof(struct btns_pin, addr)

static const struct {
    size_t len;
    unsigned flags;
    bool (*handler)(struct btnsd *d, struct request *r);
    size_t address[2]; /* 0: none */
} table[BTNS_REQ_LAST + 1] = {
    [BTNS_REQ_CONNECT] = {sizeof(struct btns_flow), SOCKET, on_connect, {LOCAL, REMOTE}},
    [BTNS_REQ_LISTEN] = {sizeof(struct btns_flow), SOCKET, on_listen, {LOCAL, REMOTE}},
    [BTNS_MSG_CONNECTING] = {sizeof(struct btns_flow), 0, on_connecting, {LOCAL, REMOTE}},
    [BTNS_MSG_ACCEPTED] = {sizeof(struct btns_flow), 0, on_accepted, {LOCAL, REMOTE}},
    [BTNS_REQ_WHY] = {sizeof(struct btns_flow), 0, on_why, {LOCAL, REMOTE}},
    [BTNS_REQ_EXPLAIN] = {sizeof(struct btns_explain), 0, on_explain, {ASKED, 0}},
    [BTNS_REQ_POLICY] = {sizeof(struct btns_hdr), LONGER, on_policy, {0, 0}},
    [BTNS_REQ_STATUS] = {sizeof(struct btns_hdr), 0, on_status, {0, 0}},
    [BTNS_REQ_LATCHES] = {sizeof(struct btns_hdr), 0, on_latches, {0, 0}},
    [BTNS_REQ_PEERS] = {sizeof(struct btns_hdr), 0, on_peers, {0, 0}},
    [BTNS_REQ_RELOAD] = {sizeof(struct btns_hdr), ROOT, on_reload, {0, 0}},
    [BTNS_REQ_CANDIDATES] = {sizeof(struct btns_candidates), 0, on_candidates, {ASKED, 0}},
    [BTNS_REQ_WATCH] = {sizeof(struct btns_watch), 0, on_watch, {0, 0}},
    [BTNS_REQ_TRY] = {sizeof(struct btns_try), ROOT | SOCKET, on_try, {LOCAL, REMOTE}},
    [BTNS_REQ_NOLATCH] = {sizeof(struct btns_nolatch), ROOT, on_nolatch, {0, 0}},
    [BTNS_REQ_PIN] = {sizeof(struct btns_pin), ROOT, on_pin, {PINNED, 0}},
    [BTNS_REQ_FORGET] = {sizeof(struct btns_forget), ROOT, on_forget, {PEER, 0}},
    [BTNS_REQ_POLICY_ADD] = {sizeof(struct btns_policy_add), LONGER, on_policy_add, {0, 0}},
    [BTNS_REQ_POLICY_REMOVE] = {sizeof(struct btns_policy_name), 0, on_policy_remove, {0, 0}},
    [BTNS_REQ_POLICY_BLOCK] = {sizeof(struct btns_policy_name), 0, on_policy_block, {0, 0}},
    [BTNS_REQ_POLICY_LIST] = {sizeof(struct btns_policy_name), 0, on_policy_list, {0, 0}},
};

/* None, or as btns_addr_from_sa() would have it: addresses are compared octet by octet. */
static bool is_address(const struct btns_addr *a)
{
    struct sockaddr_storage ss;
    struct btns_addr again;
    socklen_t len = btns_addr_to_sa(a, a->family, &ss);
    return !a->family || (len && btns_addr_from_sa(&again, (struct sockaddr *)&ss, len) &&
                          !memcmp(a, &again, sizeof again));
}

static bool has_addresses(const struct request *r)
{
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        struct btns_addr a;
        size_t at = table[r->hdr->type].address[i];
        if (!at)
            continue;
        memcpy(&a, (const char *)r->hdr + at, sizeof a);
        ok &= is_address(&a);
    }
    return ok;
}

bool request_dispatch(void *arg, struct request *r)
{
    unsigned type = r->hdr->type;
    if (r->hdr->version != BTNS_WIRE_VERSION || type > BTNS_REQ_LAST || !table[type].handler)
        return false;
    bool longer = table[type].flags & LONGER;
    if (r->len < table[type].len || (!longer && r->len != table[type].len))
        return false;
    if (!client_is_waiting(r->client))
        *client_about(r->client) = (struct btns_about){.requestor = r->from.uid};
    if (!(table[type].flags & SOCKET) != (r->fd < 0) || !has_addresses(r))
        return false;
    if ((table[type].flags & ROOT) && r->from.uid) {
        answer_end(r->client, r->hdr, EPERM, "only root may do this");
        return true;
    }
    return table[type].handler(arg, r);
}
