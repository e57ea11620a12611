/* The kernel's reports of new and lost SAs. */
#include "btnsd/reports/sa_events.h"
#include "test/fuzz/request/played.h"

#include <netinet/in.h>
#include <string.h>

void sa_event(unsigned how)
{
    struct guard *g = d.guards.list;
    for (unsigned i = how >> 4; g && i--;)
        g = g->next;
    if (!g)
        return;
    struct xfrm_event ev = {.type = how & 1 ? XFRM_EV_SA_GONE : XFRM_EV_SA_NEW};
    ev.sa = (struct sad_entry){.src = g->local,
                               .dst = g->remote,
                               .spi = 1000 + (how >> 1 & 3),
                               .reqid = g->reqid,
                               .protocol = IPPROTO_ESP,
                               .mode = XFRM_MODE_TRANSPORT,
                               .sel_protocol = g->service.protocol,
                               .key_bits = how & 8 ? 160 : 288};
    *(g->mirror ? &ev.sa.sel_sport : &ev.sa.sel_dport) = g->service.port;
    strcpy(ev.sa.alg, "rfc4106(gcm(aes))");
    sa_events_xfrm_event(&d.guards, &ev);
}

void mirror_event(unsigned how)
{
    struct btns_key key = {.raw = {(uint8_t)(how & 3)}};
    const struct pair *pair = pair_get(&d.guards.pairs, &key, NULL);
    struct xfrm_event ev = {.type = XFRM_EV_SA_NEW};
    demand(pair != NULL);
    ev.sa = (struct sad_entry){.src = own_address(AF_INET),
                               .dst = own_address(AF_INET),
                               .spi = 2000 + how,
                               .reqid = pair->reqid,
                               .protocol = IPPROTO_ESP,
                               .mode = XFRM_MODE_TRANSPORT,
                               .sel_protocol = IPPROTO_TCP,
                               .sel_sport = 80,
                               .key_bits = 288};
    ev.sa.dst.ip[3] = (uint8_t)(how >> 4);
    strcpy(ev.sa.alg, "rfc4106(gcm(aes))");
    sa_events_xfrm_event(&d.guards, &ev);
}
