/*
 * Reads policies that users submit: keeps a queue, parses each text in a confined child, and gets
 * its answer when its pipe ends.
 */
#include "btnsd/users/reading_queue.h"

#include "btnsd/rules/files/source.h"
#include "btnsd/rules/read/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct reading {
    struct reading *next;
    struct readings *all;
    uid_t uid;
    char name[64];
    struct policy_text *text;
    unsigned n;
    reading_done *done;
    void *arg;
    bool runs;
    struct policy_child_process child;
    struct policy_stream stream;
    struct watch watch;
    struct timer limit;
};

static void start_waiting_readings(struct readings *rs);

static void unlink_reading(struct reading *r)
{
    struct reading **p = &r->all->first;
    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
}

static void stop_reading_child(struct reading *r, struct err *err)
{
    if (!r->runs)
        return;
    r->runs = false;
    loop_unwatch(r->all->loop, &r->watch);
    loop_cancel(r->all->loop, &r->limit);
    policy_child_end(&r->child, err);
}

static void free_reading(struct reading *r)
{
    count_by_user_sub(r->all->users, r->uid);
    record_stream_free(&r->stream);
    source_texts_free(r->text, r->n);
    free(r);
}

void reading_cancel(struct reading *r)
{
    struct readings *rs = r->all;
    struct err ignored;
    stop_reading_child(r, &ignored);
    unlink_reading(r);
    free_reading(r);
    start_waiting_readings(rs);
}

/* Reading has ended, with the child's rc and reason; with rc 0 the child's answer decides. */
static void finish_reading(struct reading *r, int rc, struct err *reason)
{
    struct readings *rs = r->all;
    struct err err = {""}, ended = {""};
    struct rules *rules = NULL;
    stop_reading_child(r, &ended);
    if (!rc && *ended.text) {
        rc = -EPROTO;
        *reason = ended;
    }
    if (rc)
        err_set(&err, "%s: %.200s", r->name, reason->text);
    else
        rules = policy_load_stream(r->name, r->text, r->n, &r->stream, &err);
    unlink_reading(r);
    r->done(r->arg, rules, &err);
    free_reading(r);
    start_waiting_readings(rs);
}

static void on_reading_readable(struct watch *w, uint32_t events)
{
    struct reading *r = w->arg;
    struct err err = {""};
    (void)events;
    int rc = policy_child_collect(&r->child, &r->stream, &err);
    if (rc != -EAGAIN)
        finish_reading(r, rc, &err);
}

static void on_reading_limit(struct timer *t)
{
    struct err err = {""};
    err_set(&err, "the policy reader took longer than %d s", POLICY_CHILD_MS / 1000);
    finish_reading(t->arg, -ETIMEDOUT, &err);
}

static void start_reading_child(struct reading *r)
{
    struct err err = {""};
    int rc = reader_read_start(r->text, r->n, &r->child);
    if (!rc) {
        r->runs = true;
        rc = loop_watch(r->all->loop, &r->watch, r->child.fd, EPOLLIN, on_reading_readable, r);
        loop_after(r->all->loop, &r->limit, POLICY_CHILD_MS, on_reading_limit, r);
    }
    if (!rc)
        return;
    err_set(&err, "cannot start the policy reader: %s", strerror(-rc));
    finish_reading(r, rc, &err);
}

/* Starts the first in the queue whose user has no child running, unless too many run. */
static struct reading *next_reading_in_turn(const struct readings *rs)
{
    unsigned running = 0;
    for (const struct reading *r = rs->first; r; r = r->next)
        running += r->runs;
    if (running >= READINGS_AT_ONCE)
        return NULL;
    for (struct reading *r = rs->first; r; r = r->next) {
        bool busy = r->runs;
        for (const struct reading *o = rs->first; o; o = o->next)
            busy |= o->runs && o->uid == r->uid;
        if (!busy)
            return r;
    }
    return NULL;
}

static void take_reading_turns(struct timer *t)
{
    struct reading *r;
    while ((r = next_reading_in_turn(t->arg)))
        start_reading_child(r);
}

/* Called from the loop, so that no caller hears of the end before reading_start() has returned. */
static void start_waiting_readings(struct readings *rs)
{
    loop_after(rs->loop, &rs->turn, 0, take_reading_turns, rs);
}

struct reading *reading_start(struct readings *rs, uid_t uid, const char *name,
                              struct policy_text *text, unsigned n, reading_done *done, void *arg,
                              struct err *err)
{
    struct reading **end = &rs->first;
    err_set(err, "btnsd is out of memory");
    if (!rs->users)
        rs->users = count_by_user_new(LIMIT_READINGS);
    struct reading *r = rs->users ? calloc(1, sizeof *r) : NULL;
    if (!r || !count_by_user_add(rs->users, uid, err)) {
        free(r);
        source_texts_free(text, n);
        return NULL;
    }
    while (*end)
        end = &(*end)->next;
    *r = (struct reading){.all = rs, .uid = uid, .text = text, .n = n, .done = done, .arg = arg};
    snprintf(r->name, sizeof r->name, "%s", name);
    *end = r;
    start_waiting_readings(rs);
    return r;
}

bool reading_reaped(struct readings *rs, pid_t pid, int status)
{
    for (struct reading *r = rs->first; r; r = r->next)
        if (r->runs && r->child.pid == pid) {
            policy_child_reaped(&r->child, status);
            return true;
        }
    return false;
}

void readings_end(struct readings *rs)
{
    if (rs->loop)
        loop_cancel(rs->loop, &rs->turn);
    while (rs->first) {
        struct reading *r = rs->first;
        struct err ignored;
        stop_reading_child(r, &ignored);
        rs->first = r->next;
        free_reading(r);
    }
    count_by_user_free(rs->users);
    rs->users = NULL;
}
