/* btnsctl status: the state of btnsd, and what a person should mend. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/requests/table.h"
#include "btnsd/requests/troubles.h"

#include "btnsd/ike/system/system.h"
#include <string.h>
#include <unistd.h>

bool on_status(struct btnsd *d, struct request *r)
{
    struct btns_status_msg m = {
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_STATUS, r->hdr->id},
        .pid = (uint32_t)getpid(),
        .charon_pid = (uint32_t)ike_charon_pid(d->ike),
        .generation = d->rules->generation,
        .rules = (uint32_t)d->rules->n,
        .peers = (uint32_t)peers_count(d->peers),
        .guards = d->guards.count,
        .latches = (uint32_t)registry_count(d->latches),
        .started = d->started,
        .version = BTNS_VERSION,
        .charon_off = ike_is_off(d->ike),
        .latching_off = d->guards.off,
    };
    for (const struct guard *g = d->guards.list; g; g = g->next)
        m.guards_of[g->source.keys]++;
    system_text(d->system, m.system, sizeof m.system);
    memcpy(m.key, d->host.pub.raw, sizeof m.key);
    snprintf(m.refused, sizeof m.refused, "%s", d->refused);
    snprintf(m.in_force, sizeof m.in_force, "%s", d->in_force);
    troubles_list(d, m.wrong, sizeof m.wrong);
    client_send(r->client, &m, sizeof m, -1);
    return true;
}
