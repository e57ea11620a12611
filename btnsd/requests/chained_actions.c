/*
 * Carries out a rule's `sign` and `random-port` on the passed socket, before the verdict is sent.
 */
#include "btnsd/requests/chained_actions.h"

#include "btnsd/running/sign_socket.h"
#include "btnsd/tcp/tcp.h"

#include <errno.h>
#include <string.h>

/* A program that has bound its socket to a port keeps it. */
static int chain_random_port(int fd, const struct socket_facts *f, struct err *err)
{
    int rc = f->local.port ? 0 : tcp_bind_random(fd, f->family, &f->local);
    if (!rc)
        return 0;
    err_set(err, "no unpredictable source port is free (random-port): %s", strerror(-rc));
    return -EADDRNOTAVAIL;
}

int chained_connect(int fd, const struct socket_facts *f, const struct rule *rule,
                    const struct btns_addr *remote, struct err *err)
{
    const struct prefix peer = {.net = *remote, .bits = btns_addr_bits(remote)};
    int rc = rule && rule->sign ? sign_socket(fd, f->family, &peer, rule->sign, false, err) : 0;
    if (!rc && rule && rule->random_port)
        rc = chain_random_port(fd, f, err);
    return rc;
}
