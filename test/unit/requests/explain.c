/* The answers to why and explain. TAP. */
#include "test/unit/requests/requests_talk.h"

static void test_why(void)
{
    struct btns_flow q = {.cookie = 1ull << 51, .protocol = IPPROTO_TCP};
    int fd = dial();
    check(ask(fd, &q, sizeof q, BTNS_REQ_CONNECT_FAILURE) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_CLEAR,
          "why: of an unknown socket nothing is said");
    struct latch *l = registry_add(d.latches, q.cookie, NOBODY, true);
    intern_set(&l->program, "p");
    intern_set(&l->rule, "p");
    l->state = BTNS_S_FAILED;
    intern_set(&l->reason, "no luck");
    check(ask(fd, &q, sizeof q, BTNS_REQ_CONNECT_FAILURE) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_DENIED && !strcmp(answer.verdict.text, "no luck"),
          "of a failed one the reason");
    close(fd);
}

static void test_explain(void)
{
    struct btns_explain m = {.remote = {.family = AF_INET, .port = 80, .ip = {192, 0, 2, 1}}};
    int fd = dial();
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.error == EINVAL,
          "explain: a program is needed");
    memset(m.program, 'x', sizeof m.program);
    m.program[0] = '/';
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_PROTECTED,
          "a path without an end is cut");
    m.flags = BTNS_F_ACCEPT;
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_PROTECTED && strstr(answer.verdict.text, "anywhere"),
          "for a listener: what a peer anywhere gets");
    m.remote.family = 999;
    m.remote.family = 0;
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.error == EINVAL,
          "and an address");
    m.remote.family = 999;
    m.hdr = header(BTNS_REQ_EXPLAIN, 1);
    check(refused(&m, sizeof m, -1), "an address of no known family is refused");
    m.remote.family = AF_INET;
    m.policy = 4711;
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.error == ENOENT,
          "a policy of nobody's is unknown, not denied");
    close(fd);
}

static void tests(void)
{
    test_why();
    test_explain();
}

int main(void)
{
    return requests_main(tests);
}
