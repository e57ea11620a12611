/* A btnsd that is not one: answers every request with canned messages, good and bad, by name. */
#include "libapi/wire/wire.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned char request[BTNS_MSG_MAX];
static size_t request_len;
static const struct btns_hdr *asked = (const void *)request;

static void send_raw(int fd, const void *msg, size_t len)
{
    send(fd, msg, len, MSG_NOSIGNAL);
}

/* Sends a reply with a proper header; extra bytes make it too long or too short. */
static void answer(int fd, void *msg, size_t len, enum btns_type type)
{
    *(struct btns_hdr *)msg = (struct btns_hdr){BTNS_WIRE_VERSION, (uint16_t)type, asked->id};
    send_raw(fd, msg, len);
}

static void end(int fd, uint32_t error, const char *text)
{
    struct btns_end_msg m = {.error = error};
    snprintf(m.text, sizeof m.text, "%s", text);
    answer(fd, &m, sizeof m, BTNS_REP_END);
}

static struct btns_addr address(const char *ip, uint16_t port)
{
    struct btns_addr a;
    if (!btns_addr_parse(&a, ip))
        abort();
    a.port = port;
    return a;
}

static struct btns_status_msg status_msg(void)
{
    struct btns_status_msg m = {.pid = 4242,
                                .charon_pid = 4243,
                                .generation = 7,
                                .rules = 5,
                                .peers = 2,
                                .guards = 3,
                                .latches = 4,
                                .guards_of = {2, 0, 1},
                                .system = "/run/charon.vici: not connected",
                                .started = 1000000000,
                                .version = "9.8.7"};
    memset(m.key, 0x11, sizeof m.key);
    return m;
}

static void good_status(int fd)
{
    struct btns_status_msg m = status_msg();
    answer(fd, &m, sizeof m, BTNS_REP_STATUS);
}

static void good_latches(int fd)
{
    struct btns_latch_msg m = {.state = BTNS_S_ESTABLISHED,
                               .pid = 812,
                               .uid = 1000,
                               .protocol = IPPROTO_TCP,
                               .reqid = 4001,
                               .spi_out = 0xc0ffee01,
                               .sa = {{0xc0ffee01, BTNS_SA_OUT | BTNS_SA_USED, 3, 180},
                                      {0xc0ffee00, BTNS_SA_OUT, 1, 60},
                                      {7, 0, UINT64_C(1) << 40, UINT64_C(1) << 50}},
                               .cookie = 77,
                               .age = 3725,
                               .has_key = 1,
                               .auth = BTNS_A_LEAP,
                               .program = "curl",
                               .suite = "aes256gcm16",
                               .rule = "intranet (/etc/btns/policy.d/50-web.conf:7)"};
    memset(m.key, 0x22, sizeof m.key);
    m.local = address("10.77.0.1", 40000);
    m.remote = address("10.77.0.2", 8000);
    answer(fd, &m, sizeof m, BTNS_REP_LATCH);
    m.state = BTNS_S_FAILED;
    m.nat = BTNS_NAT_LOCAL | BTNS_NAT_REMOTE;
    m.encap_local = 4500;
    m.encap_remote = 20774;
    m.inner = address("fd99::2", 0);
    m.local = address("fd77::1", 40002);
    m.remote = address("fd77::2", 443);
    m.age = 5;
    strcpy(m.reason, "the peer's key changed");
    m.code = BTNS_R_IDENTITY;
    answer(fd, &m, sizeof m, BTNS_REP_LATCH);

    struct btns_latch_msg listener = {.state = BTNS_S_LISTENER,
                                      .protocol = IPPROTO_TCP,
                                      .cookie = 1,
                                      .age = 86400 * 3,
                                      .program = "python3",
                                      .rule = "default (/etc/btns/policy.d/90-default.conf:3)"};
    listener.local = address("0.0.0.0", 8000);
    answer(fd, &listener, sizeof listener, BTNS_REP_LATCH);

    struct btns_latch_msg clear = {
        .state = BTNS_S_UNPROTECTED, .pid = 9, .protocol = IPPROTO_TCP, .program = "wget"};
    clear.local = address("10.77.0.1", 40004);
    clear.remote = address("10.77.0.66", 80);
    strcpy(clear.reason, "no btnsd there");
    answer(fd, &clear, sizeof clear, BTNS_REP_LATCH);
    end(fd, 0, "");
}

static void good_peers(int fd)
{
    struct btns_peer_msg m = {
        .trust = BTNS_T_LEAP, .first_seen = 1000000000, .last_seen = 1000003600};
    memset(m.key, 0x22, sizeof m.key);
    m.addr = address("10.77.0.2", 0);
    answer(fd, &m, sizeof m, BTNS_REP_PEER);
    m.trust = BTNS_T_PINNED;
    strcpy(m.name, "bob");
    memset(m.key, 0x33, sizeof m.key);
    m.addr = address("fd77::66", 0);
    answer(fd, &m, sizeof m, BTNS_REP_PEER);
    end(fd, 0, "");
}

static void good_explain(int fd)
{
    const struct btns_explain *q = (const void *)request;
    struct btns_verdict_msg m = {.verdict = BTNS_V_PROTECTED, .text = "rule \"web\" (a.conf:3)"};
    m.about = (struct btns_about){1000, asked->type, BTNS_O_DONE, "quick"};
    if (q->remote.port == 81) {
        m.verdict = BTNS_V_DENIED;
        m.error = 13;
        m.about.outcome = BTNS_O_DENIED;
        strcpy(m.text, "rule \"no\" (a.conf:9): discard\nrule \"web\" (a.conf:3): other port");
    }
    answer(fd, &m, sizeof m, BTNS_REP_VERDICT);
}

static void good_candidates(int fd)
{
    struct btns_candidate_msg m = {.wins = 1,
                                   .total = 5,
                                   .line = 20,
                                   .timeout_ms = 10000,
                                   .lifetime = 90,
                                   .rule = "web",
                                   .program = "curl",
                                   .file = "/p/50-curl.conf",
                                   .author = "administrator",
                                   .rank = "default",
                                   .action = "protect",
                                   .profile = "default",
                                   .suite = "aes256gcm16",
                                   .identity = "known-key",
                                   .why = "wins",
                                   .vendor = "Acme",
                                   .description = "the web\033[2J"};
    answer(fd, &m, sizeof m, BTNS_REP_CANDIDATE);
    m = (struct btns_candidate_msg){.misses = 8,
                                    .total = 5,
                                    .line = 13,
                                    .rule = "loop\033[2J",
                                    .program = "curl",
                                    .file = "/p/50-curl.conf",
                                    .author = "administrator",
                                    .rank = "default",
                                    .action = "bypass",
                                    .why = "the remote address is inside none of its prefixes"};
    answer(fd, &m, sizeof m, BTNS_REP_CANDIDATE);
    good_explain(fd);
}

/* Candidates, and no verdict. */
static void no_verdict(int fd)
{
    struct btns_candidate_msg m = {.total = 1};
    answer(fd, &m, sizeof m, BTNS_REP_CANDIDATE);
    end(fd, 0, "");
}

static void good_policy(int fd)
{
    struct btns_policy_msg m = {.policy = 0xabcdef0123456789};
    if (memmem(request, request_len, "broken", 6)) {
        m.policy = 0;
        m.error = 22;
        strcpy(m.text, "policy:3: a section is not closed");
    }
    answer(fd, &m, sizeof m, BTNS_REP_POLICY);
}

static void good_end(int fd)
{
    end(fd, 0, "");
}

static void good(int fd)
{
    static void (*const by_type[BTNS_REQ_LAST + 1])(int) = {
        [BTNS_REQ_STATUS] = good_status,
        [BTNS_REQ_LATCHES] = good_latches,
        [BTNS_REQ_PEERS] = good_peers,
        [BTNS_REQ_EXPLAIN] = good_explain,
        [BTNS_REQ_POLICY] = good_policy,
        [BTNS_REQ_RELOAD] = good_end,
        [BTNS_REQ_FORGET] = good_end,
        [BTNS_REQ_PIN] = good_end,
        [BTNS_REQ_CANDIDATES] = good_candidates,
    };
    if (asked->type <= BTNS_REQ_LAST && by_type[asked->type])
        by_type[asked->type](fd);
}

/* What is wrong with a status: everything else about it is right. */
static void with_status(int fd, size_t len, struct btns_hdr hdr)
{
    struct {
        struct btns_status_msg m;
        char more[8];
    } s = {.m = status_msg()};
    s.m.hdr = hdr;
    send_raw(fd, &s, len);
}

#define WHOLE sizeof(struct btns_status_msg)
static void too_short(int fd)
{
    with_status(fd, WHOLE - 1, (struct btns_hdr){BTNS_WIRE_VERSION, BTNS_REP_STATUS, asked->id});
}

static void too_long(int fd)
{
    with_status(fd, WHOLE + 1, (struct btns_hdr){BTNS_WIRE_VERSION, BTNS_REP_STATUS, asked->id});
}

static void tiny(int fd)
{
    with_status(fd, 3, (struct btns_hdr){BTNS_WIRE_VERSION, BTNS_REP_STATUS, asked->id});
}

static void other_version(int fd)
{
    with_status(fd, WHOLE, (struct btns_hdr){99, BTNS_REP_STATUS, asked->id});
}

static void other_id(int fd)
{
    with_status(fd, WHOLE, (struct btns_hdr){BTNS_WIRE_VERSION, BTNS_REP_STATUS, asked->id + 1});
}

/* An answer that says it is about something else. */
static void other_request(int fd)
{
    struct btns_end_msg m = {.about = {0, BTNS_REQ_FORGET, BTNS_O_DONE, ""}};
    answer(fd, &m, sizeof m, BTNS_REP_END);
}

static void unknown_type(int fd)
{
    with_status(fd, WHOLE, (struct btns_hdr){BTNS_WIRE_VERSION, 999, asked->id});
}

static void wrong_type(int fd)
{
    struct btns_verdict_msg m = {.verdict = BTNS_V_CLEAR};
    answer(fd, &m, sizeof m, BTNS_REP_VERDICT);
}

static void close_at_once(int fd)
{
    (void)fd;
}

static void silent(int fd)
{
    char c;
    recv(fd, &c, 1, 0); /* until the client has had enough */
}

static void refusing(int fd)
{
    end(fd, 1, "only root may do that");
}

/* No NUL anywhere in its strings. */
static void unterminated(int fd)
{
    struct btns_status_msg m = status_msg();
    memset(m.refused, 'r', sizeof m.refused);
    memset(m.version, 'v', sizeof m.version);
    answer(fd, &m, sizeof m, BTNS_REP_STATUS);
}

/* Text that would move the cursor, forge a line, or is no UTF-8. */
static void hostile(int fd)
{
    struct btns_latch_msg m = {.state = 77, .pid = 1, .protocol = 200};
    strcpy(m.program, "a\033[2Jb\nc\"d\\e\xff"
                      "f\xc3\xa9");
    strcpy(m.reason, "x\ty\xe2\x80\xaez\xf0\x9f\x94\x92");
    strcpy(m.suite, "\xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80"); /* overlong, surrogate, too large */
    m.local = address("10.0.0.1", 1);
    answer(fd, &m, sizeof m, BTNS_REP_LATCH);
    end(fd, 0, "");
}

static void empty(int fd)
{
    end(fd, 0, "");
}

/* A status with something to mend. */
static void ailing(int fd)
{
    struct btns_status_msg m = status_msg();
    m.charon_pid = 0;
    strcpy(m.refused, "/etc/btns/policy.d/x.conf:3: no such action");
    strcpy(m.in_force, "the policy that was last in force");
    strcpy(m.wrong, "/etc/btns/x.conf:9: rule closed\ndisk full");
    answer(fd, &m, sizeof m, BTNS_REP_STATUS);
}

/* A list that breaks off. */
static void broken_list(int fd)
{
    struct btns_peer_msg m = {.trust = BTNS_T_LEAP};
    answer(fd, &m, sizeof m, BTNS_REP_PEER);
}

static struct btns_event_msg broken_event(void)
{
    struct btns_event_msg m = {.kind = BTNS_E_BROKEN,
                               .reason = BTNS_R_IDENTITY,
                               .state = BTNS_S_FAILED,
                               .pid = 812,
                               .uid = 1000,
                               .cookie = 77,
                               .time = 1000000000,
                               .has_key = 1,
                               .program = "curl",
                               .suite = "aes256gcm16",
                               .rule = "r",
                               .text = "another\nkey"};
    memset(m.key, 0x22, sizeof m.key);
    m.local = address("10.77.0.1", 40000);
    m.remote = address("10.77.0.2", 8000);
    return m;
}

/* Some events, and btnsd ends. */
static void events(int fd)
{
    struct btns_event_msg begin = {.kind = BTNS_E_WATCHING, .time = 1000000000};
    struct btns_event_msg lost = {.kind = BTNS_E_LOST, .count = 12, .time = 1000000000};
    struct btns_event_msg broken = broken_event();
    answer(fd, &begin, sizeof begin, BTNS_REP_EVENT);
    answer(fd, &broken, sizeof broken, BTNS_REP_EVENT);
    answer(fd, &lost, sizeof lost, BTNS_REP_EVENT);
}

/* The same, and it goes on. */
static void watched(int fd)
{
    events(fd);
    silent(fd);
}

static const struct {
    const char *name;
    void (*act)(int fd);
} scenes[] = {
    {"good", good},
    {"short", too_short},
    {"long", too_long},
    {"tiny", tiny},
    {"version", other_version},
    {"id", other_id},
    {"other-request", other_request},
    {"unknown-type", unknown_type},
    {"wrong-type", wrong_type},
    {"close", close_at_once},
    {"silent", silent},
    {"refusing", refusing},
    {"unterminated", unterminated},
    {"hostile", hostile},
    {"empty", empty},
    {"ailing", ailing},
    {"broken-list", broken_list},
    {"no-verdict", no_verdict},
    {"events", events},
    {"watched", watched},
};

/* One line a request, so that a test can see what was asked. */
static void record(void)
{
    static const char *const names[BTNS_REQ_LAST + 1] = {
        [BTNS_REQ_STATUS] = "STATUS",         [BTNS_REQ_LATCHES] = "LATCHES",
        [BTNS_REQ_PEERS] = "PEERS",           [BTNS_REQ_EXPLAIN] = "EXPLAIN",
        [BTNS_REQ_POLICY] = "POLICY",         [BTNS_REQ_RELOAD] = "RELOAD",
        [BTNS_REQ_FORGET] = "FORGET",         [BTNS_REQ_PIN] = "PIN",
        [BTNS_REQ_CANDIDATES] = "CANDIDATES", [BTNS_REQ_WATCH] = "WATCH"};
    char ip[BTNS_ADDR_STR];
    const char *name = asked->type <= BTNS_REQ_LAST ? names[asked->type] : NULL;
    printf("%s version=%u len=%zu", name ? name : "?", asked->version, request_len);
    if (asked->type == BTNS_REQ_EXPLAIN) {
        const struct btns_explain *q = (const void *)request;
        printf(" program=%s flags=%u policy=%" PRIx64 " remote=%s protocol=%u", q->program,
               q->flags, q->policy, btns_addr_str(&q->remote, ip), q->protocol);
    } else if (asked->type == BTNS_REQ_CANDIDATES) {
        const struct btns_candidates *q = (const void *)request;
        printf(" program=%s flags=%u policy=%" PRIx64 " remote=%s protocol=%u uid=%u",
               q->question.program, q->question.flags, q->question.policy,
               btns_addr_str(&q->question.remote, ip), q->question.protocol, q->uid);
    } else if (asked->type == BTNS_REQ_FORGET) {
        const struct btns_forget *f = (const void *)request;
        printf(" addr=%s key=", btns_addr_ip_str(&f->addr, ip));
        for (size_t i = 0; i < sizeof f->key; i++)
            printf("%02x", f->key[i]);
    } else if (asked->type == BTNS_REQ_PIN) {
        const struct btns_pin *p = (const void *)request;
        printf(" addr=%s key=%s", btns_addr_ip_str(&p->addr, ip), p->has_key ? "" : "-");
        for (size_t i = 0; p->has_key && i < sizeof p->key; i++)
            printf("%02x", p->key[i]);
        printf(" name=%s", p->name);
    } else if (asked->type == BTNS_REQ_POLICY) {
        printf(" text=%.*s", (int)(request_len - sizeof *asked),
               (const char *)request + sizeof *asked);
    }
    printf("\n");
    fflush(stdout);
}

/* usage: mock SOCKET SCENE. Writes "ready", then one line a request; ends by a signal. */
int main(int argc, char **argv)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    void (*act)(int) = NULL;
    for (size_t i = 0; argc == 3 && i < sizeof scenes / sizeof *scenes; i++)
        if (!strcmp(scenes[i].name, argv[2]))
            act = scenes[i].act;
    if (!act)
        return 2;
    snprintf(un.sun_path, sizeof un.sun_path, "%s", argv[1]);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (bind(listener, (const void *)&un, sizeof un) || listen(listener, 8))
        return 1;
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        ssize_t n = recv(fd, request, sizeof request, 0);
        if (n >= (ssize_t)sizeof *asked) {
            request_len = (size_t)n;
            record();
            act(fd);
        }
        close(fd);
    }
}
