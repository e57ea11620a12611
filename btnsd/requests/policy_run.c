/*
 * btns-run --policy: reads the rules that a user submits for one run of a program, and gives them a
 * handle.
 */
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"
#include "btnsd/users/reading_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A policy that is being read. */
struct submission {
    struct btnsd *d;
    struct client *client;
    struct btns_hdr hdr;
    uid_t uid;
    struct reading *reading;
};

static void answer_run_policy(struct client *c, const struct btns_hdr *q, int rc, uint64_t handle,
                              const struct err *err)
{
    struct btns_policy_msg m = {
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_POLICY, q->id},
        .error = (uint32_t)-rc,
        .policy = rc ? 0 : handle,
    };
    m.about = answer_about_request(c, q, -rc);
    snprintf(m.text, sizeof m.text, "%s", rc ? err->text : "");
    client_send(c, &m, sizeof m, -1);
}

static void on_runner_gone(void *arg)
{
    struct submission *s = arg;
    reading_cancel(s->reading);
    free(s);
}

static void on_run_policy_read(void *arg, struct rules *rules, const struct err *why)
{
    struct submission *s = arg;
    struct err err = *why;
    uint64_t handle = 0;
    if (rules && user_check_rules(rules, s->uid, &err)) {
        rules_free(rules);
        rules = NULL;
    }
    bool displaced = false;
    int rc = rules ? run_policy_keep(&s->d->run_policies, s->uid, rules, &handle, &displaced, &err)
                   : -EINVAL;
    if (displaced)
        epoch_move(s->d->epoch);
    client_on_gone(s->client, NULL, NULL);
    answer_run_policy(s->client, &s->hdr, rc, handle, &err);
    free(s);
}

static struct policy_text *run_policy_text(const struct request *r, size_t len)
{
    struct policy_text *text = calloc(1, sizeof *text);
    if (!text)
        return NULL;
    *text = (struct policy_text){.file = "policy", .len = len, .source = SOURCE_USER};
    text->text = malloc(len + 1);
    if (!text->text) {
        free(text);
        return NULL;
    }
    memcpy(text->text, r->hdr + 1, len);
    text->text[len] = '\0';
    return text;
}

static int submit_run_policy(struct btnsd *d, struct request *r, size_t len, struct err *err)
{
    struct submission *s = calloc(1, sizeof *s);
    struct policy_text *text = s ? run_policy_text(r, len) : NULL;
    if (!text) {
        free(s);
        err_set(err, "btnsd is out of memory");
        return -ENOMEM;
    }
    *s = (struct submission){.d = d, .client = r->client, .hdr = *r->hdr, .uid = r->from.uid};
    s->reading = reading_start(&d->readings, s->uid, "policy", text, 1, on_run_policy_read, s, err);
    if (!s->reading) {
        free(s);
        return -EBUSY;
    }
    client_on_gone(r->client, on_runner_gone, s);
    return 0;
}

bool on_policy_run(struct btnsd *d, struct request *r)
{
    struct err err = {""};
    size_t len = r->len - sizeof *r->hdr;
    int rc = -E2BIG;
    if (client_is_waiting(r->client))
        return false; /* a client may not send a second request before the answer */
    if (len > BTNS_POLICY_MAX)
        err_set(&err, "a policy may be at most %d octets long", BTNS_POLICY_MAX);
    else
        rc = submit_run_policy(d, r, len, &err);
    if (rc)
        answer_run_policy(r->client, r->hdr, rc, 0, &err);
    return true;
}
