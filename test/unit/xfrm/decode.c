/* The encoder and decoders of btnsd/xfrm for entries, SAs, sockets and routes, without a kernel. */
#include "btnsd/latch/responder/one_service.h"
#include "test/unit/xfrm/decode_check.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

static bool same_entry(const struct spd_entry *a, const struct spd_entry *b)
{
    return a->dir == b->dir && a->priority == b->priority && a->action == b->action &&
           a->protocol == b->protocol && btns_addr_equal(&a->local, &b->local) &&
           btns_addr_equal(&a->remote, &b->remote) && a->local_bits == b->local_bits &&
           a->remote_bits == b->remote_bits && a->reqid == b->reqid && a->spi == b->spi;
}

static void test_entries_come_back_as_written(void)
{
    static const enum spd_dir dirs[] = {SPD_IN, SPD_OUT};
    static const enum spd_action actions[] = {SPD_ALLOW, SPD_BLOCK, SPD_ESP};

    for (int i = 0; i < 12; i++) {
        bool v6 = i % 2;
        struct spd_entry e = {
            .dir = dirs[i / 2 % 2],
            .action = actions[i / 4],
            .priority = PRIO_FLOOR,
            .protocol = IPPROTO_TCP,
            .local = addr(v6 ? "fd77::1" : "10.77.0.1", 0),
            .remote = addr(v6 ? "fd77:0:0:1::" : "10.77.1.0", 8000),
            .local_bits = v6 ? 128 : 32,
            .remote_bits = v6 ? 63 : 24,
        };
        if (e.action == SPD_ESP) {
            e.reqid = 4001;
            e.spi = 0xc0ffee01;
        } else if (e.action == SPD_BLOCK && v6) {
            e.reqid = 77;
        }
        struct spd_entry back;
        union nl_request r;
        struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_UPDPOLICY, 0);
        CHECK(spd_encode(nlh, sizeof r, &e) == 0);
        CHECK(spd_decode(nlh, &back));
        /* Bits beyond the prefix are not sent: two spellings of one selector are one entry. */
        e.remote = addr(v6 ? "fd77::" : "10.77.1.0", 8000);
        CHECK(same_entry(&e, &back));
        CHECK(back.ours);
        truncations(nlh);
    }
}

static void test_bad_entries_are_refused(void)
{
    const struct spd_entry good = {
        .dir = SPD_OUT,
        .action = SPD_BLOCK,
        .priority = PRIO_GUARD,
        .local = addr("10.77.0.1", 0),
        .remote = addr("10.77.0.2", 80),
        .local_bits = 32,
        .remote_bits = 32,
    };
    struct spd_entry bad[7] = {good, good, good, good, good, good, good};
    union nl_request r;

    bad[0].local_bits = 33;
    bad[1].remote = addr("fd77::2", 80);
    bad[2].local.family = 0;
    bad[3].priority = SPD_PRIO_MAX + 1;
    bad[4].dir = (enum spd_dir)XFRM_POLICY_FWD;
    bad[5].action = SPD_OTHER;
    bad[6].remote_bits = 255;
    CHECK(spd_encode(nl_request(&r, XFRM_MSG_UPDPOLICY, 0), sizeof r, &good) == 0);
    CHECK(spd_encode(nl_request(&r, XFRM_MSG_UPDPOLICY, 0), 64, &good) == -EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(spd_encode(nl_request(&r, XFRM_MSG_UPDPOLICY, 0), sizeof r, &bad[i]) == -EINVAL);
}

static void test_other_templates_are_other(void)
{
    struct xfrm_userpolicy_info info = {.sel = {.family = AF_INET6}, .dir = XFRM_POLICY_OUT};
    struct xfrm_user_tmpl t[2] = {{.id.proto = IPPROTO_ESP}, {.id.proto = IPPROTO_ESP}};
    struct spd_entry e;
    union nl_request r;

    struct nlmsghdr *nlh = message(&r, XFRM_MSG_NEWPOLICY, &info, sizeof info);
    CHECK(spd_decode(nlh, &e) && e.action == SPD_ALLOW);
    mnl_attr_put(nlh, XFRMA_TMPL, sizeof t, t);
    CHECK(spd_decode(nlh, &e) && e.action == SPD_OTHER);
    for (int i = 0; i < 4; i++) {
        memset(t, 0, sizeof t);
        t[0].id.proto = i == 1 ? IPPROTO_AH : IPPROTO_ESP;
        t[0].mode = i == 2 ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
        t[0].optional = i == 3;
        nlh = message(&r, XFRM_MSG_NEWPOLICY, &info, sizeof info);
        mnl_attr_put(nlh, XFRMA_TMPL, sizeof t[0], t);
        CHECK(spd_decode(nlh, &e) && e.action == (i ? SPD_OTHER : SPD_ESP));
    }
}

/* The kernel's report of an SA for several ports, or for more than one host (L19). */
static void test_selectors_that_are_wide(void)
{
    static const struct {
        uint16_t sport_mask, dport_mask;
        uint8_t bits_s, bits_d, protocol;
        uint16_t sport, dport;
        const char *why; /* NULL: the SA is for one service */
    } t[] = {
        {0xffff, 0, 32, 32, IPPROTO_TCP, 8000, 0, NULL},
        {0, 0xffff, 32, 32, IPPROTO_TCP, 0, 53, NULL},
        {0xfff8, 0, 32, 32, IPPROTO_TCP, 8000, 0, "several ports"},
        {0, 0xfff8, 32, 32, IPPROTO_TCP, 0, 8000, "several ports"},
        {0xffff, 0xfffe, 32, 32, IPPROTO_TCP, 8000, 40000, "several ports"},
        {0x8000, 0, 32, 32, IPPROTO_TCP, 0x8000, 0, "several ports"},
        {0xffff, 0, 32, 24, IPPROTO_TCP, 8000, 0, "two addresses"},
        {0xffff, 0, 0, 32, IPPROTO_TCP, 8000, 0, "two addresses"},
        {0xffff, 0xffff, 32, 32, IPPROTO_TCP, 8000, 40000, "both ends"},
        {0, 0, 32, 32, IPPROTO_TCP, 8000, 0, "no port"},
        {0xffff, 0, 32, 32, 0, 8000, 0, "no protocol"},
        {0xffff, 0, 32, 32, IPPROTO_ICMP, 8000, 0, "no protocol"},
    };
    struct xfrm_algo_aead aead = {.alg_name = "rfc4106(gcm(aes))", .alg_key_len = 288};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct xfrm_event ev;
        union nl_request r;
        struct xfrm_usersa_info wide = state;
        wide.sel.family = AF_INET;
        wide.sel.proto = t[i].protocol;
        wide.sel.sport = htons(t[i].sport);
        wide.sel.dport = htons(t[i].dport);
        wide.sel.sport_mask = htons(t[i].sport_mask);
        wide.sel.dport_mask = htons(t[i].dport_mask);
        wide.sel.prefixlen_s = t[i].bits_s;
        wide.sel.prefixlen_d = t[i].bits_d;
        struct nlmsghdr *nlh = message(&r, XFRM_MSG_NEWSA, &wide, sizeof wide);
        mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
        CHECK(xfrm_event_decode(nlh, &ev));
        const char *why = sa_not_one_service(&ev.sa);
        CHECK(t[i].why ? why && strstr(why, t[i].why) : !why);
    }
}

/* charon and its peers use RFC 3948; ESP in TCP, for example, is no encapsulation in UDP. */
static void test_encapsulation_is_that_in_udp(void)
{
    struct xfrm_event ev;
    union nl_request r;
    struct xfrm_algo_aead aead = {.alg_name = "rfc4106(gcm(aes))", .alg_key_len = 288};
    struct xfrm_encap_tmpl encap = {.encap_type = 7, .encap_dport = htons(4500)};
    struct nlmsghdr *nlh = message(&r, XFRM_MSG_NEWSA, &state, sizeof state);
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
    mnl_attr_put(nlh, XFRMA_ENCAP, sizeof encap, &encap);
    CHECK(xfrm_event_decode(nlh, &ev) && !ev.sa.encap);
    nlh = message(&r, XFRM_MSG_NEWSA, &state, sizeof state);
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
    mnl_attr_put(nlh, XFRMA_ENCAP, sizeof encap - 1, &encap);
    CHECK(xfrm_event_decode(nlh, &ev) && !ev.sa.encap && !ev.sa.encap_dport);
}

static void test_separate_algorithms(void)
{
    struct xfrm_event ev;
    union nl_request r;
    struct xfrm_algo crypt = {.alg_name = "cbc(aes)", .alg_key_len = 256};
    struct xfrm_algo_auth auth = {.alg_name = "hmac(sha256)", .alg_key_len = 512};

    struct nlmsghdr *nlh = message(&r, XFRM_MSG_UPDSA, &state, sizeof state);
    mnl_attr_put(nlh, XFRMA_ALG_AUTH_TRUNC, sizeof auth, &auth);
    mnl_attr_put(nlh, XFRMA_ALG_CRYPT, sizeof crypt, &crypt);
    CHECK(xfrm_event_decode(nlh, &ev) && strcmp(ev.sa.alg, "cbc(aes)") == 0);
    CHECK(strcmp(ev.sa.auth, "hmac(sha256)") == 0 && ev.sa.key_bits == 256);
}

static void test_sockets(void)
{
    struct inet_diag_msg m = {
        .idiag_family = AF_INET6,
        .idiag_state = 1,
        .id = {.idiag_sport = htons(8000),
               .idiag_dport = htons(40000),
               .idiag_src = {0, 0, htonl(0xffff), htonl(0x0a4d0001)},
               .idiag_dst = {0, 0, htonl(0xffff), htonl(0x0a4d0002)},
               .idiag_cookie = {0x11223344, 0x55667788}},
    };
    struct btns_addr local = addr("10.77.0.1", 8000), remote = addr("10.77.0.2", 40000);
    struct sock_entry e;
    union nl_request r;

    struct nlmsghdr *nlh = message(&r, SOCK_DIAG_BY_FAMILY, &m, sizeof m);
    CHECK(sockdiag_decode(nlh, &e) && e.cookie == 0x5566778811223344);
    CHECK(btns_addr_equal(&e.local, &local) && btns_addr_equal(&e.remote, &remote));
    truncations(nlh);
    m.idiag_expires = 500;
    CHECK(sockdiag_decode(message(&r, SOCK_DIAG_BY_FAMILY, &m, sizeof m), &e) && !e.expires_ms);
    m.idiag_timer = 3;
    CHECK(sockdiag_decode(message(&r, SOCK_DIAG_BY_FAMILY, &m, sizeof m), &e) &&
          e.expires_ms == 500);
    m.idiag_retrans = 4;
    CHECK(sockdiag_decode(message(&r, SOCK_DIAG_BY_FAMILY, &m, sizeof m), &e) && e.repeats == 4);
    m.idiag_state = 6; /* TIME_WAIT */
    CHECK(sockdiag_decode(message(&r, SOCK_DIAG_BY_FAMILY, &m, sizeof m), &e) && !e.repeats);
    m.idiag_family = AF_UNIX;
    CHECK(!sockdiag_decode(message(&r, SOCK_DIAG_BY_FAMILY, &m, sizeof m), &e));
}

static void test_routes(void)
{
    struct rtmsg m = {.rtm_family = AF_INET, .rtm_type = RTN_UNICAST};
    struct in_addr ip = {htonl(0x0a4d0001)};
    struct btns_addr local = addr("10.77.0.1", 0);
    struct route route;
    union nl_request r;
    int error;

    struct nlmsghdr *nlh = message(&r, RTM_NEWROUTE, &m, sizeof m);
    CHECK(route_decode(nlh, &route, &error) && !error && !route.local.family);
    mnl_attr_put(nlh, RTA_PREFSRC, sizeof ip, &ip);
    CHECK(route_decode(nlh, &route, &error) && btns_addr_equal(&route.local, &local));
    CHECK(!route.to_self && !route.multicast);
    truncations(nlh);
    m.rtm_type = RTN_LOCAL;
    CHECK(route_decode(message(&r, RTM_NEWROUTE, &m, sizeof m), &route, &error) && route.to_self);
    m.rtm_type = RTN_BROADCAST;
    CHECK(route_decode(message(&r, RTM_NEWROUTE, &m, sizeof m), &route, &error));
    CHECK(route.multicast);
    m.rtm_type = RTN_UNREACHABLE;
    CHECK(route_decode(message(&r, RTM_NEWROUTE, &m, sizeof m), &route, &error));
    CHECK(error == -EHOSTUNREACH);
    m.rtm_family = AF_UNIX;
    CHECK(!route_decode(message(&r, RTM_NEWROUTE, &m, sizeof m), &route, &error));
}

static void test_local_routes(void)
{
    struct rtmsg m = {.rtm_family = AF_INET, .rtm_type = RTN_LOCAL, .rtm_dst_len = 24};
    struct in_addr ip = {htonl(0x0a090000)};
    struct btns_addr net, want = addr("10.9.0.0", 0);
    unsigned bits;
    union nl_request r;

    struct nlmsghdr *nlh = message(&r, RTM_NEWROUTE, &m, sizeof m);
    CHECK(!route_decode_local(nlh, &net, &bits)); /* no destination */
    mnl_attr_put(nlh, RTA_DST, sizeof ip, &ip);
    CHECK(route_decode_local(nlh, &net, &bits) && btns_addr_equal(&net, &want) && bits == 24);
    truncations(nlh);
    nlh->nlmsg_type = RTM_DELROUTE;
    CHECK(route_decode_local(nlh, &net, &bits));
    nlh->nlmsg_type = RTM_NEWADDR;
    CHECK(!route_decode_local(nlh, &net, &bits));
    static const struct rtmsg others[] = {
        {.rtm_family = AF_INET, .rtm_type = RTN_UNICAST, .rtm_dst_len = 24},
        {.rtm_family = AF_INET, .rtm_type = RTN_LOCAL, .rtm_dst_len = 33},
        {.rtm_family = AF_INET, .rtm_type = RTN_LOCAL, .rtm_dst_len = 0}, /* of a proxy */
        {.rtm_family = AF_INET6, .rtm_type = RTN_LOCAL, .rtm_dst_len = 24},
        {.rtm_family = AF_INET6, .rtm_type = RTN_ANYCAST, .rtm_dst_len = 24}, /* too short */
        {.rtm_family = AF_UNIX, .rtm_type = RTN_LOCAL, .rtm_dst_len = 24},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        nlh = message(&r, RTM_NEWROUTE, &others[i], sizeof others[i]);
        mnl_attr_put(nlh, RTA_DST, sizeof ip, &ip);
        CHECK(!route_decode_local(nlh, &net, &bits));
    }
}

static void test_filter(void)
{
    unsigned char program[SOCK_FILTER_MAX];
    struct btns_addr any = {0}, port = {.port = 80};
    struct btns_addr six = addr("fd77::1", 80), four = addr("10.77.0.1", 0);
    const size_t op = sizeof(struct inet_diag_bc_op), host = sizeof(struct inet_diag_hostcond);

    CHECK(sock_filter(&any, &any, program) == 0);
    CHECK(sock_filter(&any, &port, program) == op + host);
    CHECK(sock_filter(&six, &six, program) == 2 * (op + host + 16));
    CHECK(sock_filter(&four, &port, program) == 2 * (op + host) + 4);
}

int main(void)
{
    test_entries_come_back_as_written();
    test_bad_entries_are_refused();
    test_other_templates_are_other();
    test_selectors_that_are_wide();
    test_encapsulation_is_that_in_udp();
    test_separate_algorithms();
    test_sockets();
    test_routes();
    test_local_routes();
    test_filter();
    return decode_end();
}
