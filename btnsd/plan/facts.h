/*
 * Reads facts from the kernel: about the process that asks, from /proc, and about the socket that
 * it passed.
 */
#ifndef BTNS_PLAN_FACTS_H
#define BTNS_PLAN_FACTS_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"

#include <sys/socket.h>
#include <sys/types.h>

/* Gets the executable's absolute path; false if the process has ended or may not be read. */
bool facts_program(pid_t pid, char *path, size_t size);
/* Appends the process's supplementary groups; false if they cannot be read, or do not fit. */
bool facts_groups(pid_t pid, gid_t *gid, size_t max, size_t *n);
/*
 * Gets the process's control group path in the unified hierarchy, or else in systemd's; "" without
 * any. False if it cannot be read.
 */
bool facts_cgroup(pid_t pid, char *path, size_t size);
/*
 * Gets the process's effective ids. expected: the uid that it probably has, which is quick to
 * check.
 */
bool facts_ids(pid_t pid, uid_t expected, uid_t *uid, gid_t *gid);
/* Gets the process's real ids. */
bool facts_real_ids(pid_t pid, uid_t *uid, gid_t *gid);
/* Does this process live, and did it live `ms` ago? */
bool facts_process_lives(pid_t pid, uint64_t ms);

struct socket_facts {
    int family;   /* AF_INET, AF_INET6 */
    int protocol; /* the protocol in the IP header, which rules are about */
    /*
     * SO_PROTOCOL. It differs for IPPROTO_MPTCP, whose headers have TCP, and which uses paths that
     * no guard knows
     */
    int number;
    uint64_t cookie;
    uint32_t mark;
    int ifindex; /* SO_BINDTODEVICE, or 0 */
    bool v6only;
    bool routed;            /* the socket has an IPv4 source route */
    bool any_source;        /* its datagrams may leave from an address that is not this host's */
    uint8_t state;          /* TCP_CLOSE, ... as in linux/tcp_states.h */
    uid_t owner;            /* uid that made the socket */
    uint8_t tos;            /* IP_TOS or IPV6_TCLASS */
    struct btns_addr local; /* as bound; any, port 0: not bound */
};

/* The other end of a connected socket. False: it is not connected. */
bool facts_peer(int fd, struct btns_addr *peer);
/* Does the socket listen now? */
bool facts_listens(int fd);
/* Reads the facts about a TCP or UDP socket. 0, or -errno with err saying what is wrong with it. */
int facts_transport(int fd, struct socket_facts *f, struct err *err);
/* The same for a TCP socket only. */
int facts_socket(int fd, struct socket_facts *f, struct err *err);
/* Could a socket of btnsd's own, and so one of IKE, be bound to this address? */
bool facts_may_bind(const struct btns_addr *local);
/* Can no rule protect this socket? Then err says why. */
bool facts_beyond_protection(const struct socket_facts *f, struct err *err);

#endif
