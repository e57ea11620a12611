/* An IKE SA that carries nothing but the child SA for ICMP errors may be ended. TAP. */
#include "btnsd/ike/private/state.h"
#include "test/unit/check.h"

#include <string.h>

static void add_child(struct vici_msg *m, const char *name)
{
    vici_section(m, name);
    vici_kv(m, "uniqueid", "1");
    vici_section_end(m);
}

/* An event list-sa about an IKE SA with these children, which a NULL ends. */
static bool carries(const char *const *children)
{
    struct vici_msg m;
    vici_init(&m);
    vici_section(&m, "peer-of-ours");
    vici_kv(&m, "state", "ESTABLISHED");
    vici_section(&m, "child-sas");
    for (; *children; children++)
        add_child(&m, *children);
    vici_section_end(&m);
    vici_section_end(&m);
    bool some = vici_ok(&m) && ike_carries_services(m.data, m.len);
    vici_free(&m);
    return some;
}
#define CARRIES(...) carries((const char *const[]){__VA_ARGS__, NULL})

int main(void)
{
    check(!CARRIES(NULL), "no child");
    check(!CARRIES("icmp-3"), "the child for ICMP errors");
    check(!CARRIES("icmp-3", "icmp-4"), "two of it, as in a rekey");
    check(CARRIES("udp-53-7-3"), "a service");
    check(CARRIES("icmp-4", "tcp-80-7-3"), "a service beside it");
    check(CARRIES("in-5"), "a service of ours");
    check(!ike_carries_services("", 0), "nothing at all");
    check(!ike_carries_services("\1\377", 2), "a message that is cut");
    return check_end();
}
