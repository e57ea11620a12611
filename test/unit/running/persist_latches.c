/*
 * btnsd is killed the moment after it learnt of a latch: the next btnsd knows the latch's program
 * (L14). In a network namespace of its own. TAP.
 */
#include "btnsd/running/persist_latches.h"
#include "btnsd/base/user_limits.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/latch/registry/store.h"
#include "btnsd/latch/registry/store_newest.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct btnsd d;
static char path[200], newest[210];
static int listener, connected[2];

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

static void open_sockets(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    connected[0] = socket(AF_INET, SOCK_STREAM, 0);
    bool ok = !system("ip link set lo up") && !listen(listener, 5) &&
              !getsockname(listener, (struct sockaddr *)&in, &len);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ok = ok && !connect(connected[0], (struct sockaddr *)&in, sizeof in);
    connected[1] = accept(listener, NULL, NULL);
    check(ok && connected[1] >= 0, "a connection");
}

enum { FLOODER = 77, OTHER = 78 };

static struct latch *make_latch(uint64_t cookie, enum btns_state state, const char *program)
{
    struct latch *l = registry_add(d.latches, cookie, getuid(), true);
    l->protocol = IPPROTO_TCP;
    l->pid = getpid();
    l->state = state;
    intern_set(&l->program, program);
    intern_set(&l->rule, "rule \"r\"");
    latch_report(&d.events, l);
    return l;
}

/* The latch that the next btnsd restores for the socket; valid until the next call. */
static const struct latch *known(int fd)
{
    static struct btnsd next;
    if (next.latches)
        registry_free(next.latches);
    next = (struct btnsd){.sockets = d.sockets, .latches = registry_new()};
    registry_set_events(next.latches, &next.events);
    persist_restore(&next, path);
    return registry_find(next.latches, cookie_of(fd), getuid());
}

static bool knows(int fd, enum btns_state state, const char *program)
{
    const struct latch *l = known(fd);
    bool ok = l && l->state == state && !strcmp(l->program, program);
    if (!ok)
        printf("# state %d, program %s\n", l ? (int)l->state : -1, l ? l->program : "?");
    return ok;
}

static void test_at_once(void)
{
    struct latch *l = make_latch(cookie_of(connected[0]), BTNS_S_UNPROTECTED, "client");
    make_latch(cookie_of(connected[1]), BTNS_S_UNPROTECTED, "server");
    make_latch(cookie_of(listener), BTNS_S_LISTENER, "server");
    check(knows(connected[0], BTNS_S_UNPROTECTED, "client"), "a connection's program is known");
    check(knows(connected[1], BTNS_S_UNPROTECTED, "server"), "that of an accepted one, too");
    check(knows(listener, BTNS_S_LISTENER, "server"), "and a listener's");
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_IDENTITY;
    intern_set(&l->reason, "another key");
    latch_report(&d.events, l);
    check(knows(connected[0], BTNS_S_CLOSED, "client"), "the latest state counts");
}

static void test_cut(void)
{
    FILE *f = fopen(newest, "a");
    fputs("77\t5\t1\t0\t3\t0\t4\t1\t6\t2:80", f);
    fclose(f);
    check(knows(listener, BTNS_S_LISTENER, "server"),
          "btnsd was killed while it wrote a line: the others count");
}

static void test_cut_in_the_middle(void)
{
    FILE *f = fopen(newest, "a");
    fputs("\nno latch\n\n", f);
    fclose(f);
    struct latch *l = registry_find(d.latches, cookie_of(connected[1]), getuid());
    l->state = BTNS_S_CLOSED;
    latch_report(&d.events, l);
    check(knows(listener, BTNS_S_LISTENER, "server") &&
              knows(connected[1], BTNS_S_CLOSED, "server"),
          "a line in the middle was cut off: the ones after it count, too");
}

/* How many latches of this user are in the file. */
static unsigned added_of(uid_t uid)
{
    struct latch_record *list;
    struct err err;
    unsigned n = 0;
    int all = store_read_appended(newest, &list, &err);
    for (int i = 0; i < all; i++)
        n += list[i].uid == uid;
    if (all > 0)
        free(list);
    return n;
}

static void test_end(void)
{
    persist_end(&d);
    check(access(newest, F_OK) && !access(path, F_OK),
          "the file of all has them, and the other is deleted");
    check(knows(connected[0], BTNS_S_CLOSED, "client") &&
              knows(listener, BTNS_S_LISTENER, "server"),
          "and all are known from there");
}

static void test_flood(void)
{
    struct store_newest s = {.path = newest};
    const unsigned each = limits[LIMIT_NEWEST].each;
    struct latch l = {.uid = FLOODER, .state = BTNS_S_UNPROTECTED, .protocol = IPPROTO_TCP};
    for (l.cookie = 1; l.cookie <= 2 * each; l.cookie++)
        store_newest_add(&s, &l);
    l.uid = OTHER;
    store_newest_add(&s, &l);
    l.uid = FLOODER;
    l.state = BTNS_S_LISTENER;
    l.cookie++;
    store_newest_add(&s, &l);
    check(!store_newest_flush(&s), "a user's flood of connections is written");
    check(added_of(OTHER) == 1, "after it, another user's connection is written down");
    check(added_of(FLOODER) == each + 1, "of the flood only so many are, but every listener");
    store_newest_end(&s);
    l.state = BTNS_S_UNPROTECTED;
    check(!store_newest_add(&s, &l) && !store_newest_flush(&s) && added_of(FLOODER) == 1,
          "once all are written down, the user may have more");
    store_newest_end(&s);
}

int main(void)
{
    char dir[100];
    struct err err;
    if (unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    scratch(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/latches", dir);
    snprintf(newest, sizeof newest, "%s.new", path);
    d.loop = loop_new();
    d.latches = registry_new();
    registry_set_events(d.latches, &d.events);
    d.sockets = sockdiag_open(IPPROTO_TCP, &err);
    check(d.sockets != NULL, "parts");
    open_sockets();
    persist_begin(&d, path);
    test_at_once();
    test_cut();
    test_cut_in_the_middle();
    test_end();
    test_flood();
    scratch_remove(dir);
    return check_end();
}
