/* A new SA of btnsd's own charon: every verdict, and which guards the SA concerns. TAP. */
#include "btnsd/latch/responder/new_sa_decide.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <string.h>

/* Facts: p, the reqid is a peer's; i and o, it is expected as an incoming or outgoing SA. */
static const struct verdict_case {
    const char *facts;
    size_t faults;
    enum arrival_verdict verdict;
} verdicts[] = {
    {"", 0, ARRIVAL_UNKNOWN},    {"", 1, ARRIVAL_UNKNOWN},     {"i", 0, ARRIVAL_UNKNOWN},
    {"o", 0, ARRIVAL_UNKNOWN},   {"io", 0, ARRIVAL_UNKNOWN},   {"io", 1, ARRIVAL_UNKNOWN},
    {"p", 0, ARRIVAL_MOVED},     {"p", 1, ARRIVAL_MOVED},      {"pi", 0, ARRIVAL_ACCEPTED},
    {"po", 0, ARRIVAL_ACCEPTED}, {"pio", 0, ARRIVAL_ACCEPTED}, {"pi", 1, ARRIVAL_WEAKER},
    {"po", 1, ARRIVAL_WEAKER},   {"pio", 3, ARRIVAL_WEAKER},
};

static void new_sa_judge_all(void)
{
    for (const struct verdict_case *c = verdicts; c < verdicts + sizeof verdicts / sizeof *c; c++) {
        const struct arrival a = {.paired = strchr(c->facts, 'p') != NULL,
                                  .expected_in = strchr(c->facts, 'i') != NULL,
                                  .expected_out = strchr(c->facts, 'o') != NULL,
                                  .faults = c->faults};
        check(new_sa_judge(&a) == c->verdict, "facts \"%s\", %zu faults: %d", c->facts, c->faults,
              new_sa_judge(&a));
    }
}

#define OURS   "10.0.0.1"
#define PEER   "10.0.0.2"
#define THIRD  "10.0.0.3"
#define REQID  70000
#define SPI    0xc0ffee
#define PORT   8001
#define CLIENT 40000

/* The guard's port is 8001, at the peer or (mirror) at this host; the SA has its reqid. */
static const struct concern_case {
    const char *src, *dst;
    uint32_t reqid;
    uint8_t protocol;
    uint16_t sport, dport;
    bool incoming, mirror, concerned;
    const char *what;
} concerns[] = {
    {OURS, PEER, REQID, IPPROTO_TCP, 0, PORT, false, false, true, "out, to the peer's service"},
    {PEER, OURS, REQID, IPPROTO_TCP, PORT, 0, true, false, true, "in, from the peer's service"},
    {OURS, PEER, REQID, IPPROTO_TCP, PORT, 0, false, true, true, "out, from our service"},
    {PEER, OURS, REQID, IPPROTO_TCP, 0, PORT, true, true, true, "in, to our service"},
    {OURS, PEER, REQID, IPPROTO_TCP, CLIENT, PORT, false, false, true, "narrowed by the peer"},
    {OURS, PEER, REQID, 0, 0, 0, false, false, true, "out, for all protocols and ports"},
    {PEER, OURS, REQID, 0, 0, 0, true, true, true, "in, for all protocols and ports"},
    {OURS, PEER, REQID, IPPROTO_TCP, 0, 0, false, true, true, "out, for all ports"},
    {OURS, PEER, REQID + 1, IPPROTO_TCP, 0, PORT, false, false, false, "another reqid"},
    {OURS, PEER, REQID, IPPROTO_UDP, 0, PORT, false, false, false, "another protocol"},
    {OURS, PEER, REQID, IPPROTO_TCP, 0, PORT + 1, false, false, false, "out, to another port"},
    {PEER, OURS, REQID, IPPROTO_TCP, PORT + 1, 0, true, false, false, "in, from another port"},
    {OURS, PEER, REQID, IPPROTO_TCP, PORT + 1, 0, false, true, false, "out, from another port"},
    {PEER, OURS, REQID, IPPROTO_TCP, 0, PORT + 1, true, true, false, "in, to another port"},
    {OURS, PEER, REQID, IPPROTO_TCP, PORT + 1, PORT, false, true, false, "the peer's port, ours"},
    {OURS, THIRD, REQID, IPPROTO_TCP, 0, PORT, false, false, false, "to another host"},
    {THIRD, PEER, REQID, IPPROTO_TCP, 0, PORT, false, false, false, "from another address"},
    {THIRD, OURS, REQID, IPPROTO_TCP, 0, PORT, true, true, false, "from another host"},
    {PEER, THIRD, REQID, IPPROTO_TCP, 0, PORT, true, true, false, "to another address of ours"},
    {PEER, OURS, REQID, 0, 0, 0, false, false, false, "taken for an outgoing SA"},
    {OURS, PEER, REQID, 0, 0, 0, true, false, false, "taken for an incoming SA"},
};

static struct guard a_guard(bool mirror)
{
    return (struct guard){.local = host_addr(OURS),
                          .remote = host_addr(PEER),
                          .service = {IPPROTO_TCP, PORT},
                          .mirror = mirror,
                          .reqid = REQID,
                          .state = GS_UP,
                          .gone = SPI};
}

static void walk_concerns(void)
{
    for (const struct concern_case *c = concerns; c < concerns + sizeof concerns / sizeof *c; c++) {
        const struct guard g = a_guard(c->mirror);
        const struct sad_entry sa = {.src = host_addr(c->src),
                                     .dst = host_addr(c->dst),
                                     .spi = SPI,
                                     .reqid = c->reqid,
                                     .sel_protocol = c->protocol,
                                     .sel_sport = c->sport,
                                     .sel_dport = c->dport};
        check(new_sa_concerns(&g, &sa, c->incoming) == c->concerned, "%s", c->what);
    }
    const struct guard g = a_guard(false);
    const struct sad_entry sa = {.src = host_addr(OURS),
                                 .dst = host_addr(PEER),
                                 .reqid = REQID,
                                 .sel_dport = PORT - PORT % 16,
                                 .sel_several_ports = true};
    check(PORT % 16 == 1 && new_sa_concerns(&g, &sa, false), "for several ports from another on");
}

/* charon has put this SA in the place of one of the guard's. */
static const struct replace_case {
    const char *src, *dst;
    uint32_t reqid, spi;
    enum guard_state state;
    bool replaces;
    const char *what;
} replacements[] = {
    {OURS, THIRD, REQID, SPI, GS_UP, true, "to a third address"},
    {OURS, THIRD, REQID, SPI, GS_WAITING, true, "the same, the guard already waits"},
    {OURS, THIRD, REQID, SPI, GS_FAILED, false, "the guard has failed already"},
    {OURS, PEER, REQID, SPI, GS_UP, false, "to the same address"},
    {THIRD, PEER, REQID, SPI, GS_UP, false, "from another address of ours"},
    {THIRD, THIRD, REQID, SPI, GS_UP, false, "between other addresses"},
    {OURS, THIRD, REQID + 1, SPI, GS_UP, false, "another reqid"},
    {OURS, THIRD, REQID, SPI + 1, GS_UP, false, "another SA of the peer's"},
};

static void walk_replacements(void)
{
    for (const struct replace_case *c = replacements;
         c < replacements + sizeof replacements / sizeof *c; c++) {
        struct guard g = a_guard(false);
        const struct sad_entry sa = {
            .src = host_addr(c->src), .dst = host_addr(c->dst), .spi = c->spi, .reqid = c->reqid};
        g.state = c->state;
        check(new_sa_replaces(&g, &sa) == c->replaces, "%s", c->what);
    }
}

int main(void)
{
    new_sa_judge_all();
    walk_concerns();
    walk_replacements();
    return check_end();
}
