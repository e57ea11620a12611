/* btnsctl watch: prints events of latches, peers, rules and key managers as they happen. */
#include "btnsd/ctl/commands.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

#include "libapi/wire/key.h"
#include "libapi/wire/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *watched_text_or_null(const char *text)
{
    return *text ? text : NULL;
}

static void put_watched_address(struct json *j, const char *ip_key, const char *port_key,
                                const struct btns_addr *a)
{
    char ip[BTNS_ADDR_STR];
    json_string(j, ip_key, a->family ? btns_addr_ip_str(a, ip) : NULL);
    json_number_or_null(j, port_key, a->port);
}

static void show_watched_event_json(const struct btns_event_msg *e)
{
    struct json j = {.to = stdout};
    const struct btns_key key = btns_key_of(e->key, e->hashed);
    char text[BTNS_KEY_STR];
    json_open_record(&j, NULL);
    json_number(&j, "time", e->time);
    json_string(&j, "event", event_name(e->kind));
    json_string(&j, "state", e->state ? state_name(e->state) : NULL);
    json_string(&j, "state08", state08_name(e->state));
    json_string(&j, "reason_code", watched_text_or_null(reason_name(e->reason)));
    json_string_or_null(&j, "reason", e->text);
    json_string_or_null(&j, "program", e->program);
    json_number_or_null(&j, "pid", e->pid);
    json_number(&j, "uid", e->uid);
    put_watched_address(&j, "local_address", "local_port", &e->local);
    put_watched_address(&j, "remote_address", "remote_port", &e->remote);
    json_string(&j, "key", e->has_key ? btns_key_str(&key, text) : NULL);
    json_string_or_null(&j, "suite", e->suite);
    json_string_or_null(&j, "rule", e->rule);
    json_number_or_null(&j, "cookie", e->cookie);
    json_number_or_null(&j, "count", e->count);
    json_close(&j, '}');
}

/*
 * The state's name. Latching -02 has one name, failed, for every ended state; one that ended well
 * is called closed here.
 */
static const char *watched_event_state(const struct btns_event_msg *e)
{
    return e->kind == BTNS_E_CLOSED && e->reason == BTNS_R_ENDED ? "closed" : state_name(e->state);
}

/* The local address, without the port as long as connect() has not chosen one. */
static const char *watched_event_local(const struct btns_event_msg *e, char buf[BTNS_ADDR_STR])
{
    return e->local.port ? btns_addr_str(&e->local, buf) : btns_addr_ip_str(&e->local, buf);
}

static int put_watched_flow(char *to, size_t size, const struct btns_event_msg *e)
{
    char local[BTNS_ADDR_STR], remote[BTNS_ADDR_STR];
    if (!e->state)
        return snprintf(to, size, "%s%s", e->remote.family ? " " : "",
                        e->remote.family ? btns_addr_ip_str(&e->remote, remote) : "");
    return snprintf(to, size, " %s[%" PRIu32 "] %s %s %s", *e->program ? e->program : "-", e->pid,
                    watched_event_local(e, local),
                    e->remote.family ? btns_addr_str(&e->remote, remote) : "*",
                    watched_event_state(e));
}

static void show_watched_event_line(const struct btns_event_msg *e)
{
    char line[2048], clean[4 * sizeof line + 32], time[TEXT_TIME], short_key[BTNS_KEY_SHORT];
    const char *code = reason_name(e->reason);
    const struct btns_key key = btns_key_of(e->key, e->hashed);
    int n = snprintf(line, sizeof line, "%s %s", text_time(e->time, time), event_name(e->kind));
    n += put_watched_flow(line + n, sizeof line - (size_t)n, e);
    if (e->has_key)
        n += snprintf(line + n, sizeof line - (size_t)n, " %s", btns_key_short(&key, short_key));
    if (e->count)
        n += snprintf(line + n, sizeof line - (size_t)n, " %" PRIu64, e->count);
    snprintf(line + n, sizeof line - (size_t)n, "%s%s%s%s%s", *code ? " (" : "", code,
             *code ? ")" : "", *e->text ? ": " : "", e->text);
    puts(text_clean(clean, sizeof clean, line));
}

static int print_watched_event(void *arg, const union btns_reply *record, struct err *err)
{
    const struct ctl *c = arg;
    (c->json ? show_watched_event_json : show_watched_event_line)(&record->event);
    if (!fflush(stdout))
        return 0;
    int error = errno;
    err_set(err, "cannot write: %s", strerror(error));
    return -error;
}

int ctl_watch(const struct ctl *c, struct err *err)
{
    struct btns_watch m = {.cookie = 0};
    struct ctl copy = *c;
    return ctl_exit(ask_stream(c->socket, &m.hdr, sizeof m, BTNS_REQ_WATCH, BTNS_REP_EVENT,
                               print_watched_event, &copy, err));
}
