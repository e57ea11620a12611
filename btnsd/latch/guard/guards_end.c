/* Ends the guards when btnsd ends; the SPD entries of live connections stay in the kernel. */
#include "btnsd/latch/guard/guards_end.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/late_sends.h"
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/latch/guard/table.h"

#include <stdlib.h>

void guards_ike_ends(struct guards *gs)
{
    for (struct guard *g = gs->list; g; g = g->next)
        g->task = g->renewing = NULL; /* the key manager frees them when it ends */
    icmp_errors_ike_ends(gs);
    gs->ike = NULL;
}

/*
 * What the entries of a guard with live connections do after the end of btnsd. charon's SAs are
 * deleted, so a template of their reqid lets nothing pass. The SAs of another key manager are still
 * there: their guard has to block.
 */
static enum spd_action action_of_live(const struct guard *g)
{
    return g->left_reqid || g->keying->by_spi ? SPD_BLOCK : SPD_ESP;
}

void guards_clear(struct guards *gs)
{
    char ip[BTNS_ADDR_STR];
    while (gs->list) {
        struct guard *g = gs->list;
        uint32_t time_wait;
        bool live = (g->ever_up || g->left_reqid) && guard_in_use(g, &time_wait) && !time_wait;
        if (live || !guard_stays_for_sas(g))
            guard_spd(g, live ? action_of_live(g) : guard_resting(g), 0);
        if (live)
            log_rated(log_note, "services with latched connections",
                      "%s %s/%u: latched connections live: nothing of them passes until btnsd runs "
                      "again",
                      btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol),
                      g->service.port);
        if (live)
            g->left_before = 0; /* the next btnsd brings back the guard that g has replaced */
        guard_end(g);           /* may add a guard to the list: the one that g has replaced */
    }
    late_sends_end(gs);
    other_sources_free(gs);
    icmp_errors_free(gs);
    guards_free_tables(gs);
    free(gs->foreign);
    gs->foreign = NULL;
    gs->foreigners = gs->foreign_room = 0;
}
