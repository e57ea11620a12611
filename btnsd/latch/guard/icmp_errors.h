/*
 * Entries against ICMP errors that would quote protected packets in the clear. When no socket is at
 * a UDP port, when a firewall rule rejects a segment, when a packet has an option that nobody
 * knows, the host answers with an ICMP error that repeats the packet as it was inside ESP. The
 * error has its own protocol, so neither the guard nor its SA is for it.
 *
 * While a guard stands, ICMP errors from its local address to its peer are blocked, and so they are
 * while charon has a connection between the two addresses: an SA may then come up, and charon's own
 * entries let its packets in before btnsd has made the guard, which may be long after (a btnsd that
 * is stopped). Linux then looks for an SPD entry for an answer to the packet that the error is
 * about, and sends the error if that entry lets ICMP errors out, too. Guards, floors and charon's
 * entries do not. The last entry of all does: errors about what nothing protects go on. (One that
 * a router sends so, over IPv4, has the address of the packet's destination as its source.)
 *
 * Those that tell a program that nobody listens, or that a firewall rejects it, go in ESP while the
 * peer has a child SA for ICMP with us (latch/keying/icmp_child.h): entries above the blocks name
 * its reqid. Without an SA of that reqid they act as blocks, too. Nothing is demanded of errors
 * that come in: routers send them as well, in the clear, from any address, and the kernel judges
 * a message by its own addresses, not by those of the packet in it.
 *
 * The cost: for each peer that charon has a connection with, four entries for IPv4, two for IPv6.
 * Entries for all hosts would be six in all, but would change the source of every error that this
 * host sends as a router.
 */
#ifndef BTNS_LATCH_GUARD_ICMP_ERRORS_H
#define BTNS_LATCH_GUARD_ICMP_ERRORS_H

#include "btnsd/latch/guard/guard.h"

#define ICMP_SAS 8

/* The SAs for ICMP between two addresses, and how this host gets them (latch/keying/icmp_child.h).
 */
struct icmp_child {
    struct {
        uint32_t spi, reqid;
    } sa[ICMP_SAS]; /* outgoing, in the SAD */
    size_t sas;
    bool ours; /* this host has asked for it */
    struct ike_task *task;
    struct timer again;
    uint64_t not_before; /* ms, loop_now: of the next request */
    uint64_t up_since;   /* ms, loop_now: of the first of its SAs */
    unsigned lost;       /* times in a row that they ended soon */
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
    uint32_t esp;                   /* reqid of the SAs that errors go in; 0: all are blocked */
    struct icmp_child child;
};

/*
 * charon is about to have a connection between these addresses. 0; or -errno: it must not have one.
 */
int icmp_errors_begin(struct guards *gs, const struct btns_addr *local,
                      const struct btns_addr *remote);
/* How long charon may take, at the end of a connection, to end its SAs. */
#define ICMP_ERRORS_END_MS 3000
/* charon has one connection less. The entries stay for a while, because the SAs may end later. */
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
/* From now on errors go in ESP by SAs of this reqid; 0: all are blocked. */
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
