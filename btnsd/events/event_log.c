/* Writes events to the log: one table says which always appear, and which only with --verbose. */
#include "btnsd/base/log_rate.h"
#include "btnsd/events/events.h"
#include "libapi/wire/names.h"

#include <stdio.h>
#include <syslog.h>

/* On a busy host, the normal begin and end of latches is not worth a line. */
static const bool quiet[BTNS_EVENTS] = {
    [BTNS_E_CREATED] = true,
    [BTNS_E_ESTABLISHED] = true,
    [BTNS_E_UNPROTECTED] = true,
};

/* Events that are logged in more detail where they happen. */
static const bool told_elsewhere[BTNS_EVENTS] = {
    [BTNS_E_RULES] = true,
    [BTNS_E_RULES_REFUSED] = true,
    [BTNS_E_RESYNC] = true,
};

static const char *event_latch_text(const struct event *e, char *buf, size_t size)
{
    char local[BTNS_ADDR_STR], remote[BTNS_ADDR_STR];
    const char *code = reason_name(e->reason);
    snprintf(buf, size, "%s: %s[%d] %s %s%s%s%s%s%s", event_name(e->kind),
             *e->program ? e->program : "-", (int)e->pid, btns_addr_str(&e->local, local),
             e->remote.family ? btns_addr_str(&e->remote, remote) : "*", *code ? " (" : "", code,
             *code ? ")" : "", *e->text ? ": " : "", e->text);
    return buf;
}

const char *event_text(const struct event *e, char *buf, size_t size)
{
    char ip[BTNS_ADDR_STR], key[BTNS_KEY_STR];
    if (event_is_latch(e->kind))
        return event_latch_text(e, buf, size);
    snprintf(buf, size, "%s%s%s%s%s%s%s", event_name(e->kind), e->remote.family ? ": " : "",
             e->remote.family ? btns_addr_ip_str(&e->remote, ip) : "", e->key ? " " : "",
             e->key ? btns_key_str(e->key, key) : "", *e->text ? ": " : "", e->text);
    return buf;
}

/* Should an administrator look at it? */
static const bool is_bad[BTNS_EVENTS] = {
    [BTNS_E_BROKEN] = true,
    [BTNS_E_PEER_REFUSED] = true,
    [BTNS_E_MANAGER_LOST] = true,
};

/* The id ends with the number of the kind, which never changes. */
#define MESSAGE_ID "8f5b1f4e2a6d4d0c9e37b7c15a90c6%02x"

static void log_with_fields(int priority, const struct event *e, const char *text)
{
    char id[33], key[BTNS_KEY_STR] = "", local[BTNS_ADDR_STR] = "", remote[BTNS_ADDR_STR] = "";
    snprintf(id, sizeof id, MESSAGE_ID, (unsigned)e->kind & 0xff);
    const struct journal_field fields[] = {
        {"MESSAGE_ID", id},
        {"BTNS_EVENT", event_name(e->kind)},
        {"BTNS_REASON", reason_name(e->reason)},
        {"BTNS_PEER", e->key ? btns_key_str(e->key, key) : ""},
        {"BTNS_RULE", e->rule},
        {"BTNS_PROGRAM", e->program},
        {"BTNS_SUITE", e->suite},
        {"BTNS_LOCAL", e->local.family ? btns_addr_str(&e->local, local) : ""},
        {"BTNS_REMOTE", e->remote.family ? btns_addr_str(&e->remote, remote) : ""},
    };
    log_fields(priority, text, fields, sizeof fields / sizeof *fields);
}

static void log_event(struct subscriber *s, const struct event *e)
{
    static struct log_rate rate[BTNS_EVENTS];
    char text[1024];
    bool usual = quiet[e->kind] || (e->kind == BTNS_E_CLOSED && e->reason == BTNS_R_ENDED);
    (void)s;
    if (told_elsewhere[e->kind] || (usual && !log_verbose))
        return;
    rate[e->kind].kind = event_name(e->kind);
    if (!usual && !log_rate_admits(&rate[e->kind]))
        return;
    log_with_fields(usual             ? LOG_DEBUG
                    : is_bad[e->kind] ? LOG_WARNING
                                      : LOG_NOTICE,
                    e, event_text(e, text, sizeof text));
}

struct subscriber event_log = {.event = log_event};
