/* Prints which end of a latch is behind a NAT (latching -02, section 3; L10). */
#include "btnsd/ctl/nat.h"

const char *nat_addr_str(const struct btns_latch_msg *l, const struct btns_addr *a, uint32_t end,
                         char buf[NAT_ADDR_STR])
{
    char plain[BTNS_ADDR_STR];
    snprintf(buf, NAT_ADDR_STR, "%s%s", btns_addr_str(a, plain), l->nat & end ? "(nat)" : "");
    return buf;
}

static const char *nat_address(const struct btns_addr *a, bool known, char buf[BTNS_ADDR_STR])
{
    return known && a->family ? btns_addr_ip_str(a, buf) : NULL;
}

void nat_json(struct json *j, const struct btns_latch_msg *l)
{
    char inner[BTNS_ADDR_STR], outer[BTNS_ADDR_STR];
    bool behind = l->nat & BTNS_NAT_REMOTE;
    if (!l->nat && !l->encap_remote) {
        json_string(j, "nat", NULL);
        return;
    }
    json_open(j, "nat", '{');
    json_bool(j, "local", l->nat & BTNS_NAT_LOCAL);
    json_bool(j, "remote", behind);
    json_string(j, "remote_inner", nat_address(&l->inner, behind, inner));
    json_string(j, "remote_outer", nat_address(&l->remote, behind, outer));
    json_number_or_null(j, "encapsulation_local_port", l->encap_local);
    json_number_or_null(j, "encapsulation_remote_port", l->encap_remote);
    json_close(j, '}');
}
