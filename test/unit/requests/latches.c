/*
 * The list of latches: root gets all, others their own; while a client reads it, latches end and
 * guards linger. TAP.
 */
#include "test/unit/requests/requests_talk.h"

#include "btnsd/latch/guard/search.h"

/* The number of LINGERING rows in root's list. */
static unsigned lingering(int fd)
{
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 77);
    unsigned n = 0;
    say(fd, &h, sizeof h);
    while (next(fd) == sizeof answer.latch && answer.hdr.type == BTNS_REP_LATCH)
        n += answer.latch.state == BTNS_S_LINGERING && answer.latch.remote.port == 8000;
    return n;
}

/* A guard without a latch is listed as long as it may block a new connection. */
static void test_lingering(void)
{
    struct guard g = {.all = &d.guards,
                      .state = GS_FAILED,
                      .local = {.family = AF_INET, .ip = {192, 0, 2, 7}},
                      .remote = {.family = AF_INET, .ip = {192, 0, 2, 8}},
                      .service = {IPPROTO_TCP, 8000}};
    int fd = dial();
    d.guards.peers = d.peers;
    guard_enter(&g);
    d.guards.list = &g;
    unsigned unused = lingering(fd);
    guard_set_key(&g, &(struct btns_key){.raw = {8}});
    guard_set_latched(&g);
    unsigned failed = lingering(fd);
    g.state = GS_UP;
    unsigned idle = lingering(fd);
    check(!unused && failed == 1 && !idle,
          "a guard whose latches have ended is listed, unless it is idle: %u %u %u", unused, failed,
          idle);
    d.guards.list = NULL;
    guard_leave(&g);
    close(fd);
}

static void fill_registry(unsigned of_root, unsigned of_nobody)
{
    for (unsigned i = 0; i < of_root + of_nobody; i++) {
        struct latch *l = registry_add(d.latches, 1ull << 50 | i, i < of_root ? 0 : NOBODY, true);
        l->state = BTNS_S_UNPROTECTED;
        intern_set(&l->program, "p");
        intern_set(&l->rule, "r");
    }
}

static unsigned listed(int fd, ssize_t (*following)(int fd))
{
    unsigned n = 0;
    for (ssize_t len; (len = following(fd)) == sizeof answer.latch; n++)
        if (answer.hdr.type != BTNS_REP_LATCH || answer.hdr.id != 77 ||
            *answer.latch.program != 'p')
            return 0;
    return answer.hdr.type == BTNS_REP_END && !answer.end.error ? n : 0;
}

static void list_own(void)
{
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 77);
    int fd = dial();
    say(fd, &h, sizeof h);
    *result = (int)listed(fd, next_away);
}

static void test_lists(void)
{
    enum { ROOTS = 5000, NOBODYS = 300 };
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 77);
    fill_registry(ROOTS, NOBODYS);
    int fd = dial();
    say(fd, &h, sizeof h);
    unsigned n = listed(fd, next);
    check(n == ROOTS + NOBODYS, "thousands of latches are listed, all of them to root: %u", n);
    as_nobody(list_own);
    check(*result == NOBODYS, "to others their own: %d", *result);
    int slow = dial(); /* connects only now, because slow readers are dropped */
    say(slow, &h, sizeof h);
    bool begun = next(slow) == sizeof answer.latch;
    for (unsigned i = 0; i < ROOTS; i++)
        registry_socket_gone(d.latches, 1ull << 50 | i);
    n = begun ? 1 + listed(slow, next) : 0;
    check(n >= NOBODYS && n < ROOTS, "those that end while a list is read are left out: %u", n);
    close(fd);
    close(slow);
}

static void tests(void)
{
    test_lingering();
    test_lists();
}

int main(void)
{
    return requests_main(tests);
}
