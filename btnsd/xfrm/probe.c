/* Finds out whether this kernel has ESP with a given AEAD, by making and deleting an SA. */
#include "btnsd/xfrm/open.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>

#define PROBE_SPI 0x62740001u
#define KEY_MAX   64

/* 192.0.2.1 (RFC 5737) and 2001:db8::1 (RFC 3849): no packet is ever sent there. */
static void probe_address(int family, xfrm_address_t *a)
{
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    memset(a, 0, sizeof *a);
    if (family == AF_INET6)
        memcpy(a, v6, sizeof v6);
    else
        a->a4 = htonl(0xc0000201);
}

/* RFC 3948: ESP through a NAT is carried in UDP. */
static void put_probe_encap(struct nlmsghdr *nlh)
{
    struct xfrm_encap_tmpl encap = {.encap_type = UDP_ENCAP_ESPINUDP};
    encap.encap_sport = encap.encap_dport = htons(4500);
    mnl_attr_put(nlh, XFRMA_ENCAP, sizeof encap, &encap);
}

static int add_probe_sa(struct xfrm *x, int family, const char *aead, unsigned key_bits, bool encap)
{
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_NEWSA, 0);
    struct xfrm_usersa_info *sa = mnl_nlmsg_put_extra_header(nlh, sizeof *sa);
    union {
        struct xfrm_algo_aead head;
        char bytes[sizeof(struct xfrm_algo_aead) + KEY_MAX];
    } alg;
    if (key_bits / 8 > KEY_MAX || strlen(aead) >= sizeof alg.head.alg_name)
        return -EINVAL;
    memset(&alg, 0, sizeof alg);
    memset(sa, 0, sizeof *sa);
    probe_address(family, &sa->id.daddr);
    probe_address(family, &sa->saddr);
    sa->id.spi = htonl(PROBE_SPI);
    sa->id.proto = IPPROTO_ESP;
    sa->family = (uint16_t)family;
    sa->mode = XFRM_MODE_TRANSPORT;
    sa->lft.soft_byte_limit = sa->lft.hard_byte_limit = XFRM_INF;
    sa->lft.soft_packet_limit = sa->lft.hard_packet_limit = XFRM_INF;
    strcpy(alg.head.alg_name, aead);
    alg.head.alg_key_len = key_bits;
    alg.head.alg_icv_len = ESP_ICV_BITS;
    mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof alg.head + key_bits / 8, &alg);
    if (encap)
        put_probe_encap(nlh);
    return nl_talk(&x->requests, nlh, NULL, NULL);
}

static int probe_sa(struct xfrm *x, int family, const char *aead, unsigned key_bits, bool encap)
{
    struct sad_entry e = {.spi = PROBE_SPI, .protocol = IPPROTO_ESP};
    xfrm_address_t a;
    probe_address(family, &a);
    e.dst.family = (uint16_t)family;
    memcpy(e.dst.ip, &a, family == AF_INET ? 4 : 16);
    int rc = add_probe_sa(x, family, aead, key_bits, encap);
    if (rc && rc != -EEXIST)
        return rc;
    sad_del(x, &e);
    return 0;
}

int xfrm_probe(struct xfrm *x, const char *aead, unsigned key_bits)
{
    int rc = probe_sa(x, AF_INET, aead, key_bits, false);
    return rc ? rc : probe_sa(x, AF_INET6, aead, key_bits, false);
}

int xfrm_probe_encap(struct xfrm *x, const char *aead, unsigned key_bits)
{
    return probe_sa(x, AF_INET, aead, key_bits, true);
}
