/* The child SAs of an IKE SA, as charon lists them (no I/O). */
#include "btnsd/ike/private/state.h"

#include <string.h>

/* "IKE { ... child-sas { CHILD-NUMBER { ... } ... } }" */
bool ike_carries_services(const void *list_sa, size_t len)
{
    enum { CHILDREN = 2, CHILD = 3 };
    struct vici_reader r;
    struct vici_item it;
    unsigned depth = 0;
    bool in_children = false;
    vici_reader_init(&r, list_sa, len);
    while (vici_next(&r, &it) > VICI_END) {
        depth += it.type == VICI_SECTION;
        if (it.type == VICI_SECTION && depth == CHILDREN)
            in_children = !strcmp(it.name, "child-sas");
        if (it.type == VICI_SECTION && depth == CHILD && in_children &&
            strncmp(it.name, ICMP_CHILD "-", sizeof ICMP_CHILD))
            return true;
        depth -= it.type == VICI_SECTION_END;
    }
    return false;
}
