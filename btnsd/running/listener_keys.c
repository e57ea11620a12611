/* Keys with which a listener's peers sign (TCP-MD5): set on its socket, and again after a change.
 */
#include "btnsd/running/listener_keys.h"

#include "btnsd/base/log.h"
#include "btnsd/plan/facts.h"
#include "btnsd/running/reset.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/tcp/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct keyed_peers {
    size_t n;
    struct prefix peer[];
};

int listener_keys_set(int fd, int family, const struct listening *plan, struct err *err)
{
    for (size_t i = 0; i < plan->signs; i++) {
        const struct listening_sign *s = &plan->sign[i];
        int rc = tcp_sign(fd, family, &s->peer.net, s->peer.bits, s->key->secret, s->key->len);
        if (!rc)
            continue;
        err_set(err, "the kernel does not sign with the key in %s (TCP-MD5): %s", s->key->file,
                strerror(-rc));
        return -ENOKEY;
    }
    return 0;
}

void listener_keys_note(struct latch *l, const struct listening *plan)
{
    free(l->keyed);
    l->keyed = NULL;
    if (!plan->signs)
        return;
    l->keyed = malloc(sizeof *l->keyed + plan->signs * sizeof *l->keyed->peer);
    if (!l->keyed) {
        log_warning("out of memory: the keys of port %u stay after a change of rules",
                    l->local.port);
        return;
    }
    l->keyed->n = plan->signs;
    for (size_t i = 0; i < plan->signs; i++)
        l->keyed->peer[i] = plan->sign[i].peer;
}

static bool is_keyed(const struct listening *plan, const struct prefix *p)
{
    for (size_t i = 0; i < plan->signs; i++)
        if (plan->sign[i].peer.bits == p->bits &&
            btns_addr_ip_equal(&plan->sign[i].peer.net, &p->net))
            return true;
    return false;
}

/* New keys come first: if one cannot be set, no peer loses its own. */
static int change_keys(const struct latch *l, int fd, const struct listening *plan, struct err *err)
{
    struct socket_facts f;
    int rc = facts_socket(fd, &f, err);
    if (!rc)
        rc = listener_keys_set(fd, f.family, plan, err);
    for (size_t i = 0; !rc && l->keyed && i < l->keyed->n; i++) {
        const struct prefix *p = &l->keyed->peer[i];
        if (!is_keyed(plan, p))
            tcp_unsign(fd, f.family, &p->net, p->bits);
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
    else if (!latch_owns(l, fd))
        err_set(&err, "the socket is another user's");
    else
        rc = change_keys(l, fd, plan, &err);
    if (fd >= 0)
        passed_close(fd, l->uid);
    if (rc) {
        log_warning("port %u: the keys with which its peers sign stay as they were, until the "
                    "program listens anew: %s",
                    l->local.port, err.text);
        return false;
    }
    listener_keys_note(l, plan);
    log_note("port %u: keys of TCP signatures for %zu ranges of peers are those of the new rules",
             l->local.port, plan->signs);
    return true;
}
