/* Talks to the kernel over netlink (libmnl): the SPD, the SAD, sockets and routes. */
#ifndef BTNS_XFRM_XFRM_H
#define BTNS_XFRM_XFRM_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"

/*
 * Included first: otherwise linux/xfrm.h defines struct in6_addr without the members that
 * IN6_IS_ADDR_*() needs.
 */
#include <netinet/in.h>

#include <linux/xfrm.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Our band of SPD priorities (lower number wins). charon's own policies stand at 50000. */
#define PRIO_SHIELD 0 /* blocks packets that a foreign entry above a guard would let out */
/* Blocks packets of sockets that are shut (running/shut_sockets.h). */
#define PRIO_SHUT 1
/* ICMP errors that go to a peer in ESP, above the blocks (latch/guard/icmp_errors.h). */
#define PRIO_ICMP_ESP 99
#define PRIO_GUARD    100
/* Holds packets to a guarded service from an address of this host that has no guard for it. */
#define PRIO_OTHER_SOURCE 101
/* Blocks ICMP errors to a peer that has a guard (latch/guard/icmp_errors.h). */
#define PRIO_ICMP_ERROR 102
/* Blocks a service for a moment after its guard has gone (latch/guard/late_sends.h). */
#define PRIO_LATE_SEND 103
/* Under a guard that has replaced one which stays for SAs (latch/guard/entries.c). */
#define PRIO_REPLACED 104
/* A listener's floor above charon's policies: only a guard of btnsd opens it. */
#define PRIO_STRICT_SHUTTER 999
#define PRIO_STRICT         1000
#define PRIO_STRICT_END     1999
/*
 * A guard's entry for packets from a peer's service. It stands below PRIO_STRICT: otherwise a peer
 * whose service a program here has connected to could reach such a listener from that service's
 * port.
 */
#define PRIO_GUARD_IN    2000
#define PRIO_REPLACED_IN 2001 /* the incoming one of PRIO_REPLACED */
#define PRIO_CHARON      50000
/* Blocks the datagrams of a limited socket that no guard covers: see socket_policy_limit(). */
#define PRIO_UNGUARDED 51000
/* Blocks clear packets from and to inner addresses (running/inner_host.h). */
#define PRIO_INNER 52000
/* Mandatory rules, which apply to all traffic: 55000 + index of the rule. */
#define PRIO_MANDATORY     55000
#define PRIO_MANDATORY_END 59998
#define PRIO_SHUTTER       59999 /* above a listener's floor while it is changed */
#define PRIO_FLOOR         60000 /* a listener's floor: 60000 + index of the rule, up to PRIO_FLOOR_END */
#define PRIO_FLOOR_END     60999
#define PRIO_CHARON_OUT    61000 /* charon's policies for SAs that we ask for */
/* Below every other entry: decides only about packets that no other entry matches. */
#define PRIO_LAST    0xffffffffu
#define PRIO_PASSING 0xfffffffeu /* the kernel's priority of an entry that is `passing` */
/*
 * Blocks packets of protected sockets that match no guard because they were translated
 * (translation.h).
 */
#define PRIO_TRANSLATED 62000

enum spd_dir { SPD_IN = XFRM_POLICY_IN, SPD_OUT = XFRM_POLICY_OUT };
/* SPD_OTHER is only read, of foreign entries: a tunnel, several templates, AH, ... */
enum spd_action { SPD_ALLOW, SPD_BLOCK, SPD_ESP, SPD_OTHER };

/*
 * The kernel keeps one policy for each direction and selector, whatever its priority: a second one
 * replaces the first. Ours have SPD_USER + priority in the selector's `user` field ("uid" in `ip -s
 * xfrm policy`), against which no packet is matched. So our entries never replace foreign ones, a
 * guard and a floor can have the same selector, and deleting an entry of ours deletes no other.
 */
#define SPD_USER     0x62740000u
#define SPD_PRIO_MAX 0xffffu /* of our entries but PRIO_LAST */

/* The ports whose bits under the mask equal those of `port`; mask 0: any port. */
struct spd_port_mask {
    uint16_t port, mask;
};

/* One SPD entry, seen from this host: local is src of SPD_OUT and dst of SPD_IN. */
struct spd_entry {
    enum spd_dir dir;
    uint32_t priority;
    enum spd_action action;
    uint8_t protocol;        /* of transport */
    struct btns_addr local;  /* port 0: any. Any address: 0.0.0.0 or :: with local_bits 0 */
    struct btns_addr remote; /* the same for the remote end */
    uint8_t local_bits, remote_bits;
    struct spd_port_mask local_ports, remote_ports; /* used where the address has port 0 */
    uint32_t reqid;                                 /* SPD_ESP: of the template */
    /*
     * SPD_ESP: the template is for BEET mode between these addresses, of the wire, while local and
     * remote are inner ones. Family 0: transport mode. The incoming template takes any address.
     */
    struct btns_addr outer_local, outer_remote;
    uint32_t spi;     /* SPD_ESP: host order, 0 = any */
    bool icmp_errors; /* also lets out ICMP errors about the answers to packets that it matches */
    uint32_t mark;    /* written only: for packets with these bits in their mark; 0: for all */
    bool foreign;     /* for spd_del(): the entry is not ours */
    /*
     * Written only, SPD_ALLOW, in place of the entry with this priority: packets that the old entry
     * held are looked up again, below all other entries. The kernel deletes this one after a
     * second.
     */
    bool passing;
    unsigned lifetime_s; /* written only: the kernel deletes the entry after so long; 0: never */
    bool ours; /* when read: written by spd_set() of a btnsd, this one or one before a restart */
};

#define ESP_ICV_BITS 128 /* length of the integrity check of every suite that btnsd uses */

/* One SAD entry, or an event about one; larval states are never reported. */
struct sad_entry {
    struct btns_addr src, dst; /* the ends of its packets; port 0 */
    /*
     * In BEET mode src and dst are inner addresses, from the SA's selector, and these are the SA's
     * own, of the wire. Otherwise family 0: they are the same.
     */
    struct btns_addr outer_src, outer_dst;
    uint32_t spi; /* host order */
    uint32_t reqid;
    uint8_t protocol;              /* IPPROTO_ESP ... */
    uint8_t mode;                  /* XFRM_MODE_* */
    uint8_t sel_protocol;          /* of the selector; 0: any */
    uint16_t sel_sport, sel_dport; /* host order; 0: any; of several ports, the first */
    bool sel_several_ports;        /* the port mask is neither "any" nor a single port */
    bool sel_single_hosts;         /* each end of the selector is one address */
    bool encap;                    /* in UDP (RFC 3948), between these ports, host order */
    uint16_t encap_sport, encap_dport;
    char alg[64];      /* the kernel's name of the AEAD, or the cipher; "" in EXPIRE */
    char auth[64];     /* of the integrity algorithm; "" with an AEAD */
    unsigned key_bits; /* of alg, as the kernel counts: AES-GCM-256 has 288, with its salt */
    unsigned icv_bits; /* of an AEAD's integrity check */
    unsigned replay_window;
    uint64_t packets, octets; /* protected by the SA, or let in by it */
};

enum xfrm_event_type {
    XFRM_EV_SA_NEW,     /* NEWSA, UPDSA */
    XFRM_EV_SA_GONE,    /* DELSA, hard EXPIRE */
    XFRM_EV_SA_FLUSH,   /* the SAD was flushed */
    XFRM_EV_SPD_CHANGE, /* NEWPOLICY, UPDPOLICY, DELPOLICY, FLUSHPOLICY */
    /* ENOBUFS: read the SPD and SAD again and compare. Comes after every event that was read. */
    XFRM_EV_LOST,
    XFRM_EV_MAPPING, /* a NAT: an incoming SA's packets come from another address or port */
    XFRM_EV_ACQUIRE, /* the kernel holds a packet, because a template has no SA */
};

struct xfrm_event {
    enum xfrm_event_type type;
    struct sad_entry sa; /* XFRM_EV_SA_*; of MAPPING: src (as it was), dst, SPI, reqid, protocol */
    struct btns_addr was, now; /* MAPPING: with the UDP ports */
    /* SPD_CHANGE: if it could be decoded; ACQUIRE: the packet's ends, and the template's reqid. */
    struct spd_entry spd;
    bool spd_valid, spd_gone;
    bool spd_flush; /* every entry was deleted */
    bool own;       /* caused by a request of this struct xfrm */
};

struct xfrm; /* a request socket and an event socket in this network namespace */

/*
 * Makes the kernel hold packets that wait for an SA instead of dropping them, in this network
 * namespace. 0 or -errno.
 */
int sysctl_larval_drop_off(struct err *err);
/*
 * Lets TCP in this network namespace find a smaller segment size when full segments are lost
 * without an ICMP error (RFC 4821). The MSS that Linux announces leaves no room for ESP, and no
 * router can lower the MSS of a protected connection. A value other than 0 is kept. 0 or -errno.
 */
int sysctl_tcp_probing_on(struct err *err);

struct xfrm *xfrm_open(struct err *err);
void xfrm_close(struct xfrm *x);
int xfrm_event_fd(const struct xfrm *x); /* readable: call xfrm_events */
/*
 * Reads waiting events without blocking, and calls cb for each. If many wait, one call reads only
 * some of them: the descriptor stays readable. cb may write and read the SPD and the SAD. Returns 0
 * or -errno.
 */
int xfrm_events(struct xfrm *x, void (*cb)(void *arg, const struct xfrm_event *ev), void *arg);

/* Adds or atomically replaces the entry with this direction, selector and priority. 0 or -errno. */
int spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err);
/* Deletes the entry with e's direction, selector and priority; -ENOENT when there is none. */
int spd_del(struct xfrm *x, const struct spd_entry *e);
/* Have a and b the same direction, selector and priority? The kernel keeps one entry for each. */
bool spd_same_place(const struct spd_entry *a, const struct spd_entry *b);
/* Blocks packets with these mark bits, by one entry for each family. 0 or -errno. */
int spd_block_mark(struct xfrm *x, uint32_t priority, uint32_t mark, struct err *err);
void spd_unblock_mark(struct xfrm *x, uint32_t priority, uint32_t mark);
int spd_dump(struct xfrm *x, void (*cb)(void *arg, const struct spd_entry *e), void *arg);
int sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg);
/* The SAs from src to dst; the kernel leaves out all others. */
int sad_dump_between(struct xfrm *x, const struct btns_addr *src, const struct btns_addr *dst,
                     void (*cb)(void *arg, const struct sad_entry *e), void *arg);
/*
 * Does the kernel have ESP with this AEAD (the kernel's name, key length with salt), for IPv4 and
 * IPv6? Also makes the kernel load the modules, so that no first connection waits for them. 0 or
 * -errno.
 */
int xfrm_probe(struct xfrm *x, const char *aead, unsigned key_bits);
/* Like xfrm_probe() for ESP in UDP, as behind a NAT (IPv4). */
int xfrm_probe_encap(struct xfrm *x, const char *aead, unsigned key_bits);
/* Deletes the SA with e's destination, SPI and protocol. 0 or -errno. */
int sad_del(struct xfrm *x, const struct sad_entry *e);
/*
 * Blocks a passed socket for this flow family (AF_INET, AF_INET6): it sends and receives nothing,
 * whatever the SPD says, until socket_policy_unblock(). 0 or -errno.
 */
int socket_policy_block(int fd, int family);
/* Blocks only the packets that the socket receives. */
int socket_policy_deafen(int fd, int family);
/*
 * Makes a passed socket receive only packets that an SA of this reqid has protected, in transport
 * mode, whatever their addresses. The SPD decides about packets that the socket sends. 0 or -errno.
 */
int socket_policy_expect(int fd, int family, uint32_t reqid);
/* Sets or clears SOCKET_MARK in a passed socket's mark. Its other bits stay. 0 or -errno. */
#define SOCKET_MARK 0x2000u
int socket_policy_mark(int fd, bool on);
/* Undoes socket_policy_block(), socket_policy_deafen(), socket_policy_expect() and
 * socket_policy_bypass(). */
int socket_policy_unblock(int fd);
/*
 * Shuts a passed socket that is not connected: its connect() fails with EPERM, and as a listener it
 * gets no connections. Packets of the other family, which an IPv6 socket sends to IPv4 addresses,
 * are blocked by SPD entries for its mark (running/shut_sockets.h). A filter that drops every
 * packet shows libbtns, without asking btnsd, that the socket is shut, and stays if btnsd ends. 0
 * or -errno.
 */
int socket_policy_shut(int fd);
int socket_policy_open(int fd); /* undoes socket_policy_shut() */
/*
 * Limits a datagram socket, which sends to many peers: after its first question it is not opened,
 * but an SPD entry below all guards blocks its datagrams to peers without a guard. A filter that
 * lets every packet in shows libbtns that the socket is limited. clear: it may also send in the
 * clear. 0 or -errno.
 */
int socket_policy_limit(int fd, bool clear);
/* Undoes socket_policy_limit() for a socket that was blocked before, and leaves it blocked. */
int socket_policy_unfilter(int fd);
/*
 * Makes a passed socket send and receive everything of this flow family in the clear, whatever the
 * SPD says. Sockets that it accepts inherit that; packets that the kernel sends for it without the
 * socket (TIME_WAIT, resets) do not. 0 or -errno.
 */
int socket_policy_bypass(int fd, int family);
/*
 * Deletes the larval ESP states that an outgoing entry with this reqid and SPI (0: none) has left
 * between the two addresses (in BEET mode, those of the wire). Otherwise they stay for
 * net.core.xfrm_acq_expires, 30 s. Call it after spd_del(), or a packet held by the entry would ask
 * again. Never touches an SA. 0 or -errno; 0 also when there was none.
 */
struct larval {
    const struct btns_addr *src, *dst;
    uint8_t mode; /* XFRM_MODE_* */
    uint32_t reqid, spi;
};
int sad_drop_larval(struct xfrm *x, const struct larval *l);

/*
 * Sockets (NETLINK_SOCK_DIAG): the connections in the kernel's table, including TIME_WAIT and
 * SYN_RECV.
 */
struct sock_entry {
    /*
     * SO_COOKIE. A TIME_WAIT keeps the cookie of its socket, and an accepted socket that of its
     * SYN_RECV.
     */
    uint64_t cookie;
    uint8_t protocol;
    uint8_t state; /* TCP_ESTABLISHED ... as in linux/tcp_states.h */
    uint32_t uid;
    uint32_t inode;      /* 0: no process has the socket any more */
    uint32_t expires_ms; /* until the running timer fires (TIME_WAIT: until it is gone), else 0 */
    uint8_t repeats;     /* how often a segment (or a probe) that has no answer was sent again */
    struct btns_addr local, remote;
};

struct sockdiag;

/* Opens the kernel's table of sockets of one transport protocol. */
struct sockdiag *sockdiag_open(int protocol, struct err *err);
void sockdiag_close(struct sockdiag *d);
/*
 * Calls cb for every connection (no listeners) that matches: local and remote by address if their
 * family is not 0, by port if it is not 0. IPv4-mapped sockets are found, too. 0 or -errno.
 */
int sockdiag_connections(struct sockdiag *d, const struct btns_addr *local,
                         const struct btns_addr *remote,
                         void (*cb)(void *arg, const struct sock_entry *e), void *arg);
/* The same, but only TCP connections whose handshake is over, and no TIME_WAITs. */
int sockdiag_established(struct sockdiag *d, const struct btns_addr *local,
                         const struct btns_addr *remote,
                         void (*cb)(void *arg, const struct sock_entry *e), void *arg);
/* The same, but only TCP connections whose SYN has no answer yet. */
int sockdiag_attempts(struct sockdiag *d, const struct btns_addr *local,
                      const struct btns_addr *remote,
                      void (*cb)(void *arg, const struct sock_entry *e), void *arg);
/* Calls cb for every listening socket. 0 or -errno. */
int sockdiag_listeners(struct sockdiag *d, void (*cb)(void *arg, const struct sock_entry *e),
                       void *arg);
/* The connection between these addresses, if it has this cookie. 0, -ENOENT, or another -errno. */
int sockdiag_find(struct sockdiag *d, const struct btns_addr *local, const struct btns_addr *remote,
                  uint64_t cookie, struct sock_entry *e);
/*
 * Aborts the connection with this cookie, for its program and its peer. 0 or -errno; -EOPNOTSUPP:
 * the kernel cannot (CONFIG_INET_DIAG_DESTROY).
 */
int sockdiag_destroy(struct sockdiag *d, const struct btns_addr *local,
                     const struct btns_addr *remote, uint64_t cookie);
/* A descriptor that is readable when sockets of IPv4 or IPv6 were destroyed. */
int sockdiag_event_fd(const struct sockdiag *d);
/*
 * Reads waiting events; cb gets each destroyed socket. -ENOBUFS: some were missed; go on reading.
 */
int sockdiag_events(struct sockdiag *d, void (*cb)(void *arg, const struct sock_entry *e),
                    void *arg);

/*
 * Routes (NETLINK_ROUTE): the local address that this host would use towards `remote`, and whether
 * `remote` is one of its own.
 */
struct route_query {
    struct btns_addr remote; /* port 0: any */
    int protocol;            /* of transport; 0: any */
    uint32_t mark;           /* the socket's; 0: none */
    int ifindex;             /* that the socket is bound to; 0: none */
    uint8_t tos;             /* the socket's IP_TOS or IPV6_TCLASS */
    uid_t uid;               /* the user's; 0 for btnsd itself */
};
struct route {
    struct btns_addr local;
    bool to_self;   /* RTN_LOCAL: the packets never leave this host */
    bool multicast; /* or broadcast */
    int ifindex;    /* the interface that packets leave by; 0: not known */
};
int route_lookup(const struct route_query *q, struct route *r);
/*
 * Is `remote` this host itself, for traffic that leaves from `local`? r is the route to `remote`;
 * with r NULL only the two addresses are compared, and another of this host's own addresses is not
 * recognised.
 */
bool route_is_this_host(const struct btns_addr *local, const struct btns_addr *remote,
                        const struct route *r);
/* Is it one of this host's own addresses? Asks the kernel for the route. */
bool route_finds_own_address(const struct btns_addr *a);

#endif
