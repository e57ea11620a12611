/* A guard's life as a table: (state, event) -> (state, actions). Pure; tested over all pairs. */
#ifndef BTNS_LATCH_GUARD_MACHINE_H
#define BTNS_LATCH_GUARD_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A guard protects the connections of one service between two addresses by two SPD entries and the
 * SA that they name. Latches share a guard; their state follows from its state (latch_state()).
 */
enum guard_state {
    GS_NEW,
    GS_INTRODUCING, /* the kernel holds packets; the peer is asked for its key */
    GS_PROVING,     /* a key is claimed or known: its proof is under way, packets are held */
    GS_UP,          /* an SA of the right reqid is in place */
    GS_WAITING,     /* a mirror guard whose SA is gone: only the peer can bring it back */
    GS_FAILED,      /* blocked; connections that were latched still exist */
    GS_CLOSING,     /* unused; its SA is being deleted with the peer */
    GS_GONE,
    GS_STATES,
};

enum guard_event {
    GE_ASKED,         /* first request of a client; no peer is known at the address */
    GE_ASKED_KNOWN,   /* first request of a client; known_peers names a key */
    GE_MIRROR,        /* the peer brought an SA up: cover our side */
    GE_CLAIMED,       /* the introduction named an acceptable key */
    GE_SA_UP,         /* an outgoing SA with our reqid and selector is in the SAD */
    GE_SA_GONE,       /* the last SA left the SAD, and this host has to get another */
    GE_PEER_CLOSED,   /* the last SA left the SAD, and the peer has to get another */
    GE_STRANGER,      /* a peer from known_peers refused the proof: ask for its key again */
    GE_TOO_EARLY,     /* proof refused, but the peer may not have loaded us yet: again soon */
    GE_FAIL_UNUSED,   /* protection failed, and no latched connection depends on this guard */
    GE_FAIL_LATCHED,  /* protection failed, and latched connections live */
    GE_RETRY,         /* a failed guard tries again */
    GE_IDLE,          /* no connection, request or TIME_WAIT left, linger over */
    GE_CLOSED,        /* the peer agreed that the SA is deleted, or never answered */
    GE_CLOSED_WANTED, /* the same, but a client asked for the service meanwhile */
    GE_FORGOTTEN,     /* a person has forgotten the peer, and its connections have ended */
    GE_EVENTS,
};

enum guard_action {
    GA_INTRODUCE = 0x001, /* start an introduction */
    GA_PROVE = 0x002,     /* start a proof (load the peer's key connection, initiate the child) */
    GA_PROVE_SOON = 0x004,
    GA_HOLD = 0x008,     /* SPD: template of our reqid without SPI: nothing passes, packets wait */
    GA_NAME_SPI = 0x010, /* SPD: template names the SA in use */
    GA_BLOCK = 0x020,    /* SPD: block */
    GA_REMOVE = 0x040,   /* SPD: delete both entries */
    GA_GRANT = 0x080,    /* tell waiting requests that they are protected */
    GA_REFUSE = 0x100,   /* tell them that they are not */
    GA_RECORD = 0x200,   /* known_peers: this key was proved at this address */
    GA_CLOSE = 0x400,    /* delete the SA with the peer */
    GA_RETRY = 0x800,    /* arm the retry timer */
    GA_CANCEL = 0x1000,  /* stop what the key manager does for this guard */
    GA_IGNORE = 0x2000,  /* an event that means nothing in this state */
    GA_SWEEP = 0x4000,   /* check whether the guard is still used */
};

struct guard_step {
    enum guard_state next;
    uint32_t actions;
};

/* The next state and actions; { same state, GA_IGNORE } where the event means nothing. */
struct guard_step guard_step(enum guard_state s, enum guard_event e);
const char *guard_state_name(enum guard_state s);
const char *guard_event_name(enum guard_event e);
/*
 * enum btns_state (wire.h) of a latch under a guard in this state. Waiting for a new SA of the same
 * peer and quality is packet loss, not a change of an established latch (latching -02, section 2).
 */
int guard_latch_state(enum guard_state s, bool established);

#endif
