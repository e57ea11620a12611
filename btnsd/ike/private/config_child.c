/*
 * Builds the child SAs of a key connection, as VICI messages. Pure. Traffic selectors name
 * protocols by number: charon looks up a name by getprotobyname(3), which is not safe among its
 * threads, and when two connections were loaded at the same time, "tcp" was now and then read as
 * UDP.
 */
#include "btnsd/ike/private/config.h"

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/service.h"

#include <string.h>

void config_child_name(char name[IKE_NAME], const struct ike_service *s)
{
    snprintf(name, IKE_NAME, "%s-%u-%u", protocol_name(s->to.protocol), s->to.port, s->reqid);
}

/*
 * Adds a traffic selector for these ports at one end (0: any). In BEET mode it names the inner
 * address there.
 */
static void add_child_selector(struct vici_msg *m, const struct btns_addr *end, unsigned protocol,
                               unsigned from, unsigned to)
{
    char host[BTNS_ADDR_STR] = "dynamic", text[BTNS_ADDR_STR + 32];
    const char *bits = "";
    if (btns_addr_is_inner(end)) {
        btns_addr_ip_str(end, host);
        bits = "/128";
    }
    if (!from || (from == 1 && to == 65535))
        snprintf(text, sizeof text, "%s%s[%u]", host, bits, protocol);
    else if (from == to)
        snprintf(text, sizeof text, "%s%s[%u/%u]", host, bits, protocol, from);
    else
        snprintf(text, sizeof text, "%s%s[%u/%u-%u]", host, bits, protocol, from, to);
    vici_list_item(m, text);
}

static const char *child_mode(const struct ike_conn *c)
{
    return conn_is_beet(c) ? "beet" : "transport";
}

static void add_child_common(struct vici_msg *m, const struct ike_conn *c, uint32_t reqid,
                             unsigned priority)
{
    vici_kv(m, "mode", child_mode(c));
    vici_kvf(m, "reqid", "%u", reqid);
    vici_kvf(m, "priority", "%u", priority);
    vici_kv(m, "start_action", "none");
    vici_kv(m, "close_action", "none");
    vici_kv(m, "dpd_action", "clear");
}

/*
 * The kernel ends the SA after life_time, whatever happens to IKE; charon replaces it some time
 * before.
 */
static void add_child_lifetime(struct vici_msg *m, unsigned seconds)
{
    if (!seconds)
        return;
    vici_kvf(m, "life_time", "%u", seconds);
    vici_kvf(m, "rekey_time", "%u", seconds - seconds / 5);
    vici_kvf(m, "rand_time", "%u", seconds / 10);
}

/*
 * Our own request. Its guard stands before this SA is up, so charon's own policies for it are not
 * needed. If a peer narrows a request of its own to this child, those policies must not open
 * anything that a rule blocks.
 */
static void add_child_out(struct vici_msg *m, const struct ike_conn *c, const struct ike_service *s)
{
    char name[IKE_NAME];
    config_child_name(name, s);
    vici_section(m, name);
    add_child_common(m, c, s->reqid, PRIO_CHARON_OUT);
    vici_list_open(m, "local_ts");
    add_child_selector(m, &c->local, s->to.protocol, 0, 0);
    vici_list_close(m);
    vici_list_open(m, "remote_ts");
    add_child_selector(m, &c->remote, s->to.protocol, s->to.port, s->to.port);
    vici_list_close(m);
    vici_list_one(m, "esp_proposals", s->suite);
    add_child_lifetime(m, s->lifetime);
    vici_section_end(m);
}

static bool is_first_of_protocol(const struct inlets *l, size_t at, const char *suite)
{
    size_t i = 0;
    while (l->at[i].suite != suite || l->at[i].protocol != l->at[at].protocol)
        i++;
    return i == at;
}

/* Adds the ports that are open with this suite, from any port of the peer, as traffic selectors. */
static void add_inlet_selectors(struct vici_msg *m, const struct ike_conn *c,
                                const struct inlets *l, const char *suite)
{
    vici_list_open(m, "local_ts");
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].suite == suite)
            add_child_selector(m, &c->local, l->at[i].protocol, l->at[i].from, l->at[i].to);
    vici_list_close(m);
    vici_list_open(m, "remote_ts");
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].suite == suite && is_first_of_protocol(l, i, suite))
            add_child_selector(m, &c->remote, l->at[i].protocol, 0, 0);
    vici_list_close(m);
}

/*
 * A child for the ports that are closed to this peer. Without it, charon would narrow a request for
 * one of them to one of our own requests (child_out). No btnsd offers its suite, and an SA from it
 * would not be used.
 */
static void add_child_closed(struct vici_msg *m, const struct ike_conn *c)
{
    struct inlets closed = {0};
    for (int protocol = 1; protocol <= UINT8_MAX; protocol++)
        if (protocol_known(protocol))
            inlets_open(&closed, (uint8_t)protocol, 1, 65535, NULL);
    for (const struct inlet *in = c->inlets.at; in < c->inlets.at + c->inlets.n; in++)
        inlets_close(&closed, in->protocol, in->from, in->to);
    if (closed.n) {
        vici_section(m, "closed");
        vici_kv(m, "mode", child_mode(c));
        vici_kv(m, "policies", "no");
        vici_kv(m, "start_action", "none");
        vici_kv(m, "close_action", "none");
        add_inlet_selectors(m, c, &closed, NULL);
        vici_list_one(m, "esp_proposals", "aes128-sha256");
        vici_section_end(m);
    }
    inlets_free(&closed);
}

/*
 * A child for requests of the peer, which names the service; we narrow to it. suite NULL: any of
 * our suites that the peer chooses.
 */
static void add_child_in(struct vici_msg *m, const struct ike_conn *c, const char *suite)
{
    char name[IKE_NAME];
    const char *names[16];
    size_t n = 0;
    for (const struct suite *s = suites; s->name && n < 15; s++)
        if (!suite || !strcmp(suite, s->name))
            names[n++] = s->name;
    names[n] = NULL;
    snprintf(name, sizeof name, "in%s%s", suite ? "-" : "", suite ? suite : "");
    vici_section(m, name);
    add_child_common(m, c, c->in_reqid, PRIO_CHARON);
    add_inlet_selectors(m, c, &c->inlets, suite);
    vici_list(m, "esp_proposals", names);
    vici_section_end(m);
}

/*
 * A child that no btnsd accepts, because no btnsd protects its protocol; an SA from it would not be
 * used.
 */
static void add_child_inner(struct vici_msg *m)
{
    char ts[32];
    vici_section(m, INNER_CHILD);
    vici_kv(m, "mode", "transport");
    vici_kv(m, "policies", "no");
    vici_kv(m, "start_action", "none");
    vici_kv(m, "close_action", "none");
    snprintf(ts, sizeof ts, "dynamic[132/%d]", INNER_FROM);
    vici_list_one(m, "local_ts", ts);
    snprintf(ts, sizeof ts, "dynamic[132/%d]", INNER_TO);
    vici_list_one(m, "remote_ts", ts);
    vici_section_end(m);
}

/*
 * Adds the child for ICMP errors, which either end may ask for. Without policies of charon's, other
 * ICMP between the two hosts goes on in the clear. An error repeats packets of any service, so only
 * the strongest suites are good enough.
 */
static void add_child_icmp(struct vici_msg *m, const struct ike_conn *c)
{
    const char *names[16];
    char ts[32];
    size_t n = 0;
    for (const struct suite *s = suites; s->name && n < 15; s++)
        if (suite_is_strongest(s))
            names[n++] = s->name;
    names[n] = NULL;
    vici_section(m, ICMP_CHILD);
    add_child_common(m, c, c->in_reqid, PRIO_CHARON);
    vici_kv(m, "policies", "no");
    snprintf(ts, sizeof ts, "dynamic[%d]",
             c->local.family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    vici_list_one(m, "local_ts", ts);
    vici_list_one(m, "remote_ts", ts);
    vici_list(m, "esp_proposals", names);
    vici_section_end(m);
}

/* Adds one child configuration for each suite that some inlet asks for. */
static void add_incoming_children(struct vici_msg *m, const struct ike_conn *c)
{
    for (size_t i = 0; i < c->inlets.n; i++) {
        size_t first = 0;
        while (c->inlets.at[first].suite != c->inlets.at[i].suite)
            first++;
        if (first == i)
            add_child_in(m, c, c->inlets.at[i].suite);
    }
}

void config_children(struct vici_msg *m, const struct ike_conn *c)
{
    vici_section(m, "children");
    for (size_t i = 0; i < c->services; i++)
        add_child_out(m, c, &c->service[i]);
    if (c->in_reqid)
        add_incoming_children(m, c);
    add_child_closed(m, c);
    if (!conn_is_beet(c))
        add_child_inner(m);
    if (c->in_reqid && !conn_is_beet(c))
        add_child_icmp(m, c);
    vici_section_end(m);
}
