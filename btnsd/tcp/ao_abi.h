/*
 * The kernel's interface to TCP-AO (RFC 5925), as the uapi header tcp.h of Linux 6.7 and later has
 * it; the headers of older systems do not. The names are ours, so that a newer system's header can
 * be included beside this one.
 */
#ifndef BTNS_TCP_AO_ABI_H
#define BTNS_TCP_AO_ABI_H

#include <stdint.h>
#include <sys/socket.h>

/* Socket options of IPPROTO_TCP. */
#define AO_OPT_ADD_KEY  38 /* TCP_AO_ADD_KEY, struct ao_opt_add */
#define AO_OPT_DEL_KEY  39 /* TCP_AO_DEL_KEY, struct ao_opt_del */
#define AO_OPT_INFO     40 /* TCP_AO_INFO, struct ao_opt_info */
#define AO_OPT_GET_KEYS 41 /* TCP_AO_GET_KEYS, struct ao_opt_get */

#define AO_OPT_KEY_MAX 80 /* TCP_AO_MAXKEYLEN */

/* struct tcp_ao_add */
struct ao_opt_add {
    struct sockaddr_storage addr; /* of the peer; its port is 0 */
    char alg_name[64];
    int32_t ifindex;
    uint32_t set_current : 1, set_rnext : 1, reserved : 30;
    uint16_t reserved2;
    uint8_t prefix, sndid, rcvid, maclen, keyflags, keylen;
    uint8_t key[AO_OPT_KEY_MAX];
} __attribute__((aligned(8)));

/* struct tcp_ao_del */
struct ao_opt_del {
    struct sockaddr_storage addr;
    int32_t ifindex;
    uint32_t set_current : 1, set_rnext : 1, del_async : 1, reserved : 29;
    uint16_t reserved2;
    uint8_t prefix, sndid, rcvid, current_key, rnext, keyflags;
} __attribute__((aligned(8)));

/* struct tcp_ao_info_opt */
struct ao_opt_info {
    uint32_t set_current : 1, set_rnext : 1, ao_required : 1, set_counters : 1, accept_icmps : 1,
        reserved : 27;
    uint16_t reserved2;
    uint8_t current_key, rnext;
    uint64_t pkt_good, pkt_bad, pkt_key_not_found, pkt_ao_required, pkt_dropped_icmp;
} __attribute__((aligned(8)));

/* struct tcp_ao_getsockopt */
struct ao_opt_get {
    struct sockaddr_storage addr;
    char alg_name[64];
    uint8_t key[AO_OPT_KEY_MAX];
    uint32_t nkeys;
    uint16_t is_current : 1, is_rnext : 1, get_all : 1, reserved : 13;
    uint8_t sndid, rcvid, prefix, maclen, keyflags, keylen;
    int32_t ifindex;
    uint64_t pkt_good, pkt_bad;
} __attribute__((aligned(8)));

_Static_assert(sizeof(struct ao_opt_add) == 288 && sizeof(struct ao_opt_del) == 144 &&
                   sizeof(struct ao_opt_info) == 48 && sizeof(struct ao_opt_get) == 304,
               "the sizes that the kernel reads and writes");

#endif
