/* Answers commands with fixed messages, good and bad ones, by the name of a scene. */
#include "test/mock/mock.h"
#include "test/unit/addr.h"

#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void end_answer(const struct request *r, uint32_t error, const char *text)
{
    struct btns_end_msg m = {.error = error};
    snprintf(m.text, sizeof m.text, "%s", text);
    send_answer(r, &m, sizeof m, BTNS_REP_END);
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

static void good_status(const struct request *r)
{
    struct btns_status_msg m = status_msg();
    send_answer(r, &m, sizeof m, BTNS_REP_STATUS);
}

static void good_latches(const struct request *r)
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
    m.local = addr("10.77.0.1", 40000);
    m.remote = addr("10.77.0.2", 8000);
    send_answer(r, &m, sizeof m, BTNS_REP_LATCH);
    m.state = BTNS_S_FAILED;
    m.nat = BTNS_NAT_LOCAL | BTNS_NAT_REMOTE;
    m.encap_local = 4500;
    m.encap_remote = 20774;
    m.inner = addr("fd99::2", 0);
    m.local = addr("fd77::1", 40002);
    m.remote = addr("fd77::2", 443);
    m.age = 5;
    strcpy(m.reason, "the peer's key changed");
    m.code = BTNS_R_IDENTITY;
    send_answer(r, &m, sizeof m, BTNS_REP_LATCH);

    struct btns_latch_msg listener = {.state = BTNS_S_LISTENER,
                                      .protocol = IPPROTO_TCP,
                                      .cookie = 1,
                                      .age = 86400 * 3,
                                      .program = "python3",
                                      .rule = "default (/etc/btns/policy.d/90-default.conf:3)"};
    listener.local = addr("0.0.0.0", 8000);
    send_answer(r, &listener, sizeof listener, BTNS_REP_LATCH);

    struct btns_latch_msg clear = {
        .state = BTNS_S_UNPROTECTED, .pid = 9, .protocol = IPPROTO_TCP, .program = "wget"};
    clear.local = addr("10.77.0.1", 40004);
    clear.remote = addr("10.77.0.66", 80);
    strcpy(clear.reason, "no btnsd there");
    send_answer(r, &clear, sizeof clear, BTNS_REP_LATCH);
    end_answer(r, 0, "");
}

static void good_peers(const struct request *r)
{
    struct btns_peer_msg m = {
        .trust = BTNS_T_LEAP, .first_seen = 1000000000, .last_seen = 1000003600};
    memset(m.key, 0x22, sizeof m.key);
    m.addr = addr("10.77.0.2", 0);
    send_answer(r, &m, sizeof m, BTNS_REP_PEER);
    m.trust = BTNS_T_PINNED;
    m.no_latch = 1;
    strcpy(m.name, "bob");
    memset(m.key, 0x33, sizeof m.key);
    m.addr = addr("fd77::66", 0);
    send_answer(r, &m, sizeof m, BTNS_REP_PEER);
    end_answer(r, 0, "");
}

static void good_explain(const struct request *r)
{
    const struct btns_explain *q = &r->explain;
    struct btns_verdict_msg m = {.verdict = BTNS_V_PROTECTED, .text = "rule \"web\" (a.conf:3)"};
    m.about = (struct btns_about){1000, r->hdr.type, BTNS_O_DONE, "quick"};
    if (q->remote.port == 81) {
        m.verdict = BTNS_V_DENIED;
        m.error = 13;
        m.about.outcome = BTNS_O_DENIED;
        strcpy(m.text, "rule \"no\" (a.conf:9): discard\nrule \"web\" (a.conf:3): other port");
    }
    send_answer(r, &m, sizeof m, BTNS_REP_VERDICT);
}

static void good_candidates(const struct request *r)
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
                                   .mode = "transport",
                                   .suite = "aes256gcm16",
                                   .identity = "known-key",
                                   .why = "wins",
                                   .vendor = "Acme",
                                   .description = "the web\033[2J"};
    send_answer(r, &m, sizeof m, BTNS_REP_CANDIDATE);
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
    send_answer(r, &m, sizeof m, BTNS_REP_CANDIDATE);
    good_explain(r);
}

/* Candidates, but no verdict at the end. */
static void no_verdict(const struct request *r)
{
    struct btns_candidate_msg m = {.total = 1};
    send_answer(r, &m, sizeof m, BTNS_REP_CANDIDATE);
    end_answer(r, 0, "");
}

static void good_policy(const struct request *r)
{
    struct btns_policy_msg m = {.policy = 0xabcdef0123456789};
    if (memmem(r->bytes, r->len, "broken", 6)) {
        m.policy = 0;
        m.error = 22;
        strcpy(m.text, "policy:3: a section is not closed");
    }
    send_answer(r, &m, sizeof m, BTNS_REP_POLICY);
}

static void good_end(const struct request *r)
{
    end_answer(r, 0, "");
}

static unsigned
    *scanned; /* shared by the answering processes: how many hosts that end in 7 have been asked */

void share_scenes(void)
{
    scanned =
        mmap(NULL, sizeof *scanned, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scanned == MAP_FAILED)
        err(1, "mmap");
}

/* 10.0.0.9 is silent. Hosts that end in 7 answer once three of them are asked. */
static void good_keyscan(const struct request *r)
{
    bool waits = r->keyscan.addr.ip[3] == 7;
    if (waits)
        __atomic_add_fetch(scanned, 1, __ATOMIC_SEQ_CST);
    while (waits && __atomic_load_n(scanned, __ATOMIC_SEQ_CST) < 3)
        usleep(1000);
    if (r->keyscan.addr.ip[3] == 9 || r->keyscan.addr.ip[15] == 9)
        end_answer(r, 110, "no answer in time");
    else
        end_answer(r, 0, "ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=");
}

static void good(const struct request *r)
{
    static void (*const by_type[BTNS_REQ_LAST + 1])(const struct request *r) = {
        [BTNS_REQ_STATUS] = good_status,
        [BTNS_REQ_LATCHES] = good_latches,
        [BTNS_REQ_PEERS] = good_peers,
        [BTNS_REQ_EXPLAIN] = good_explain,
        [BTNS_REQ_POLICY] = good_policy,
        [BTNS_REQ_RELOAD] = good_end,
        [BTNS_REQ_FORGET] = good_end,
        [BTNS_REQ_PIN] = good_end,
        [BTNS_REQ_IMPORT] = good_end,
        [BTNS_REQ_KEYSCAN] = good_keyscan,
        [BTNS_REQ_ROTATE] = good_end,
        [BTNS_REQ_NOLATCH] = good_end,
        [BTNS_REQ_CANDIDATES] = good_candidates,
    };
    if (r->hdr.type <= BTNS_REQ_LAST && by_type[r->hdr.type])
        by_type[r->hdr.type](r);
}

/* An answer about another request. */
static void other_request(const struct request *r)
{
    struct btns_end_msg m = {.about = {0, BTNS_REQ_FORGET, BTNS_O_DONE, ""}};
    send_answer(r, &m, sizeof m, BTNS_REP_END);
}

/* Waits until the client closes the connection. */
static void wait_for_end(const struct request *r)
{
    char c;
    recv(r->from, &c, 1, 0);
}

static void refusing(const struct request *r)
{
    end_answer(r, 1, "only root may do that");
}

/* Strings without a NUL. */
static void unterminated(const struct request *r)
{
    struct btns_status_msg m = status_msg();
    memset(m.refused, 'r', sizeof m.refused);
    memset(m.version, 'v', sizeof m.version);
    send_answer(r, &m, sizeof m, BTNS_REP_STATUS);
}

/* Text that would move the cursor or forge a line, or that is not UTF-8. */
static void hostile(const struct request *r)
{
    struct btns_latch_msg m = {.state = 77, .pid = 1, .protocol = 200};
    strcpy(m.program, "a\033[2Jb\nc\"d\\e\xff"
                      "f\xc3\xa9");
    strcpy(m.reason, "x\ty\xe2\x80\xaez\xf0\x9f\x94\x92");
    strcpy(m.suite, "\xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80"); /* overlong, surrogate, too large */
    m.local = addr("10.0.0.1", 1);
    m.remote = addr("10.0.0.2", 2);
    send_answer(r, &m, sizeof m, BTNS_REP_LATCH);
    end_answer(r, 0, "");
}

static void empty(const struct request *r)
{
    end_answer(r, 0, "");
}

/* A status that reports problems. */
static void ailing(const struct request *r)
{
    struct btns_status_msg m = status_msg();
    m.charon_pid = 0;
    strcpy(m.refused, "/etc/btns/policy.d/x.conf:3: no such action");
    strcpy(m.in_force, "the policy that was last in force");
    strcpy(m.wrong, "/etc/btns/x.conf:9: rule closed\ndisk full");
    send_answer(r, &m, sizeof m, BTNS_REP_STATUS);
}

/* A list without an end. */
static void broken_list(const struct request *r)
{
    struct btns_peer_msg m = {.trust = BTNS_T_LEAP};
    send_answer(r, &m, sizeof m, BTNS_REP_PEER);
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
    m.local = addr("10.77.0.1", 40000);
    m.remote = addr("10.77.0.2", 8000);
    return m;
}

/* Some events, then btnsd ends. */
static void events(const struct request *r)
{
    struct btns_event_msg begin = {.kind = BTNS_E_WATCHING, .time = 1000000000};
    struct btns_event_msg lost = {.kind = BTNS_E_LOST, .count = 12, .time = 1000000000};
    struct btns_event_msg broken = broken_event();
    send_answer(r, &begin, sizeof begin, BTNS_REP_EVENT);
    send_answer(r, &broken, sizeof broken, BTNS_REP_EVENT);
    send_answer(r, &lost, sizeof lost, BTNS_REP_EVENT);
    struct btns_event_msg closed = broken;
    closed.kind = BTNS_E_CLOSED;
    closed.state = BTNS_S_CLOSED;
    closed.reason = BTNS_R_ENDED;
    closed.local.port = 0; /* not known yet when it ended */
    closed.text[0] = 0;
    send_answer(r, &closed, sizeof closed, BTNS_REP_EVENT);
}

/* The same events, and btnsd goes on. */
static void watched(const struct request *r)
{
    events(r);
    wait_for_end(r);
}

static const struct {
    const char *name;
    void (*act)(const struct request *r);
} scenes[] = {
    {"good", good},
    {"other-request", other_request},
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

static int scene_index(const char *name)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (!strcmp(scenes[i].name, name))
            return (int)i;
    return -1;
}

bool is_scene(const char *name)
{
    return scene_index(name) >= 0;
}

void answer_command(const struct request *r)
{
    scenes[scene_index(script.scene)].act(r);
}
