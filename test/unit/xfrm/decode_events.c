/* The decoder of the kernel's events about its SPD and SAD, without a kernel. */
#include "test/unit/xfrm/decode_check.h"

#include <arpa/inet.h>

static void test_deletion_is_told_by_its_attribute(void)
{
    struct xfrm_userpolicy_info info = {
        .sel = {.family = AF_INET, .prefixlen_d = 32, .proto = IPPROTO_TCP},
        .dir = XFRM_POLICY_IN,
        .priority = 7,
        .action = XFRM_POLICY_BLOCK,
    };
    struct xfrm_userpolicy_id id = {0};
    struct xfrm_event ev;
    union nl_request r;
    struct nlmsghdr *nlh = message(&r, XFRM_MSG_DELPOLICY, &id, sizeof id);

    CHECK(xfrm_event_decode(nlh, &ev) && ev.spd_gone && !ev.spd_valid);
    mnl_attr_put(nlh, XFRMA_POLICY, sizeof info, &info);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.spd_gone && ev.spd_valid);
    CHECK(ev.spd.priority == 7 && ev.spd.action == SPD_BLOCK && !ev.spd.ours);
    truncations(nlh);
    info.dir = XFRM_POLICY_FWD;
    nlh = message(&r, XFRM_MSG_NEWPOLICY, &info, sizeof info);
    CHECK(xfrm_event_decode(nlh, &ev) && !ev.spd_valid);
    info.dir = XFRM_POLICY_OUT;
    info.sel.prefixlen_d = 33;
    nlh = message(&r, XFRM_MSG_NEWPOLICY, &info, sizeof info);
    CHECK(xfrm_event_decode(nlh, &ev) && !ev.spd_valid);
}

static void test_larval_states_are_not_told_of(void)
{
    struct xfrm_event ev;
    union nl_request r;
    struct xfrm_algo_aead aead = {.alg_name = "rfc4106(gcm(aes))", .alg_key_len = 288};
    struct xfrm_usersa_info larval = state;

    struct nlmsghdr *nlh = message(&r, XFRM_MSG_NEWSA, &state, sizeof state);
    CHECK(!xfrm_event_decode(nlh, &ev));
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.type == XFRM_EV_SA_NEW);
    CHECK(ev.sa.spi == 1 && ev.sa.reqid == 4001 && ev.sa.sel_dport == 8000 && !ev.sa.sel_sport);
    CHECK(strcmp(ev.sa.alg, "rfc4106(gcm(aes))") == 0 && ev.sa.key_bits == 288);
    CHECK(ev.sa.replay_window == 4 && !ev.sa.encap);
    struct xfrm_replay_state_esn esn = {.replay_window = 32};
    mnl_attr_put(nlh, XFRMA_REPLAY_ESN_VAL, sizeof esn, &esn);
    struct xfrm_encap_tmpl encap = {
        .encap_type = 2, .encap_sport = htons(4500), .encap_dport = htons(20774)};
    mnl_attr_put(nlh, XFRMA_ENCAP, sizeof encap, &encap);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.sa.replay_window == 32 && ev.sa.encap);
    CHECK(ev.sa.encap_sport == 4500 && ev.sa.encap_dport == 20774);
    truncations(nlh);
    larval.id.spi = 0;
    nlh = message(&r, XFRM_MSG_NEWSA, &larval, sizeof larval);
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
    CHECK(!xfrm_event_decode(nlh, &ev));
    /* An unterminated name must not be read beyond its field. */
    memset(aead.alg_name, 'x', sizeof aead.alg_name);
    nlh = message(&r, XFRM_MSG_NEWSA, &state, sizeof state);
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
    CHECK(xfrm_event_decode(nlh, &ev) && strlen(ev.sa.alg) == 63);
}

static void test_changed_mappings(void)
{
    struct xfrm_event ev;
    union nl_request r;
    struct xfrm_user_mapping m = {
        .id = {.spi = htonl(0xc0ffee01), .family = AF_INET, .proto = IPPROTO_ESP},
        .reqid = 4001,
        .old_sport = htons(20774),
        .new_sport = htons(20775),
    };
    const struct btns_addr us = addr("10.77.0.2", 0), was = addr("10.77.0.77", 20774),
                           now = addr("10.77.0.78", 20775);
    memcpy(&m.id.daddr, us.ip, 4);
    memcpy(&m.old_saddr, was.ip, 4);
    memcpy(&m.new_saddr, now.ip, 4);
    struct nlmsghdr *nlh = message(&r, XFRM_MSG_MAPPING, &m, sizeof m);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.type == XFRM_EV_MAPPING);
    CHECK(btns_addr_equal(&ev.was, &was) && btns_addr_equal(&ev.now, &now));
    CHECK(btns_addr_equal(&ev.sa.dst, &us) && btns_addr_ip_equal(&ev.sa.src, &was));
    CHECK(ev.sa.spi == 0xc0ffee01 && ev.sa.reqid == 4001 && ev.sa.protocol == IPPROTO_ESP);
    truncations(nlh);
    m.id.family = AF_UNIX;
    CHECK(!xfrm_event_decode(message(&r, XFRM_MSG_MAPPING, &m, sizeof m), &ev));
}

static void test_acquires(void)
{
    struct xfrm_event ev;
    union nl_request r;
    struct xfrm_user_tmpl t = {.reqid = 4002, .id = {.proto = IPPROTO_ESP}};
    struct xfrm_user_acquire a = {
        .id = {.proto = IPPROTO_ESP},
        .sel = {.family = AF_INET,
                .proto = IPPROTO_TCP,
                .sport = htons(40001),
                .dport = htons(8000)},
        .policy = {.dir = XFRM_POLICY_OUT, .priority = PRIO_OTHER_SOURCE},
    };
    const struct btns_addr us = addr("10.77.0.11", 40001), peer = addr("10.77.0.2", 8000);
    memcpy(&a.saddr, us.ip, 4);
    memcpy(&a.id.daddr, peer.ip, 4);
    struct nlmsghdr *nlh = message(&r, XFRM_MSG_ACQUIRE, &a, sizeof a);
    CHECK(!xfrm_event_decode(nlh, &ev)); /* no template, so no reqid */
    mnl_attr_put(nlh, XFRMA_TMPL, sizeof t, &t);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.type == XFRM_EV_ACQUIRE);
    CHECK(btns_addr_equal(&ev.spd.local, &us) && btns_addr_equal(&ev.spd.remote, &peer));
    CHECK(ev.spd.reqid == 4002 && ev.spd.protocol == IPPROTO_TCP);
    truncations(nlh);
    a.sel.family = AF_UNIX;
    nlh = message(&r, XFRM_MSG_ACQUIRE, &a, sizeof a);
    mnl_attr_put(nlh, XFRMA_TMPL, sizeof t, &t);
    CHECK(!xfrm_event_decode(nlh, &ev));
}

static void test_ends_of_states(void)
{
    struct xfrm_event ev;
    union nl_request r;
    struct xfrm_user_expire expire = {.state = state, .hard = 0};
    struct xfrm_usersa_id id = {.spi = state.id.spi, .family = AF_INET, .proto = IPPROTO_ESP};
    struct xfrm_algo_aead aead = {.alg_name = "rfc4106(gcm(aes))"};

    CHECK(!xfrm_event_decode(message(&r, XFRM_MSG_EXPIRE, &expire, sizeof expire), &ev));
    expire.hard = 1;
    struct nlmsghdr *nlh = message(&r, XFRM_MSG_EXPIRE, &expire, sizeof expire);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.type == XFRM_EV_SA_GONE && ev.sa.reqid == 4001);
    truncations(nlh);
    nlh = message(&r, XFRM_MSG_DELSA, &id, sizeof id);
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof aead, &aead);
    CHECK(!xfrm_event_decode(nlh, &ev)); /* names no reqid */
    mnl_attr_put(nlh, XFRMA_SA, sizeof state, &state);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.type == XFRM_EV_SA_GONE && ev.sa.reqid == 4001);
    truncations(nlh);
    struct xfrm_usersa_flush flush = {.proto = 0};
    nlh = message(&r, XFRM_MSG_FLUSHSA, &flush, sizeof flush);
    CHECK(xfrm_event_decode(nlh, &ev) && ev.type == XFRM_EV_SA_FLUSH);
    CHECK(!xfrm_event_decode(message(&r, XFRM_MSG_ACQUIRE, &flush, sizeof flush), &ev));
    CHECK(!xfrm_event_decode(message(&r, 0x7fff, &flush, sizeof flush), &ev));
}

int main(void)
{
    test_deletion_is_told_by_its_attribute();
    test_larval_states_are_not_told_of();
    test_changed_mappings();
    test_acquires();
    test_ends_of_states();
    return decode_end();
}
