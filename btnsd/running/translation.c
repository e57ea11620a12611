/*
 * Binds the sockets of protected connections to their guards while this host translates its own
 * connections.
 */
#include "btnsd/running/translation.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/server/epoch.h"
#include "btnsd/xfrm/legacy_nat.h"
#include "btnsd/xfrm/nft_changes.h"

#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#define PAUSE_MS      1000
#define PAUSE_MOST_MS 10000
#define PAUSE_TIMES   100

static void write_translated_entries(struct btnsd *d)
{
    struct err err;
    if (spd_block_mark(d->xfrm, PRIO_TRANSLATED, SOCKET_MARK, &err))
        log_warning("the first packet of what this host translates may leave in the clear: %s",
                    err.text);
    d->translation.entries = true;
}

void translation_restore(struct btnsd *d)
{
    if (d->translation.entries)
        write_translated_entries(d);
}

void translation_end(struct btnsd *d)
{
    spd_unblock_mark(d->xfrm, PRIO_TRANSLATED, SOCKET_MARK);
    if (d->translation.again.slot)
        loop_cancel(d->loop, &d->translation.again);
    if (d->translation.rules)
        loop_unwatch(d->loop, &d->translation.rules_watch);
    nft_changes_close(d->translation.rules);
    d->translation.rules = NULL;
    d->translation.watched = false;
    d->translation.entries = false;
}

static void keep_first_translation(void *arg, const char *text)
{
    char *by = arg;
    if (!by[0])
        snprintf(by, TRANSLATOR_TEXT, "%s", text);
}

/* If a place cannot be searched, it counts as translating. */
static void look_for_translation(char by[TRANSLATOR_TEXT])
{
    by[0] = '\0';
    int rc = translators_nftables(keep_first_translation, by);
    int legacy = by[0] ? 0 : translators_legacy(keep_first_translation, by);
    int bpf = by[0] ? 0 : translators_bpf(TRANSLATORS_CGROUPS, keep_first_translation, by);
    rc = rc ? rc : legacy ? legacy : bpf;
    if (rc && !by[0])
        snprintf(by, TRANSLATOR_TEXT, "what translates cannot be read: %s", strerror(-rc));
}

static void on_translation_time(struct timer *t)
{
    struct btnsd *d = t->arg;
    if (d->guards.list)
        translation_by(d);
}

static void on_nat_rules(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    (void)events;
    if (!nft_changes_read(d->translation.rules))
        return;
    d->translation.looked = false;
    if (d->guards.list)
        translation_by(d);
}

/* Tried once: if the kernel sends no reports, only the regular searches remain. */
static void watch_nat_rules(struct btnsd *d)
{
    struct translation *t = &d->translation;
    struct nft_changes *rules = t->watched ? NULL : nft_changes_open();
    t->watched = true;
    if (rules &&
        loop_watch(d->loop, &t->rules_watch, nft_changes_fd(rules), EPOLLIN, on_nat_rules, d))
        nft_changes_close(rules);
    else if (rules)
        t->rules = rules;
}

/* If the kernel has reported a new rule, the last search is out of date. */
static void notice_nat_rules(struct translation *t)
{
    if (t->rules && !t->by[0] && nft_changes_read(t->rules))
        t->looked = false;
}

unsigned translation_pause(unsigned search_ms)
{
    uint64_t pause = (uint64_t)PAUSE_TIMES * search_ms;
    return (unsigned)(pause < PAUSE_MS ? PAUSE_MS : pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS);
}

const char *translation_by(struct btnsd *d)
{
    struct translation *t = &d->translation;
    char by[TRANSLATOR_TEXT];
    uint64_t began = loop_now();
    watch_nat_rules(d);
    notice_nat_rules(t);
    if (t->looked && began < t->next)
        return t->by[0] ? t->by : NULL;
    const clock_t spent = clock();
    look_for_translation(by);
    const clock_t search_ms = (clock() - spent) / (CLOCKS_PER_SEC / 1000);
    unsigned pause = translation_pause((unsigned)search_ms);
    t->looked = true;
    t->next = began + pause;
    loop_after(d->loop, &t->again, pause, on_translation_time, d);
    if (by[0] && !t->by[0])
        epoch_move(d->epoch);
    if (by[0] && !t->entries)
        write_translated_entries(d);
    if (strcmp(by, t->by)) {
        if (by[0])
            log_note("this host translates its own connections (%s): protected ones that it would "
                     "send elsewhere are stopped",
                     by);
        memcpy(t->by, by, sizeof t->by);
    }
    return t->by[0] ? t->by : NULL;
}

int translation_bind(int fd, int family, const struct guard *g)
{
    int rc = socket_policy_mark(fd, true);
    /* by_spi: the reqid does not identify a peer, and the SPD entry is the stricter check. */
    if (!rc && g->state == GS_UP && !g->keying->by_spi)
        rc = socket_policy_expect(fd, family, g->reqid);
    return rc;
}

const char *translation_verdict(const struct btnsd *d, const char *rule, char buf[BTNS_TEXT_MAX])
{
    if (!d->translation.by[0])
        return rule;
    snprintf(
        buf, BTNS_TEXT_MAX,
        "%.190s; if %.160s sends it elsewhere, it is stopped: exempt its address there (btnsctl "
        "check lists what translates on this host)",
        rule, d->translation.by);
    return buf;
}
