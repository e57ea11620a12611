/* Opens btnsd's interfaces to the kernel, and checks which suites the kernel has. */
#include "btnsd/start/kernel_open.h"
#include "btnsd/base/log.h"
#include "btnsd/xfrm/addresses.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static void highest_kernel_reqid(void *arg, const struct sad_entry *sa)
{
    uint32_t *most = arg;
    if (reqid_is_ours(sa->reqid) && sa->reqid > *most)
        *most = sa->reqid;
}

/*
 * Warns if the kernel lacks a suite, as rules that ask for it fail closed. Without any suite, btnsd
 * does not start.
 */
static int probe_kernel_suites(struct btnsd *d, struct err *err)
{
    unsigned available = 0;
    int rc = 0;
    for (const struct suite *s = suites; s->name; s++) {
        int missing = xfrm_probe(d->xfrm, s->kernel, s->key_bits);
        if (missing) {
            rc = missing;
            log_warning("this kernel does not offer ESP with %s: %s", s->name, strerror(-missing));
        }
        available += !missing;
    }
    if (available)
        return 0;
    err_set(err, "this kernel has no ESP (%s): load esp4 and esp6, or boot one that has it",
            strerror(-rc));
    return rc;
}

int kernel_open(struct btnsd *d, const char *reqids, struct err *err)
{
    uint32_t used = 0;
    struct err without;
    d->sockets = sockdiag_open(IPPROTO_TCP, err);
    d->datagrams = d->sockets ? sockdiag_open(IPPROTO_UDP, err) : NULL;
    /* Opened before the addresses are read, so that no change is missed. */
    d->addresses = addresses_open(err);
    if (!d->sockets || !d->datagrams || !d->addresses || sysctl_larval_drop_off(err))
        return -EIO;
    int rc = probe_kernel_suites(d, err);
    if (rc)
        return rc;
    if (sysctl_tcp_probing_on(&without)) /* most paths work without it */
        log_warning("%s", without.text);
    sad_dump(d->xfrm, highest_kernel_reqid, &used);
    pairs_read(&d->guards.pairs, reqids);
    pairs_init(&d->guards.pairs, used);
    d->floors.xfrm = d->xfrm;
    own_ipv6_spare(d->xfrm);
    return 0;
}
