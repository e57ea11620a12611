/* btnsctl latches: lists latches, one on a line, as ss(8) lists sockets. */
#include "btnsd/ctl/latch_filter.h"
#include "btnsd/ctl/list.h"
#include "btnsd/ctl/nat.h"
#include "libapi/tool/text.h"

#include "libapi/wire/key.h"
#include "libapi/wire/names.h"
#include "libapi/wire/service.h"

#include <inttypes.h>

enum column { PROGRAM, PID, LOCAL, REMOTE, STATE, PEER, SUITE, AGE };
static const char *const headings[TABLE_COLUMNS + 1] = {
    "PROGRAM", "PID", "LOCAL", "REMOTE", "STATE", "PEER", "SUITE", "AGE", NULL};

/* The state's name in latching -02, followed by -08's in parentheses if that is more precise. */
static const struct state {
    uint32_t state;
    const char *shown;
    enum paint paint;
} states[] = {
    {BTNS_S_LISTENER, "LISTENER", PAINT_NONE},       {BTNS_S_LARVAL, "LARVAL", PAINT_WARN},
    {BTNS_S_ESTABLISHED, "ESTABLISHED", PAINT_GOOD}, {BTNS_S_FAILED, "FAILED (BROKEN)", PAINT_BAD},
    {BTNS_S_UNPROTECTED, "UNPROTECTED", PAINT_WARN}, {BTNS_S_CLOSED, "FAILED (CLOSED)", PAINT_BAD},
    {BTNS_S_LINGERING, "LINGERING", PAINT_WARN},
};

static const struct state *latch_state_of(const struct btns_latch_msg *l)
{
    static const struct state other = {0, "?", PAINT_BAD};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (states[i].state == l->state)
            return &states[i];
    return &other;
}

/* The name, or the number of a protocol without one. */
static const char *latch_protocol(uint32_t protocol, char buf[16])
{
    const char *name = protocol_name((int)protocol);
    if (name)
        return name;
    snprintf(buf, 16, "%" PRIu32, protocol);
    return buf;
}

static const char *latch_text_or_dash(const char *text)
{
    return *text ? text : "-";
}

/* The peer: its name rather than its key, and a certificate's subject rather than a hash. */
static const char *latch_peer(const struct btns_latch_msg *l, char *buf, size_t size)
{
    const struct btns_key key = btns_key_of(l->key, l->hashed);
    char text[BTNS_KEY_SHORT];
    if (*l->name || *l->subject)
        snprintf(buf, size, "%s", *l->name ? l->name : l->subject);
    else if (l->has_key)
        snprintf(buf, size, "%s", btns_key_short(&key, text));
    else if (*l->peer)
        snprintf(buf, size, "%s:%s", l->keys, l->peer);
    else
        snprintf(buf, size, "-");
    return buf;
}

/* The remote address, and the protocol unless it is TCP. */
static const char *latch_remote(const struct btns_latch_msg *l, char buf[NAT_ADDR_STR + 8])
{
    if (!l->remote.family)
        strcpy(buf, "*");
    else
        nat_addr_str(l, &l->remote, BTNS_NAT_REMOTE, buf);
    if (protocol_is_datagrams((int)l->protocol))
        strcat(buf, "/udp");
    return buf;
}

static int add_latch_row(struct table *t, const union btns_reply *record)
{
    const struct btns_latch_msg *l = &record->latch;
    const struct state *state = latch_state_of(l);
    char pid[16], local[NAT_ADDR_STR], remote[NAT_ADDR_STR + 8], age[TEXT_DURATION];
    char peer[sizeof l->keys + sizeof l->peer + 1];

    snprintf(pid, sizeof pid, "%" PRIu32, l->pid);
    const char *const cells[TABLE_COLUMNS] = {
        [PROGRAM] = latch_text_or_dash(l->program),
        [PID] = l->pid ? pid : "-",
        [LOCAL] = nat_addr_str(l, &l->local, BTNS_NAT_LOCAL, local),
        [REMOTE] = latch_remote(l, remote),
        [STATE] = state->shown,
        [PEER] = latch_peer(l, peer, sizeof peer),
        [SUITE] = latch_text_or_dash(l->suite),
        [AGE] = text_duration(l->age, age),
    };
    char note[BTNS_TEXT_MAX + 32];
    const char *code = reason_name(l->code);
    snprintf(note, sizeof note, "%s%s%s", code, *code ? ": " : "", l->reason);
    int ret = table_add(t, cells, note);
    if (!ret)
        table_paint(t, STATE, state->paint);
    return ret;
}

static void latch_endpoint(struct json *j, const char *address_key, const char *port_key,
                           const struct btns_addr *a)
{
    char ip[BTNS_ADDR_STR];
    json_string(j, address_key, a->family ? btns_addr_ip_str(a, ip) : NULL);
    json_number_or_null(j, port_key, a->port);
}

/* Prints the SAs that carry the connection. */
static void latch_sas_json(struct json *j, const struct btns_latch_msg *l)
{
    json_open(j, "sas", '[');
    for (const struct btns_latch_sa *sa = l->sa; sa < l->sa + BTNS_LATCH_SAS && sa->spi; sa++) {
        json_open(j, NULL, '{');
        json_string(j, "direction", sa->flags & BTNS_SA_OUT ? "out" : "in");
        json_number(j, "spi", sa->spi);
        json_bool(j, "used", !(sa->flags & BTNS_SA_OUT) || sa->flags & BTNS_SA_USED);
        json_number(j, "packets", sa->packets);
        json_number(j, "octets", sa->octets);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void latch_json(struct json *j, const union btns_reply *record)
{
    const struct btns_latch_msg *l = &record->latch;
    const struct btns_key key = btns_key_of(l->key, l->hashed);
    char text[BTNS_KEY_STR], protocol[16];
    const char *code = reason_name(l->code);

    json_string_or_null(j, "program", l->program);
    json_number_or_null(j, "pid", l->pid);
    json_number(j, "uid", l->uid);
    json_string(j, "protocol", latch_protocol(l->protocol, protocol));
    latch_endpoint(j, "local_address", "local_port", &l->local);
    latch_endpoint(j, "remote_address", "remote_port", &l->remote);
    json_string(j, "state", state_name(l->state));
    json_string(j, "state08", state08_name(l->state));
    json_string(j, "reason_code", *code ? code : NULL);
    json_string_or_null(j, "reason", l->reason);
    json_string(j, "key", l->has_key ? btns_key_str(&key, text) : NULL);
    json_string_or_null(j, "keys", l->keys);
    json_string_or_null(j, "peer", l->peer);
    json_string_or_null(j, "proof", l->proof);
    json_string_or_null(j, "name", l->name);
    json_string_or_null(j, "authentication", auth_name(l->auth));
    json_string_or_null(j, "subject", l->subject);
    json_string_or_null(j, "authority", l->authority);
    json_string_or_null(j, "suite", l->suite);
    json_string_or_null(j, "rule", l->rule);
    json_number_or_null(j, "reqid", l->reqid);
    json_number_or_null(j, "spi", l->spi_out);
    json_number(j, "cookie", l->cookie);
    json_number(j, "age", l->age);
    nat_json(j, l);
    latch_sas_json(j, l);
}

static bool wants_latch(const void *filter, const union btns_reply *record)
{
    return latch_filter_wants(filter, &record->latch);
}

int ctl_latches(const struct ctl *c, struct err *err)
{
    struct latch_filter filter;
    if (latch_filter_read(c, &filter, err))
        return CTL_USAGE;
    const struct list latches = {.ask = BTNS_REQ_LATCHES,
                                 .record = BTNS_REP_LATCH,
                                 .headings = headings,
                                 .add = add_latch_row,
                                 .json = latch_json,
                                 .wants = wants_latch,
                                 .filter = &filter};
    return list_show(&latches, c, err);
}
