/*
 * btnsctl metrics: prints btnsd's numbers once, as Prometheus text for node_exporter's textfile
 * collector.
 */
#include "btnsd/ctl/commands.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"

#include "libapi/wire/names.h"

#include <inttypes.h>

struct counts {
    uint32_t of_state[BTNS_S_LINGERING + 1];
};

struct writer {
    struct json j;
    bool json;
    const char *last; /* the metric printed last */
};

/*
 * Prints one metric; all metrics here are gauges. name: without its prefix. label: name and value
 * of a label, or NULL.
 */
static void put_metric(struct writer *w, const char *name, const char *help, const char *label,
                       const char *value, uint64_t number)
{
    if (w->json) {
        json_open(&w->j, NULL, '{');
        json_string(&w->j, "name", name);
        json_string(&w->j, "label", label);
        json_string(&w->j, "value", value);
        json_number(&w->j, "number", number);
        json_close(&w->j, '}');
        return;
    }
    if (w->last != name)
        printf("# HELP btns_%s %s\n# TYPE btns_%s gauge\n", name, help, name);
    w->last = name;
    printf("btns_%s", name);
    if (label) {
        printf("{%s=\"", label);
        for (const char *at = value; *at; at++) /* escapes what the format demands */
            if (*at == '\\' || *at == '"')
                printf("\\%c", *at);
            else
                putchar(*at >= 0x20 && *at < 0x7f ? *at : '?');
        fputs("\"}", stdout);
    }
    printf(" %" PRIu64 "\n", number);
}

static int count_latch_metric(void *arg, const union btns_reply *record, struct err *err)
{
    struct counts *n = arg;
    (void)err;
    if (record->latch.state <= BTNS_S_LINGERING)
        n->of_state[record->latch.state]++;
    return 0;
}

static unsigned count_metric_warnings(const char *text)
{
    unsigned n = *text != 0;
    for (; *text; text++)
        n += *text == '\n' && text[1];
    return n;
}

static void put_status_metrics(struct writer *w, const struct btns_status_msg *s)
{
    static const char *const managers[] = {"private", "system", "manual"};
    static const char guards[] = "guards";
    put_metric(w, "info", "Version of btnsd.", "version", s->version, 1);
    put_metric(w, "start_time_seconds", "When btnsd started, since 1970.", NULL, NULL, s->started);
    put_metric(w, "charon_up", "Does the IKE daemon run?", NULL, NULL, s->charon_pid != 0);
    put_metric(w, "rules", "Rules in force.", NULL, NULL, s->rules);
    put_metric(w, "rules_generation", "Generation of the rules in force.", NULL, NULL,
               s->generation);
    put_metric(w, "policy_refused", "Was the newest policy refused?", NULL, NULL, *s->refused != 0);
    put_metric(w, "warnings", "Faults that a person should mend.", NULL, NULL,
               count_metric_warnings(s->wrong) + (*s->in_force != 0));
    put_metric(w, "peers", "Known peers.", NULL, NULL, s->peers);
    for (int i = 0; i < 3; i++)
        put_metric(w, guards, "Guards, by key manager.", "keys", managers[i], s->guards_of[i]);
}

/* A broken latch and a closed one have one name in latching -02. */
static void put_latch_metrics(struct writer *w, const struct counts *n)
{
    static const char latches[] = "latches";
    for (uint32_t state = BTNS_S_LISTENER; state <= BTNS_S_LINGERING; state++)
        put_metric(w, latches, "Latches, by state.", "state",
                   state == BTNS_S_FAILED   ? "broken"
                   : state == BTNS_S_CLOSED ? "closed"
                                            : state_name(state),
                   n->of_state[state]);
}

int ctl_metrics(const struct ctl *c, struct err *err)
{
    struct btns_hdr msg;
    union btns_reply r;
    struct counts n = {{0}};
    struct writer w = {.j = {.to = stdout}, .json = c->json};
    int rc = ask_one(c->socket, &msg, sizeof msg, BTNS_REQ_STATUS, BTNS_REP_STATUS, &r, err);
    if (!rc)
        rc = ask_list(c->socket, BTNS_REQ_LATCHES, BTNS_REP_LATCH, count_latch_metric, &n, err);
    if (w.json) {
        json_open_record(&w.j, NULL);
        json_open(&w.j, "metrics", '[');
    }
    put_metric(&w, "up", "Does btnsd answer?", NULL, NULL, !rc);
    if (!rc) {
        put_status_metrics(&w, &r.status);
        put_latch_metrics(&w, &n);
    }
    if (w.json) {
        json_close(&w.j, ']');
        json_close(&w.j, '}');
    }
    return ctl_exit(rc);
}
