/*
 * Entries against ICMP errors that would quote protected packets in the clear. A host answers with
 * an ICMP error when no socket has a UDP port, when a firewall rule rejects a segment, or when a
 * packet has an unknown option. The error repeats the packet as it was inside ESP. Its protocol is
 * ICMP, so it matches neither the guard nor the guard's SA.
 *
 * ICMP errors from a guard's local address to its peer are blocked while the guard has entries, and
 * while charon has a connection between the two addresses. charon's own entries let packets of a
 * new SA in before btnsd has made the guard; where btnsd is stopped, that may take long.
 *
 * When an error is blocked, Linux looks up the SPD entry for an answer to the packet that the error
 * is about, and sends the error if that entry has XFRM_POLICY_ICMP. Guards, floors and charon's
 * entries do not have it. The entry at PRIO_LAST has it, so errors about unprotected packets are
 * still sent. (If this host is a router, such an error over IPv4 has the destination address of the
 * packet as its source.)
 *
 * Errors that tell a program that nobody listens, or that a firewall rejects its packets, are sent
 * in ESP while the peer has a child SA for ICMP with this host (latch/keying/icmp_child.h): entries
 * above the blocks name the reqid of that SA. Without an SA these entries block, too. Incoming
 * errors need no protection, since routers send them as well, in the clear and from any address,
 * and the kernel compares the addresses of the error, not those of the packet in it.
 *
 * The cost: four entries over IPv4, or two over IPv6, for each peer that charon has a connection
 * with. Six entries for all hosts would do, but then every error that this host sends as a router
 * would have another source address.
 */
#ifndef BTNS_LATCH_GUARD_ICMP_ERRORS_H
#define BTNS_LATCH_GUARD_ICMP_ERRORS_H

#include "btnsd/latch/guard/guard.h"

#define ICMP_SAS 8

/* The SAs for ICMP between two addresses, and the request for them (latch/keying/icmp_child.h). */
struct icmp_child {
    struct {
        uint32_t spi, reqid;
    } sa[ICMP_SAS]; /* outgoing, in the SAD */
    size_t sas;
    bool ours; /* this host has asked for it */
    struct ike_task *task;
    struct timer again;
    uint64_t not_before; /* ms, loop_now: the next request is made no earlier */
    uint64_t up_since;   /* ms, loop_now: when the first of the SAs came up */
    unsigned lost;       /* how often in a row the SAs ended soon after that */
};

/*
 * The entries between two addresses. The entry that lets other errors out is shared by all that
 * have the same remote address.
 */
struct icmp_errors {
    struct icmp_errors *next, **link; /* in the list of all */
    struct hash_link at_remote;
    struct guards *all;
    struct timer ending;            /* runs after the last connection's end */
    struct btns_addr local, remote; /* port 0 */
    unsigned holders;               /* guards whose entries are in the SPD, and connections */
    bool stays;                     /* a guard was freed whose entries stay */
    uint32_t esp; /* reqid of the SAs in which errors are sent; 0: all are blocked */
    struct icmp_child child;
};

/*
 * Call it before charon gets a connection between these addresses. 0, or -errno: then charon must
 * not get it.
 */
int icmp_errors_begin(struct guards *gs, const struct btns_addr *local,
                      const struct btns_addr *remote);
/* How long charon may take to delete a connection's SAs after the connection's end. */
#define ICMP_ERRORS_END_MS 3000
/* A connection of charon's has ended. The entries stay for ICMP_ERRORS_END_MS. */
void icmp_errors_end(struct guards *gs, const struct btns_addr *local,
                     const struct btns_addr *remote);
/* g's entries are about to be written. 0 or -errno. */
int icmp_errors_hold(struct guard *g);
/*
 * g's entries were deleted: deletes the blocks between its addresses, unless something else needs
 * them.
 */
void icmp_errors_release(struct guard *g);
/* g is about to be freed; if its SPD entries stay, as at the end of btnsd, these stay, too. */
void icmp_errors_leave(struct guard *g);

/* The entries between these addresses, or NULL. */
struct icmp_errors *icmp_errors_between(const struct guards *gs, const struct btns_addr *local,
                                        const struct btns_addr *remote);
/* From now on errors are sent in ESP, by SAs of this reqid; 0: all are blocked. */
void icmp_errors_protect(struct icmp_errors *e, uint32_t reqid);
/* The IKE daemon ends, and its tasks with it. */
void icmp_errors_ike_ends(struct guards *gs);

/* Writes all entries again; somebody has deleted some. */
void icmp_errors_restore(struct guards *gs);
/* Writes the entries that the snapshot lacks. Returns how many. */
unsigned icmp_errors_compare(struct guards *gs, const struct spd_snapshot *s);
/* At start, after guards were adopted: deletes entries of an earlier btnsd that nothing needs. */
void icmp_errors_sweep(struct guards *gs);
void icmp_errors_free(struct guards *gs);

#endif
