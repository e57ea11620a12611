/* Writes events to the log: one table says which always appear, and which only with --verbose. */
#include "btnsd/base/log.h"
#include "btnsd/events/events.h"
#include "libapi/wire/names.h"

#include <stdio.h>

/* On a busy host, latches that come and go as they should are not worth a line. */
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

static const char *latch_text(const struct event *e, char *buf, size_t size)
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
        return latch_text(e, buf, size);
    snprintf(buf, size, "%s%s%s%s%s%s%s", event_name(e->kind), e->remote.family ? ": " : "",
             e->remote.family ? btns_addr_ip_str(&e->remote, ip) : "", e->key ? " " : "",
             e->key ? btns_key_str(e->key, key) : "", *e->text ? ": " : "", e->text);
    return buf;
}

static void log_event(struct subscriber *s, const struct event *e)
{
    char text[1024];
    bool usual = quiet[e->kind] || (e->kind == BTNS_E_CLOSED && e->reason == BTNS_R_ENDED);
    (void)s;
    if (told_elsewhere[e->kind] || (usual && !log_verbose))
        return;
    (usual ? log_debug : log_note)("%s", event_text(e, text, sizeof text));
}

struct subscriber event_log = {.event = log_event};
