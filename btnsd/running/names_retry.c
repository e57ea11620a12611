/*
 * Looks up again names in rules that could not be resolved: each in a child of its own, one at a
 * time, in rounds that come less and less often. A name that is found makes a new generation, from
 * the texts in force; nothing else is looked up or read for it.
 */
#include "btnsd/running/names_retry.h"

#include "btnsd/base/log.h"
#include "btnsd/rules/read/reader.h"
#include "btnsd/running/good_policy.h"
#include "btnsd/running/install_rules.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#define FIRST_MS 1000
#define MOST_MS  60000
#define CHILD_MS 15000 /* a resolver gives up after some 10 s */

static void next_open_name(struct timer *t);

/* The next unresolved name at or after n->next; NULL: the round is over. */
static struct lookup *find_open_name(const struct btnsd *d, size_t *next)
{
    const struct lookups *names = d->rules ? d->rules->names : NULL;
    for (; names && *next < names->n; ++*next)
        if (lookup_is_open(&names->item[*next]))
            return &names->item[*next];
    return NULL;
}

static void stop_retry_child(struct btnsd *d)
{
    struct names_retry *n = &d->names_retry;
    struct err ignored;
    loop_cancel(d->loop, &n->timer);
    if (!n->runs)
        return;
    n->runs = false;
    loop_unwatch(d->loop, &n->watch);
    policy_child_end(&n->child, &ignored);
    record_stream_free(&n->answer);
}

static void schedule_retry(struct btnsd *d, unsigned ms)
{
    loop_after(d->loop, &d->names_retry.timer, ms, next_open_name, d);
}

/* Makes a new generation in which this one name has its answer. */
static void take_retried_answer(struct btnsd *d, struct lookup *item, const struct lookup *answer)
{
    struct err err = {""};
    struct lookup before = *item;
    const struct lookup_how how = {.remembered = d->rules->names, .as_is = true};
    const char *name = item->name;
    *item = *answer;
    item->name = name;
    struct rules *rules = d->rules->partial ? policy_set_compile_mandatory(&d->texts, &how)
                                            : policy_set_compile("policy", &d->texts, &how, &err);
    if (rules && !rules_install(d, rules, &d->texts, &err)) {
        log_note("%s is resolved", answer->name);
        if (!*d->in_force)
            good_policy_write(d);
        return;
    }
    *item = before;
    rules_free(rules);
    log_warning("%s is resolved, but the rules stay as they are: %s", name, err.text);
}

static void end_retry_child(struct btnsd *d, bool complete)
{
    struct names_retry *n = &d->names_retry;
    struct lookups one = {.item = &n->asked, .n = 1};
    struct err ignored;
    loop_cancel(d->loop, &n->timer);
    loop_unwatch(d->loop, &n->watch);
    bool answered = !policy_child_end(&n->child, &ignored) && complete &&
                    !lookup_take(&one, &n->answer) && n->asked.found;
    n->runs = false;
    record_stream_free(&n->answer);
    struct lookup *item = find_open_name(d, &n->next);
    if (answered && item)
        take_retried_answer(d, item, &n->asked);
    lookups_free(&(struct lookups){.address = one.address});
    n->next++;
    schedule_retry(d, 0);
}

static void on_retry_readable(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    struct err ignored;
    (void)events;
    int rc = policy_child_collect(&d->names_retry.child, &d->names_retry.answer, &ignored);
    if (rc != -EAGAIN)
        end_retry_child(d, !rc);
}

static void on_retry_limit(struct timer *t)
{
    end_retry_child(t->arg, false);
}

static int start_retry_child(struct btnsd *d, const struct lookup *item)
{
    struct names_retry *n = &d->names_retry;
    snprintf(n->name, sizeof n->name, "%s", item->name);
    n->asked = (struct lookup){.kind = item->kind, .name = n->name};
    n->answer = (struct policy_stream){0};
    int rc = reader_look_up_start(&(struct lookups){.item = &n->asked, .n = 1}, &n->child);
    if (rc)
        return rc;
    n->runs = true;
    loop_watch(d->loop, &n->watch, n->child.fd, EPOLLIN, on_retry_readable, d);
    loop_after(d->loop, &n->timer, CHILD_MS, on_retry_limit, d);
    return 0;
}

static void next_open_name(struct timer *t)
{
    struct btnsd *d = t->arg;
    struct names_retry *n = &d->names_retry;
    const struct lookup *item = find_open_name(d, &n->next);
    if (item && !start_retry_child(d, item))
        return;
    n->next = 0;
    if (!find_open_name(d, &n->next))
        return;
    n->next = 0;
    n->wait_ms = n->wait_ms * 2 < MOST_MS ? n->wait_ms * 2 : MOST_MS;
    schedule_retry(d, n->wait_ms);
}

static void log_open_names(const struct btnsd *d)
{
    const struct rules *r = d->rules;
    const struct lookups *names = r->names;
    for (size_t i = 0; i < r->n; i++)
        if (r->rule[i].unresolved && names)
            log_warning("%s:%u: rule \"%s\" fails closed: %s; it is tried again", r->rule[i].file,
                        r->rule[i].line, r->rule[i].name, r->rule[i].unresolved);
    for (size_t i = 0; names && i < names->n; i++)
        if (names->item[i].remembered)
            log_note("%s: %s; rules go by what it was before, and it is tried again",
                     names->item[i].name, lookup_why(&names->item[i]));
}

void names_retry_later(struct btnsd *d)
{
    struct names_retry *n = &d->names_retry;
    stop_retry_child(d);
    log_open_names(d);
    n->next = 0;
    n->wait_ms = FIRST_MS;
    if (find_open_name(d, &n->next))
        schedule_retry(d, n->wait_ms);
    n->next = 0;
}

bool names_retry_reaped(struct btnsd *d, pid_t pid, int status)
{
    struct names_retry *n = &d->names_retry;
    if (!n->runs || n->child.pid != pid)
        return false;
    policy_child_reaped(&n->child, status);
    return true;
}

void names_retry_end(struct btnsd *d)
{
    stop_retry_child(d);
}
