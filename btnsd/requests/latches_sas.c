/*
 * Fills in the SAs of a guard, with the octets and packets that each has carried (latching -02,
 * 2.2).
 */
#include "btnsd/requests/latches_sas.h"

#include "btnsd/latch/guard/keying.h"

static bool latch_sas_has_spi(const uint32_t *spi, size_t n, uint32_t which)
{
    while (n && spi[n - 1] != which)
        n--;
    return n;
}

/* Does the SA carry g's packets? Compares as the kernel does: reqid and selector, or SPIs. */
static bool latch_sas_carries(const struct guard *g, const struct sad_entry *sa, bool out)
{
    const struct btns_addr *from = out ? &g->local : &g->remote, *to = out ? &g->remote : &g->local;
    uint16_t port = out == g->mirror ? sa->sel_sport : sa->sel_dport;
    if (!btns_addr_ip_equal(&sa->src, from) || !btns_addr_ip_equal(&sa->dst, to))
        return false;
    if (g->keying->by_spi)
        return latch_sas_has_spi(out ? g->sa : g->sa_in, g->sas, sa->spi);
    return (!sa->sel_protocol || sa->sel_protocol == g->service.protocol) &&
           (!port || port == g->service.port);
}

void latch_sas_fill(const struct sad_snapshot *sad, const struct guard *g,
                    struct btns_latch_sa sa[BTNS_LATCH_SAS])
{
    size_t n = 0, count;
    const struct sad_entry *e = sad_snapshot_of(sad, g->reqid, &count);
    for (; count; e++, count--) {
        bool out = latch_sas_carries(g, e, true);
        if (n == BTNS_LATCH_SAS || (!out && !latch_sas_carries(g, e, false)))
            continue;
        sa[n++] = (struct btns_latch_sa){.spi = e->spi,
                                         .flags = (out ? BTNS_SA_OUT : 0) |
                                                  (out && e->spi == g->spi ? BTNS_SA_USED : 0),
                                         .packets = e->packets,
                                         .octets = e->octets};
    }
}
