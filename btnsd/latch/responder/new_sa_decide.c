/* Decides whether a new SA of our own charon may be used, and which guards it concerns. Pure. */
#include "btnsd/latch/responder/new_sa_decide.h"

enum arrival_verdict new_sa_judge(const struct arrival *a)
{
    if (!a->paired)
        return ARRIVAL_UNKNOWN;
    if (!a->expected_in && !a->expected_out)
        return ARRIVAL_MOVED;
    return a->faults ? ARRIVAL_WEAKER : ARRIVAL_ACCEPTED;
}

static bool new_sa_runs_between(const struct sad_entry *sa, const struct btns_addr *from,
                                const struct btns_addr *to)
{
    return btns_addr_ip_equal(&sa->src, from) && btns_addr_ip_equal(&sa->dst, to);
}

bool new_sa_concerns(const struct guard *g, const struct sad_entry *sa, bool incoming)
{
    uint16_t port = incoming == g->mirror ? sa->sel_dport : sa->sel_sport;
    return sa->reqid == g->reqid &&
           (!sa->sel_protocol || sa->sel_protocol == g->service.protocol) &&
           (!port || sa->sel_several_ports || port == g->service.port) &&
           (incoming ? new_sa_runs_between(sa, &g->remote, &g->local)
                     : new_sa_runs_between(sa, &g->local, &g->remote));
}

/* charon keeps the SPI when it follows a peer to another address. */
bool new_sa_replaces(const struct guard *g, const struct sad_entry *sa)
{
    return sa->reqid == g->reqid && sa->spi == g->gone && g->state != GS_FAILED &&
           btns_addr_ip_equal(&sa->src, &g->local) && !btns_addr_ip_equal(&sa->dst, &g->remote);
}
