/* Fills in the fields that every message about a socket has in common. */
#include "shim/flow.h"

#include "shim/settings.h"

_Static_assert(sizeof(struct btns_hdr) == 8, "wire layout");
_Static_assert(sizeof(struct btns_addr) == 24, "wire layout");
_Static_assert(sizeof(struct btns_flow) == 80, "wire layout");
_Static_assert(sizeof(struct btns_about) == 8 + BTNS_SERVICE_MAX, "wire layout");
_Static_assert(sizeof(struct btns_verdict_msg) == 40 + BTNS_TEXT_MAX + sizeof(struct btns_about),
               "wire layout");

void flow_init(struct btns_flow *f, enum btns_type type, int protocol, uint64_t cookie)
{
    static uint32_t last_id;
    *f = (struct btns_flow){
        .hdr = {.version = BTNS_WIRE_VERSION,
                .type = (uint16_t)type,
                .id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED)},
        .flags = settings()->flags,
        .protocol = (uint16_t)protocol,
        .cookie = cookie,
        .policy = settings()->policy,
    };
}
