/*
 * Events: the event of each change of a latch, which watchers get it, and how a slow watcher learns
 * that it missed some. TAP.
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/requests/table.h"
#include "libapi/wire/names.h"
#include "test/unit/server/server_talk.h"

#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534

static struct btnsd d;

/* ---- the table ---- */

struct line {
    enum btns_state from, to;
    const char *events;
};

/* Every pair that causes an event, listed here a second time; no other pair causes one. */
static const struct line lines[] = {
    {0, BTNS_S_LISTENER, "latch-created"},
    {0, BTNS_S_LARVAL, "latch-created"},
    {0, BTNS_S_ESTABLISHED, "latch-created latch-established"},
    {0, BTNS_S_FAILED, "latch-created latch-broken"},
    {0, BTNS_S_UNPROTECTED, "latch-created unprotected"},
    {0, BTNS_S_CLOSED, "latch-closed"},
    {BTNS_S_LISTENER, BTNS_S_FAILED, "latch-broken"},
    {BTNS_S_LISTENER, BTNS_S_CLOSED, "latch-closed"},
    {BTNS_S_LARVAL, BTNS_S_ESTABLISHED, "latch-established"},
    {BTNS_S_LARVAL, BTNS_S_FAILED, "latch-broken"},
    {BTNS_S_LARVAL, BTNS_S_UNPROTECTED, "unprotected"},
    {BTNS_S_LARVAL, BTNS_S_CLOSED, "latch-closed"},
    {BTNS_S_ESTABLISHED, BTNS_S_FAILED, "latch-broken"},
    {BTNS_S_ESTABLISHED, BTNS_S_UNPROTECTED, "unprotected"},
    {BTNS_S_ESTABLISHED, BTNS_S_CLOSED, "latch-closed"},
    {BTNS_S_FAILED, BTNS_S_LISTENER, "latch-recovered"},
    {BTNS_S_FAILED, BTNS_S_ESTABLISHED, "latch-recovered"},
    {BTNS_S_FAILED, BTNS_S_UNPROTECTED, "unprotected"},
    {BTNS_S_FAILED, BTNS_S_CLOSED, "latch-closed"},
    {BTNS_S_UNPROTECTED, BTNS_S_ESTABLISHED, "latch-established"},
    {BTNS_S_UNPROTECTED, BTNS_S_FAILED, "latch-broken"},
    {BTNS_S_UNPROTECTED, BTNS_S_CLOSED, "latch-closed"},
    {BTNS_S_CLOSED, BTNS_S_LISTENER, "latch-created"},
    {BTNS_S_CLOSED, BTNS_S_LARVAL, "latch-created"},
    {BTNS_S_CLOSED, BTNS_S_ESTABLISHED, "latch-created latch-established"},
    {BTNS_S_CLOSED, BTNS_S_FAILED, "latch-created latch-broken"},
    {BTNS_S_CLOSED, BTNS_S_UNPROTECTED, "latch-created unprotected"},
};

static const char *wanted(unsigned from, unsigned to)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].from == from && lines[i].to == to)
            return lines[i].events;
    return "";
}

static void test_table(void)
{
    bool ok = true;
    for (unsigned from = 0; from < BTNS_STATES; from++)
        for (unsigned to = 1; to < BTNS_STATES; to++) {
            enum btns_event_kind kind[2];
            char got[80] = "";
            size_t n = latch_events(from, to, kind);
            for (size_t i = 0; i < n; i++)
                snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                         event_name(kind[i]));
            bool same = !strcmp(got, wanted(from, to));
            if (!same)
                printf("# %s -> %s: '%s', wanted '%s'\n", state_name(from), state_name(to), got,
                       wanted(from, to));
            ok &= same;
        }
    check(ok, "every change of state is told as what it is (L6)");
}

static void test_names(void)
{
    bool ok = true;
    for (unsigned i = 1; i < BTNS_EVENTS; i++)
        ok &= *event_name(i) && *event_name(i) != '?';
    for (unsigned i = 1; i < BTNS_REASONS; i++)
        ok &= *reason_name(i) && *reason_name(i) != '?';
    for (unsigned i = 1; i < BTNS_STATES; i++)
        ok &= *state_name(i) && *state_name(i) != '?';
    check(ok && *event_name(BTNS_EVENTS) == '?' && *reason_name(BTNS_REASONS) == '?',
          "every event, reason and state has a name");
    check(!strcmp(state08_name(BTNS_S_FAILED), "broken") &&
              !strcmp(state08_name(BTNS_S_CLOSED), "closed") && !state08_name(BTNS_S_LARVAL),
          "what recovers is BROKEN, what does not is CLOSED (latching -08, section 2.1)");
}

/* ---- how a guard's changes become events of its latches ---- */

static char heard[400];

static void hear_event(struct subscriber *s, const struct event *e)
{
    (void)s;
    snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s(%s) ", event_name(e->kind),
             reason_name(e->reason));
}

static bool told(const char *what)
{
    bool ok = !strcmp(heard, what);
    if (!ok)
        printf("# told: '%s'\n", heard);
    heard[0] = '\0';
    return ok;
}

static void test_guard(void)
{
    static struct subscriber s = {.event = hear_event};
    struct guards gs = {.events = &d.events, .loop = loop};
    struct guard g = {.all = &gs, .state = GS_PROVING, .has_key = true};
    struct latch *l = registry_add(d.latches, 4, 0, true);
    event_subscribe(&d.events, &s);
    l->state = BTNS_S_ESTABLISHED;
    latch_set_guard(l, &g);
    latch_report(&d.events, l);
    check(told("latch-created() "), "a latch that waits for its proof is created, no more");
    g.state = GS_UP;
    g.ever_up = true;
    guard_report(&g);
    guard_report(&g);
    check(told("latch-established() "), "established, and told once");
    g.state = GS_FAILED;
    g.broken = true;
    g.code = BTNS_R_OVERRIDDEN;
    guard_report(&g);
    check(told("latch-broken(policy-overridden) "), "broken, with the reason");
    g.state = GS_PROVING;
    guard_report(&g);
    check(told("") && latch_state(l) == BTNS_S_FAILED, "trying again is no recovery");
    g.state = GS_UP;
    g.broken = false;
    guard_report(&g);
    check(told("latch-recovered() "), "recovered when the cause is gone");
    registry_socket_gone(d.latches, 4);
    check(told("latch-closed(ended) ") && !g.holders && !g.latches, "closed with its socket");
    g.told = 0;
    guard_report(&g);
    check(told("latch-created() latch-established() "),
          "a service whose programs are not known is told of itself");
    g.has_key = false;
    g.broken = true;
    g.state = GS_FAILED;
    g.code = BTNS_R_RESTARTED;
    guard_report(&g);
    check(told("latch-closed(restarted) "), "what nobody can prove again is closed, not broken");
    event_unsubscribe(&d.events, &s);
    loop_cancel(loop, &g.sweep);
}

/* ---- watching ---- */

static union {
    struct btns_hdr hdr;
    struct btns_event_msg event;
    struct btns_end_msg end;
} answer;

static ssize_t next(int fd)
{
    ssize_t n = -1;
    for (int i = 0; i < 200 && n < 0; i++) {
        turn(1);
        n = hear(fd, &answer, sizeof answer);
    }
    return n;
}

static bool is_next(int fd, enum btns_event_kind kind, uint64_t cookie)
{
    ssize_t n = next(fd);
    bool ok = n == sizeof answer.event && answer.hdr.type == BTNS_REP_EVENT && answer.hdr.id == 9 &&
              answer.event.kind == kind && answer.event.cookie == cookie;
    if (!ok)
        printf("# %zd octets, %s\n", n, n > 0 ? event_name(answer.event.kind) : "");
    return ok;
}

static int watch(uint64_t cookie)
{
    struct btns_watch m = {.hdr = header(BTNS_REQ_WATCH, 9), .cookie = cookie};
    int fd = dial();
    say(fd, &m, sizeof m);
    return fd;
}

static void emit(enum btns_event_kind kind, uid_t uid, uint64_t cookie)
{
    event_emit(&d.events, &(struct event){.kind = kind, .uid = uid, .cookie = cookie, .state = 3});
}

static void test_watch(void)
{
    int all = watch(0), some = watch(71);
    check(is_next(all, BTNS_E_WATCHING, 0) && is_next(some, BTNS_E_WATCHING, 71),
          "a watch begins with a word");
    struct btns_watch more = {.hdr = header(BTNS_REQ_WATCH, 9), .cookie = 72};
    say(some, &more, sizeof more);
    check(is_next(some, BTNS_E_WATCHING, 72), "more sockets on one connection");
    emit(BTNS_E_CREATED, NOBODY, 70);
    emit(BTNS_E_MANAGER_LOST, 0, 0);
    emit(BTNS_E_BROKEN, 0, 72);
    check(is_next(all, BTNS_E_CREATED, 70) && is_next(all, BTNS_E_MANAGER_LOST, 0) &&
              is_next(all, BTNS_E_BROKEN, 72),
          "root is told everything, in order");
    check(is_next(some, BTNS_E_BROKEN, 72), "who named sockets, of these alone");
    more.cookie = 0;
    say(some, &more, sizeof more);
    check(next(some) == 0, "everything besides some is no request");
    close(all);
    close(some);
    turn(5);
    check(!d.watchers && !d.events.first, "who hangs up is forgotten");
}

/* Reads the events that were sent. Returns how many; *gap: the index before which LOST came. */
static unsigned read_all(int fd, uint64_t *lost, unsigned *gap, unsigned n)
{
    while (next(fd) > 0) {
        if (answer.event.kind == BTNS_E_LOST) {
            *lost += answer.event.count;
            *gap = n;
        } else if (answer.event.cookie == n + 1) {
            n++; /* nothing that came after the gap before it */
        }
    }
    return n;
}

static void test_slow(void)
{
    enum { MANY = 5000, MORE = 5 };
    uint64_t lost = 0;
    unsigned gap = 0;
    int slow = watch(0), fast = watch(0);
    is_next(slow, BTNS_E_WATCHING, 0);
    is_next(fast, BTNS_E_WATCHING, 0);
    unsigned heard_fast = 0;
    for (unsigned i = 1; i <= MANY; i++) {
        emit(BTNS_E_CREATED, 0, i);
        if (i % 50 == 0)
            heard_fast += is_next(fast, BTNS_E_CREATED, heard_fast + 1);
        for (unsigned j = 1; i % 50 == 0 && j < 50; j++)
            heard_fast += hear(fast, &answer, sizeof answer) == sizeof answer.event;
    }
    check(heard_fast == MANY, "a client that reads gets every event, though others do not read: %u",
          heard_fast);
    unsigned first = 0;
    while (first < 45)
        first += is_next(slow, BTNS_E_CREATED, first + 1);
    for (unsigned i = MANY + 1; i <= MANY + MORE; i++)
        emit(BTNS_E_CREATED, 0, i);
    unsigned n = read_all(slow, &lost, &gap, first);
    check(lost > 0 && n + lost == MANY + MORE, "a slow one is told how many it missed: %u and %llu",
          n, (unsigned long long)lost);
    check(n < MANY && gap == n, "after those that came before");
    emit(BTNS_E_CREATED, 0, 1);
    check(is_next(slow, BTNS_E_CREATED, 1), "and then it goes on");
    close(slow);
    close(fast);
    turn(5);
}

static int *result; /* in memory that both processes share */

static void nobody_watches(void)
{
    int fd = watch(0);
    *result = 0;
    for (int i = 0; i < 60000 && *result >= 0; i++) {
        ssize_t n = hear(fd, &answer, sizeof answer);
        if (n < 0)
            usleep(1000);
        else if (n == 0 || answer.event.kind == BTNS_E_RULES)
            break;
        else if (answer.event.kind == BTNS_E_WATCHING)
            *result += 1;
        else
            *result += event_is_latch(answer.event.kind) && answer.event.uid != NOBODY ? 1000 : 10;
    }
}

static void test_users(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
            _exit(1);
        nobody_watches();
        _exit(0);
    }
    for (int i = 0; i < 20000 && *result < 1; i++)
        turn(5);
    emit(BTNS_E_CREATED, 0, 1);
    emit(BTNS_E_CREATED, NOBODY, 2);
    emit(BTNS_E_PEER_NEW, 0, 0);
    emit(BTNS_E_BROKEN, 1000, 3);
    emit(BTNS_E_RULES, 0, 0);
    for (int i = 0; i < 20000 && waitpid(pid, NULL, WNOHANG) != pid; i++)
        turn(5);
    check(*result == 21, "a user is told of his own latches, and of what is nobody's: %d", *result);
}

static void test_too_many(void)
{
    int fd[40], refused = 0;
    for (int i = 0; i < 40; i++)
        fd[i] = watch(0);
    for (int i = 0; i < 40; i++)
        refused += next(fd[i]) == sizeof answer.end && answer.end.error == EBUSY;
    check(!refused, "root may watch as often as it likes");
    for (int i = 0; i < 40; i++)
        close(fd[i]);
    turn(5);
    check(!d.watchers && !count_by_user_of(d.watching, 0), "all of them are counted down");
}

int main(void)
{
    char dir[80];
    struct err err = {""};
    if (geteuid()) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = d.loop = loop_new();
    result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    d.latches = registry_new();
    registry_set_events(d.latches, &d.events);
    d.server = server_new(loop, socket_path, request_dispatch, &d, &err);
    check(d.server && d.latches, "prepared %s", err.text);
    test_table();
    test_names();
    test_guard();
    test_watch();
    test_slow();
    test_users();
    test_too_many();
    server_free(d.server);
    registry_free(d.latches);
    count_by_user_free(d.watching);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
