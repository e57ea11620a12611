/*
 * The administrator's IKE daemon: parses its reports, and decides whether a latch may use its SAs.
 */
#include "btnsd/latch/keying/system.h"
#include "btnsd/ike/vici/vici.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define A "192.0.2.1"
#define B "192.0.2.2"

/* ---- reading ---- */

static bool covers(const char *text, const char *a, uint16_t port)
{
    struct system_ts ts;
    struct btns_addr addr = host_addr(a);
    return system_read_ts(text, &ts) && system_ts_covers(&ts, 1, &addr, IPPROTO_TCP, port);
}

static void selectors(void)
{
    struct system_ts ts;
    check(covers("192.0.2.2/32", B, 8000), "a host covers its services");
    check(covers("192.0.2.0/24[tcp]", B, 8000), "a net does, for TCP");
    check(covers("192.0.2.2/32[tcp/8000]", B, 8000), "a service is covered by itself");
    check(!covers("192.0.2.2/32[tcp/8001]", B, 8000), "not by another");
    check(covers("192.0.2.2/32[6/8000-8010]", B, 8010), "a range covers its end");
    check(!covers("192.0.2.2/32[6/8000-8010]", B, 8011), "and nothing behind it");
    check(covers("192.0.2.2/32[tcp/http]", B, 80), "a port's name is understood");
    check(!covers("192.0.2.2/32[udp]", B, 8000), "UDP does not cover TCP");
    check(!covers("192.0.2.3/32", B, 8000), "nor another host");
    check(!covers("192.0.2.2/32[tcp/8000]", B, 0), "one port is not all of them");
    check(covers("fd00::/8[tcp]", "fd77::2", 8000), "IPv6");
    check(!system_read_ts("192.0.2.1..192.0.2.5", &ts), "a range of addresses is not understood");
    check(!system_read_ts("192.0.2.1/33", &ts) && !system_read_ts("[tcp]", &ts) &&
              !system_read_ts("", &ts) && !system_read_ts("192.0.2.1/32[tcp", &ts) &&
              !system_read_ts("192.0.2.1/32[tcp/nonsense]", &ts),
          "nor is nonsense");
}

static void put_child(struct vici_msg *m, const char *name, const char *unique, const char *state)
{
    static const char *const ts[] = {"192.0.2.2/32[tcp/8000]", "192.0.2.2/32[udp]", NULL};
    static const char *const own[] = {"192.0.2.1/32", NULL};
    char section[64];
    snprintf(section, sizeof section, "%s-%s", name, unique);
    vici_section(m, section);
    vici_kv(m, "name", name);
    vici_kv(m, "uniqueid", unique);
    vici_kv(m, "reqid", "3");
    vici_kv(m, "state", state);
    vici_kv(m, "spi-in", "c80fe8c7");
    vici_kv(m, "spi-out", "0000000a");
    vici_list(m, "local-ts", own);
    vici_list(m, "remote-ts", ts);
    vici_section_end(m);
}

static void put_sa(struct vici_msg *m)
{
    vici_init(m);
    vici_section(m, "bob-vpn");
    vici_kv(m, "uniqueid", "7");
    vici_kv(m, "state", "ESTABLISHED");
    vici_kv(m, "local-host", A);
    vici_kv(m, "remote-host", B);
    vici_kv(m, "remote-id", "bob.lab");
    vici_section(m, "child-sas");
    put_child(m, "web", "1", "REKEYED");
    put_child(m, "web", "2", "INSTALLED");
    vici_section_end(m);
    vici_section_end(m);
}

static void sas(void)
{
    struct vici_msg m;
    struct system_view v = {0};
    struct btns_addr a = host_addr(A), b = host_addr(B);
    put_sa(&m);
    check(vici_ok(&m) && !system_read_sa(&v, m.data, m.len) && v.children == 2,
          "two children of one IKE SA");
    const struct system_child *c = v.child;
    check(!strcmp(c->connection, "bob-vpn") && !strcmp(c->child, "web") &&
              !strcmp(c->remote_id, "bob.lab") && c->established,
          "each has its connection and the peer's identity");
    check(btns_addr_ip_equal(&c->local, &a) && btns_addr_ip_equal(&c->remote, &b), "its addresses");
    check(c->reqid == 3 && c->spi_in == 0xc80fe8c7 && c->spi_out == 10 && c->unique == 1,
          "its reqid and SPIs");
    check(!c[0].installed && c[1].installed && c[1].unique == 2, "its state");
    check(c->remote_tss == 2 && c->local_tss == 1 && c->remote_ts[0].from == 8000 &&
              c->remote_ts[1].protocol != IPPROTO_TCP,
          "its selectors");
    bool whole = true;
    for (size_t n = 0; n < m.len; n++) {
        uint8_t *part = malloc(n ? n : 1); /* of exactly this size, for the sanitizer */
        memcpy(part, m.data, n);
        int rc = system_read_sa(&v, part, n);
        whole &= rc == 0 || rc == -EBADMSG;
        free(part);
    }
    check(whole, "what is cut off anywhere does no harm");
    vici_free(&m);
    system_view_free(&v);
}

static void conns(void)
{
    static const char *const cas[] = {"O=lab, CN=lab CA", NULL};
    struct vici_msg m;
    struct system_view v = {0};
    vici_init(&m);
    vici_section(&m, "bob-vpn");
    vici_section(&m, "local-1");
    vici_kv(&m, "class", "pre-shared key");
    vici_section_end(&m);
    vici_section(&m, "remote-1");
    vici_kv(&m, "class", "public key");
    vici_list(&m, "cacerts", cas);
    vici_section_end(&m);
    vici_section(&m, "children");
    for (int i = 0; i < 2; i++) {
        vici_section(&m, i ? "ssh" : "web");
        vici_kv(&m, "mode", "TRANSPORT");
        vici_kv(&m, "dpd_action", "none");
        vici_section_end(&m);
    }
    vici_section_end(&m);
    vici_section_end(&m);
    check(vici_ok(&m) && !system_read_conn(&v, m.data, m.len) && v.confs == 2,
          "two children that are configured");
    check(!strcmp(v.conf[1].connection, "bob-vpn") && !strcmp(v.conf[1].child, "ssh") &&
              !strcmp(v.conf[1].auth, "public key") && !strcmp(v.conf[1].ca, cas[0]),
          "and how their peer, not we, is authenticated");
    vici_free(&m);
    system_view_free(&v);
}

/* ---- deciding ---- */

static struct sad_entry state(const char *src, const char *dst, uint32_t spi)
{
    return (struct sad_entry){
        .src = host_addr(src),
        .dst = host_addr(dst),
        .spi = spi,
        .reqid = 3,
        .protocol = IPPROTO_ESP,
        .mode = XFRM_MODE_TRANSPORT,
        .alg = "rfc4106(gcm(aes))",
        .key_bits = 288,
        .icv_bits = 128,
        .replay_window = 32,
    };
}

static struct system_child child(uint32_t unique, uint32_t out, uint32_t in)
{
    struct system_child c = {
        .connection = "bob-vpn",
        .child = "web",
        .remote_id = "bob.lab",
        .local = host_addr(A),
        .remote = host_addr(B),
        .reqid = 3,
        .spi_in = in,
        .spi_out = out,
        .unique = unique,
        .established = true,
        .installed = true,
        .local_tss = 1,
        .remote_tss = 1,
    };
    system_read_ts("192.0.2.1/32", c.local_ts);
    system_read_ts("192.0.2.2/32", c.remote_ts);
    return c;
}

static struct sad_entry sad[8];
static struct system_child children[3];
static struct system_conf conf = {"bob-vpn", "web", "public key", "CN=lab CA"};
static struct system_view view = {.child = children, .conf = &conf, .confs = 1};
static struct key_source source;

static void reset(void)
{
    sad[0] = state(A, B, 1);
    sad[1] = state(B, A, 2);
    sad[2] = state(A, B, 3);
    sad[3] = state(B, A, 4);
    sad[4] = state(A, B, 5);
    sad[5] = state(B, A, 6);
    children[0] = child(1, 1, 2);
    children[1] = child(2, 3, 4);
    children[2] = child(3, 5, 6);
    view.children = 1;
    source = (struct key_source){.keys = KEYS_SYSTEM, .connection = "bob-vpn", .child = "web"};
}

static bool mirror; /* the service is ours */

static struct finding decide(const char *who)
{
    const struct system_question q = {.source = &source,
                                      .local = host_addr(A),
                                      .remote = host_addr(B),
                                      .service = {IPPROTO_TCP, 8000},
                                      .mirror = mirror,
                                      .asked = suites,
                                      .latched = who ? suites : NULL,
                                      .who = who,
                                      .reqid = who ? 3 : 0};
    struct finding f;
    system_decide(&q, &view, sad, 6, &f);
    return f;
}

static bool none(const char *who)
{
    struct finding f = decide(who);
    return !f.pairs && !f.code;
}

static bool bad(const char *who, enum btns_reason code)
{
    return decide(who).code == code;
}

static void found(void)
{
    reset();
    struct finding f = decide(NULL);
    check(!f.code && f.pairs == 1 && f.pair[0].out == 1 && f.pair[0].in == 2 &&
              f.pair[0].reqid == 3,
          "the child's two SAs");
    check(!strcmp(f.who, "bob.lab") && strstr(f.how, "public key") && strstr(f.how, "CN=lab CA"),
          "whose they are, and how that is known");
    view.children = 2;
    children[0].installed = false;
    f = decide("bob.lab");
    check(!f.code && f.pairs == 2 && f.pair[0].out == 1 && f.pair[1].out == 3,
          "at a rekey the new one comes last");
    children[0].installed = true;
    children[1].installed = false;
    f = decide("bob.lab");
    check(f.pairs == 2 && f.pair[1].out == 1, "whatever the order they are told in");
    children[1].installed = true;
    children[0].unique = 9;
    f = decide("bob.lab");
    check(f.pairs == 2 && f.pair[1].out == 1, "of two the younger");
}

static void passed_over(void)
{
    reset(), view.children = 0;
    check(none(NULL), "there is nothing");
    reset(), sad[1].spi = 99;
    check(none(NULL), "what the SAD has not, there is not");
    reset(), sad[0].reqid = 4;
    check(none(NULL), "nor with another reqid");
    reset(), strcpy(children[0].connection, "bob");
    check(none(NULL), "another connection's");
    reset(), strcpy(children[0].child, "ssh");
    check(none(NULL), "another child's");
    reset(), children[0].remote = host_addr("192.0.2.3");
    check(none(NULL), "with another host");
    reset(), children[0].established = false;
    check(none(NULL), "of an IKE SA that is not established");
    reset(), system_read_ts("192.0.2.2/32[tcp/9000]", children[0].remote_ts);
    check(none(NULL), "for another service");
    reset(), system_read_ts("192.0.2.1/32[tcp/9000]", children[0].local_ts);
    check(none(NULL), "from one port of ours alone");
    reset(), children[0].reqid = sad[0].reqid = sad[1].reqid = REQID_FIRST;
    check(none(NULL), "with a reqid of btnsd's own");
}

static void refused(void)
{
    reset(), sad[0].key_bits = sad[1].key_bits = 160;
    check(bad(NULL, BTNS_R_WEAKER), "weaker than asked for (L3)");
    reset(), sad[1].replay_window = 0;
    check(bad(NULL, BTNS_R_WEAKER), "without replay protection");
    reset(), sad[0].mode = XFRM_MODE_TUNNEL;
    check(bad(NULL, BTNS_R_WEAKER), "in a tunnel");
    reset(), strcpy(children[0].remote_id, "mallory.lab");
    check(bad("bob.lab", BTNS_R_IDENTITY), "another identity than latched (L8)");
    reset(), strcpy(source.peer, "carol.lab");
    check(bad(NULL, BTNS_R_IDENTITY), "another identity than the profile names");
    strcpy(source.peer, "bob.lab");
    check(!decide(NULL).code, "the one that it names");
    reset(), children[0].remote_id[0] = 0;
    check(bad(NULL, BTNS_R_IDENTITY), "nobody in particular");
    reset(), view.children = 2, strcpy(children[1].remote_id, "mallory.lab");
    check(bad(NULL, BTNS_R_IDENTITY), "one of two identities");
    strcpy(children[1].connection, "anybody");
    check(bad(NULL, BTNS_R_IDENTITY) && bad("bob.lab", BTNS_R_IDENTITY),
          "a stranger with the same reqid (L18)");
    children[1].remote = host_addr("192.0.2.3");
    check(!decide("bob.lab").code, "who has another address is no stranger");
    children[1].remote = host_addr(B);
    children[1].reqid = 4;
    check(!decide("bob.lab").code, "nor is who has another reqid");
    children[1].reqid = 3;
    strcpy(children[1].remote_id, "bob.lab");
    check(!decide("bob.lab").code, "nor is bob by another connection");
    reset(), strcpy(children[0].connection, "anybody"),
        strcpy(children[0].remote_id, "mallory.lab");
    check(bad("bob.lab", BTNS_R_IDENTITY), "a stranger in place of who is latched (L17)");
    check(none(NULL), "which before a latch is nobody's business");
}

static void callers(void)
{
    mirror = true;
    reset();
    check(decide(NULL).pairs == 1, "a caller's SA for everything carries our service");
    system_read_ts("192.0.2.1/32[tcp/8000]", children[0].local_ts);
    check(decide(NULL).pairs == 1, "one for it alone does");
    system_read_ts("192.0.2.1/32[tcp/9000]", children[0].local_ts);
    check(none(NULL), "one for another of ours does not");
    reset(), system_read_ts("192.0.2.2/32[tcp/8000]", children[0].remote_ts);
    check(none(NULL), "nor one from a single port of the caller's");
    reset(), strcpy(source.peer, "carol.lab");
    check(bad(NULL, BTNS_R_IDENTITY), "another caller than the profile names");
    mirror = false;
}

int main(void)
{
    selectors();
    sas();
    conns();
    found();
    passed_over();
    refused();
    callers();
    return check_end();
}
