/*
 * Learns the address that a peer has behind its NAT (L10), where charon only shows the NAT's
 * address.
 */
#include "btnsd/ike/private/state.h"

#include <string.h>

/*
 * In transport mode the traffic selectors have the sender's own addresses (RFC 7296, section
 * 2.23.1), but charon shows them only when it refuses them. So the end behind a NAT asks, in the
 * proved IKE SA, for a child SA that no btnsd accepts. Nothing but the peer's word says that the
 * address is right, but the word is proved to be this peer's.
 */

/* Finds the name of the IKE SA: the message's only section at the top level. */
static bool ike_name(const void *body, size_t len, char name[IKE_NAME])
{
    struct vici_reader r;
    struct vici_item it;
    vici_reader_init(&r, body, len);
    while (vici_next(&r, &it) > VICI_END)
        if (it.type == VICI_SECTION && strlen(it.name) < IKE_NAME) {
            snprintf(name, IKE_NAME, "%.*s", IKE_NAME - 1, it.name);
            return true;
        }
    return false;
}

void inner_tell(struct ike *k, const void *child_updown, size_t len)
{
    char name[IKE_NAME], child[IKE_NAME] = "";
    struct vici_msg m;
    vici_find_str(child_updown, len, "*.child-sas.*.name", child, sizeof child);
    if (!ike_name(child_updown, len, name) || !strcmp(child, INNER_CHILD) ||
        !strcmp(child, ICMP_CHILD))
        return;
    const struct ike_conn *c = conn_named(k, name);
    if (c && conn_is_beet(c)) /* its selectors have no address of the network */
        return;
    vici_init(&m);
    vici_kv(&m, "child", INNER_CHILD);
    vici_kv(&m, "ike", name);
    vici_kv(&m, "timeout", "-1");
    control_command(k, "initiate", &m);
}

/* Parses "traffic selectors OUR/32[sctp/61002] === ITS/32[sctp/61001] unacceptable". */
bool inner_parse(const char *line, struct btns_addr *inner)
{
    static const char begin[] = "traffic selectors ", between[] = "=== ";
    char ip[BTNS_ADDR_STR], by_name[24], by_number[24];
    if (strncmp(line, begin, sizeof begin - 1))
        return false;
    const char *at = strstr(line, between);
    if (!at)
        return false;
    at += sizeof between - 1;
    size_t len = strcspn(at, "/");
    if (!at[len] || len >= sizeof ip)
        return false;
    memcpy(ip, at, len);
    ip[len] = '\0';
    snprintf(by_name, sizeof by_name, "[sctp/%d]", INNER_FROM);
    snprintf(by_number, sizeof by_number, "[132/%d]", INNER_FROM); /* without /etc/protocols */
    return (strstr(at + len, by_name) || strstr(at + len, by_number)) && btns_addr_parse(inner, ip);
}

void inner_heard(struct ike *k, const void *log, size_t len)
{
    char line[256], name[IKE_NAME];
    struct btns_addr inner;
    if (!vici_find_str(log, len, "msg", line, sizeof line) || !inner_parse(line, &inner) ||
        !vici_find_str(log, len, "ikesa-name", name, sizeof name))
        return;
    const struct ike_conn *c = conn_named(k, name);
    if (c)
        k->ops->inner(k->arg, &c->local, &c->remote, &c->key, &inner);
}
