/*
 * Where floors and the entries of mandatory rules take the place of others, what both block is
 * blocked all the time. In a network namespace of its own, with the kernel's SPD. TAP.
 */
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/floor/mandatory.h"
#include "test/unit/latch/recorder.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct packet of_listener[] = {
    {SPD_OUT, IPPROTO_TCP, HOST(1, 8000), PEER(40000)},
    {SPD_IN, IPPROTO_TCP, HOST(1, 8000), PEER(40000)},
};

static bool listens_no_more(void *arg, const struct floor *f)
{
    (void)arg;
    (void)f;
    return false;
}

static struct floors floors = {.listens = listens_no_more};

static const struct floor_term deny = {.kind = TERM_DENY};

/* Blocks port 8000, by entries with these priorities, in both directions. */
static struct floor_plan plan_of(struct spd_entry e[4], uint32_t first, uint32_t second)
{
    for (unsigned i = 0; i < 4; i++)
        e[i] = (struct spd_entry){.dir = i & 1 ? SPD_IN : SPD_OUT,
                                  .priority = i & 2 ? second : first,
                                  .action = SPD_BLOCK,
                                  .protocol = IPPROTO_TCP,
                                  .local = {.family = AF_INET, .port = 8000},
                                  .remote = {.family = AF_INET}};
    return (struct floor_plan){.protocol = IPPROTO_TCP,
                               .local = {.family = AF_INET, .port = 8000},
                               .entry = e,
                               .entries = 4,
                               .term = &deny,
                               .terms = 1};
}

static struct floor *floor_of_priorities(uint32_t first, uint32_t second)
{
    struct spd_entry e[4];
    struct err err = {""};
    const struct floor_plan plan = plan_of(e, first, second);
    struct floor *f = floor_put(&floors, &plan, &err);
    check(f, "a floor: %s", err.text);
    return f;
}

static void test_changed_floor(void)
{
    struct floor *old = floor_of_priorities(PRIO_FLOOR, PRIO_FLOOR + 1);
    WATCH(of_listener);
    struct floor *now = floor_of_priorities(PRIO_FLOOR + 1, PRIO_FLOOR);
    floor_release(old);
    no_gap("a floor with the same entries in place of another one");
    floor_release(now);
    check(is_clear(&of_listener[0]) && is_clear(&of_listener[1]), "the last one leaves nothing");
}

static void adopt_entry(void *arg, const struct spd_entry *e)
{
    (void)arg;
    floor_adopt(&floors, e);
}

/* A listener of before a restart ends; another program listens there by then. */
static void test_adopted_floor(void)
{
    struct floor *f = floor_of_priorities(PRIO_FLOOR, PRIO_FLOOR + 1);
    spd_dump(floors.xfrm, adopt_entry, NULL);
    WATCH(of_listener);
    floors_sweep(&floors, NULL);
    no_gap("an adopted floor ends under a floor with the same entries");
    spd_dump(floors.xfrm, adopt_entry, NULL);
    struct floor *stays = floor_of_priorities(PRIO_FLOOR, PRIO_FLOOR + 1);
    floor_release(f);
    stays->stays = true;
    WATCH(of_listener);
    floors_clear(&floors);
    no_gap("btnsd ends, and the listener does not");
    spd_dump(floors.xfrm, adopt_entry, NULL);
    floors_sweep(&floors, NULL);
    check(is_clear(&of_listener[0]) && is_clear(&of_listener[1]), "the last one leaves nothing");
}

static bool is_incoming_end(const struct spd_entry *e)
{
    return e->dir == SPD_IN && e->priority == PRIO_FLOOR + 2;
}

static void test_refused_floor(void)
{
    struct spd_entry e[4];
    struct err err = {""};
    struct floor *f = floor_of_priorities(PRIO_FLOOR, PRIO_FLOOR + 1);
    const struct floor_plan plan = plan_of(e, PRIO_FLOOR, PRIO_FLOOR + 2);
    WATCH(of_listener);
    refuses = is_incoming_end;
    check(!floor_put(&floors, &plan, &err), "the kernel refuses a floor");
    refuses = NULL;
    no_gap("the floor before is as it was");
    floor_release(f);
}

/* ---- mandatory rules ---- */

/* Entries for port 8000 of the peer, in both directions; remote_bits 0: of all hosts. */
static void add_both_ways(struct mandatory *m, unsigned rule, enum spd_action action, uint8_t bits)
{
    const struct btns_addr remote = PEER(8000);
    for (unsigned dir = 0; dir < 2; dir++)
        m->entry[m->n++] = (struct spd_entry){.dir = dir ? SPD_IN : SPD_OUT,
                                              .priority = PRIO_MANDATORY + rule,
                                              .action = action,
                                              .protocol = IPPROTO_TCP,
                                              .local = {.family = AF_INET},
                                              .remote = remote,
                                              .remote_bits = bits};
}

static struct mandatory no_entries(void)
{
    return (struct mandatory){.entry = calloc(8, sizeof(struct spd_entry))};
}

static const struct packet of_rules[] = {
    {SPD_OUT, IPPROTO_TCP, HOST(1, 40000), PEER(8000)},
    {SPD_IN, IPPROTO_TCP, HOST(1, 40000), PEER(8000)},
};

static bool is_last_allowing(const struct spd_entry *e)
{
    return e->dir == SPD_IN && e->action == SPD_ALLOW && e->priority == PRIO_MANDATORY + 3;
}

/* A rule that comes before all others: those that were there have the next numbers now. */
static void test_mandatory(void)
{
    struct err err = {""};
    struct mandatory old = no_entries(), first = no_entries(), now = no_entries();
    add_both_ways(&first, 0, SPD_BLOCK, 32);
    add_both_ways(&first, 1, SPD_ALLOW, 24);
    check(!mandatory_put(floors.xfrm, &old, &first, &err), "rules are in force: %s", err.text);
    WATCH(of_rules);
    add_both_ways(&now, 1, SPD_BLOCK, 32);
    add_both_ways(&now, 2, SPD_ALLOW, 24);
    check(!mandatory_put(floors.xfrm, &old, &now, &err), "they move: %s", err.text);
    no_gap("a rule comes before them");
    struct mandatory next = no_entries();
    add_both_ways(&next, 0, SPD_BLOCK, 24);
    add_both_ways(&next, 1, SPD_ALLOW, 32);
    add_both_ways(&next, 3, SPD_ALLOW, 24);
    WATCH(of_rules);
    refuses = is_last_allowing;
    check(mandatory_put(floors.xfrm, &old, &next, &err), "the kernel refuses other rules");
    refuses = NULL;
    no_gap("those before are in force again");
    struct mandatory none = no_entries();
    mandatory_put(floors.xfrm, &old, &none, &err);
    check(is_clear(&of_rules[0]) && is_clear(&of_rules[1]), "without rules nothing is blocked");
    free(old.entry);
}

int main(void)
{
    struct err err = {""};
    if (geteuid() || unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    floors.xfrm = recorded = xfrm_open(&err);
    check(recorded, "the kernel's SPD: %s", err.text);
    test_changed_floor();
    test_adopted_floor();
    test_refused_floor();
    test_mandatory();
    hash_table_free(&floors.by_service);
    xfrm_close(recorded);
    return check_end();
}
