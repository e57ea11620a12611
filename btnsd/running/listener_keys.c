/*
 * Sets the keys by which a listener's peers sign (TCP-MD5, TCP-AO) on its socket, and again after a
 * change of rules.
 */
#include "btnsd/running/listener_keys.h"

#include "btnsd/base/log.h"
#include "btnsd/plan/facts.h"
#include "btnsd/running/reset_connection.h"
#include "btnsd/running/sign_socket.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/tcp/ao.h"
#include "btnsd/tcp/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A key that a listener has: for which peers, and with which identifiers (TCP-AO). */
struct keyed_peer {
    struct prefix peer;
    enum sign_auth auth;
    uint8_t send_id, receive_id;
};

struct keyed_peers {
    size_t n;
    struct keyed_peer key[];
};

int listener_keys_set(int fd, int family, const struct listening *plan, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < plan->signs; i++)
        rc = sign_socket(fd, family, &plan->sign[i].peer, plan->sign[i].key, true, err);
    return rc;
}

/* Lists the keys of the plan. */
static size_t list_listener_keys(const struct listening *plan, struct keyed_peer *out)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->signs; i++) {
        const struct listening_sign *s = &plan->sign[i];
        if (s->key->auth == SIGN_MD5)
            out[n++] = (struct keyed_peer){.peer = s->peer, .auth = SIGN_MD5};
        for (unsigned k = 0; k < s->key->aos; k++)
            out[n++] = (struct keyed_peer){.peer = s->peer,
                                           .auth = SIGN_AO,
                                           .send_id = s->key->ao[k].send_id,
                                           .receive_id = s->key->ao[k].receive_id};
    }
    return n;
}

void listener_keys_note(struct latch *l, const struct listening *plan)
{
    free(l->keyed);
    l->keyed = NULL;
    if (!plan->signs)
        return;
    l->keyed = malloc(sizeof *l->keyed + plan->signs * AO_KEYS_MAX * sizeof *l->keyed->key);
    if (l->keyed)
        l->keyed->n = list_listener_keys(plan, l->keyed->key);
    else
        log_warning("out of memory: the keys of port %u stay after a change of rules",
                    l->local.port);
}

static bool listener_key_has_id(const struct sign_key *key, const struct keyed_peer *k)
{
    for (unsigned i = 0; i < key->aos; i++)
        if (key->ao[i].send_id == k->send_id && key->ao[i].receive_id == k->receive_id)
            return true;
    return key->auth == SIGN_MD5;
}

static bool is_keyed_peer(const struct listening *plan, const struct keyed_peer *k)
{
    for (size_t i = 0; i < plan->signs; i++)
        if (plan->sign[i].peer.bits == k->peer.bits &&
            btns_addr_ip_equal(&plan->sign[i].peer.net, &k->peer.net) &&
            plan->sign[i].key->auth == k->auth && listener_key_has_id(plan->sign[i].key, k))
            return true;
    return false;
}

static void remove_listener_key(int fd, int family, const struct keyed_peer *k)
{
    if (k->auth == SIGN_AO)
        tcp_ao_unsign(fd, family, &k->peer.net, k->peer.bits, k->send_id, k->receive_id);
    else
        tcp_unsign(fd, family, &k->peer.net, k->peer.bits);
}

/* Sets new keys before old ones are deleted: if one cannot be set, no peer loses its own. */
static int change_listener_keys(const struct latch *l, int fd, const struct listening *plan,
                                struct err *err)
{
    struct socket_facts f;
    int rc = facts_socket(fd, &f, err);
    if (!rc)
        rc = listener_keys_set(fd, f.family, plan, err);
    for (size_t i = 0; !rc && l->keyed && i < l->keyed->n; i++) {
        if (!is_keyed_peer(plan, &l->keyed->key[i]))
            remove_listener_key(fd, f.family, &l->keyed->key[i]);
    }
    return rc;
}

bool listener_keys_review(struct latch *l, const struct listening *plan)
{
    struct err err = {""};
    int rc = -ESRCH, fd;
    if (!plan->signs && !l->keyed)
        return false;
    fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_SOME);
    if (fd < 0)
        err_set(&err, "process %d does not have the socket", l->pid);
    else if (!reset_is_owners(l, fd))
        err_set(&err, "the socket is another user's");
    else
        rc = change_listener_keys(l, fd, plan, &err);
    if (fd >= 0)
        passed_close(fd, l->uid);
    if (rc) {
        log_warning("port %u: the keys with which its peers sign stay as they were, until the "
                    "program listens anew: %s",
                    l->local.port, err.text);
        return false;
    }
    listener_keys_note(l, plan);
    log_note("port %u: keys of TCP signatures of the new rules are set, for %zu ranges of peers",
             l->local.port, plan->signs);
    return true;
}
