/* A guard's life as a table: (state, event) -> (state, actions). Pure; tested over all pairs. */
#include "btnsd/latch/guard/machine.h"

#include "libapi/wire/wire.h"

#include <stddef.h>

#define TO(s, a)                                                                                   \
    {                                                                                              \
        GS_##s, (a), 1                                                                             \
    }

/* The same in every state: the guard is deleted, and the next connection gets a new one. */
#define FORGOTTEN TO(GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE)

/* Empty cells are events that mean nothing in that state. */
static const struct cell {
    enum guard_state next;
    uint32_t actions;
    int set;
} table[GS_STATES][GE_EVENTS] = {
    [GS_NEW] =
        {
            [GE_ASKED] = TO(INTRODUCING, GA_HOLD | GA_INTRODUCE),
            [GE_ASKED_KNOWN] = TO(PROVING, GA_HOLD | GA_PROVE),
            [GE_MIRROR] = TO(UP, GA_NAME_SPI | GA_RECORD),
            [GE_FAIL_UNUSED] = TO(FAILED, GA_BLOCK | GA_SWEEP), /* a mirror of a wrong SA */
        },
    [GS_INTRODUCING] =
        {
            [GE_FORGOTTEN] = FORGOTTEN,
            [GE_CLAIMED] = TO(PROVING, GA_HOLD | GA_PROVE),
            [GE_FAIL_UNUSED] = TO(GONE, GA_REFUSE | GA_REMOVE),
            [GE_FAIL_LATCHED] = TO(FAILED, GA_BLOCK | GA_REFUSE | GA_RETRY),
            [GE_IDLE] = TO(GONE, GA_CANCEL | GA_REMOVE),
        },
    [GS_PROVING] =
        {
            [GE_FORGOTTEN] = FORGOTTEN,
            [GE_SA_UP] = TO(UP, GA_NAME_SPI | GA_RECORD | GA_GRANT | GA_SWEEP),
            [GE_STRANGER] = TO(INTRODUCING, GA_INTRODUCE),
            [GE_TOO_EARLY] = TO(PROVING, GA_PROVE_SOON),
            [GE_FAIL_UNUSED] = TO(GONE, GA_REFUSE | GA_REMOVE),
            [GE_FAIL_LATCHED] = TO(FAILED, GA_BLOCK | GA_REFUSE | GA_RETRY),
            [GE_IDLE] = TO(GONE, GA_CANCEL | GA_REMOVE),
        },
    [GS_UP] =
        {
            [GE_FORGOTTEN] = FORGOTTEN,
            [GE_SA_UP] = TO(UP, GA_GRANT),
            [GE_SA_GONE] = TO(PROVING, GA_HOLD | GA_PROVE | GA_SWEEP),
            [GE_PEER_CLOSED] = TO(WAITING, GA_HOLD | GA_SWEEP),
            [GE_FAIL_UNUSED] = TO(GONE, GA_CLOSE | GA_REFUSE | GA_REMOVE),
            [GE_FAIL_LATCHED] = TO(FAILED, GA_BLOCK | GA_CLOSE | GA_REFUSE | GA_RETRY),
            /* The peer may delete its SA before ours is deleted, so packets wait from now on. */
            [GE_IDLE] = TO(CLOSING, GA_HOLD | GA_CLOSE),
        },
    [GS_WAITING] =
        {
            [GE_FORGOTTEN] = FORGOTTEN,
            [GE_MIRROR] = TO(UP, GA_NAME_SPI | GA_RECORD),
            [GE_SA_UP] = TO(UP, GA_NAME_SPI | GA_RECORD),
            [GE_FAIL_UNUSED] = TO(GONE, GA_REMOVE),
            [GE_FAIL_LATCHED] = TO(FAILED, GA_BLOCK | GA_SWEEP),
            [GE_IDLE] = TO(GONE, GA_REMOVE),
        },
    [GS_FAILED] =
        {
            [GE_FORGOTTEN] = FORGOTTEN,
            [GE_RETRY] = TO(PROVING, GA_PROVE),
            [GE_SA_UP] = TO(UP, GA_NAME_SPI | GA_GRANT),
            [GE_MIRROR] = TO(UP, GA_NAME_SPI),
            [GE_IDLE] = TO(GONE, GA_CANCEL | GA_REMOVE),
        },
    [GS_CLOSING] =
        {
            [GE_FORGOTTEN] = FORGOTTEN,
            [GE_CLOSED] = TO(GONE, GA_REMOVE),
            [GE_CLOSED_WANTED] = TO(PROVING, GA_HOLD | GA_PROVE),
        },
};

struct guard_step guard_step(enum guard_state s, enum guard_event e)
{
    struct guard_step step = {s, GA_IGNORE};
    if ((unsigned)s < GS_STATES && (unsigned)e < GE_EVENTS && table[s][e].set)
        step = (struct guard_step){table[s][e].next, table[s][e].actions};
    return step;
}

const char *guard_state_name(enum guard_state s)
{
    static const char *const names[GS_STATES] = {
        [GS_NEW] = "new",         [GS_INTRODUCING] = "introducing",
        [GS_PROVING] = "proving", [GS_UP] = "up",
        [GS_WAITING] = "waiting", [GS_FAILED] = "failed",
        [GS_CLOSING] = "closing", [GS_GONE] = "gone",
    };
    return (unsigned)s < GS_STATES ? names[s] : "?";
}

const char *guard_event_name(enum guard_event e)
{
    static const char *const names[GE_EVENTS] = {
        [GE_ASKED] = "asked",
        [GE_ASKED_KNOWN] = "asked-known",
        [GE_MIRROR] = "mirror",
        [GE_CLAIMED] = "claimed",
        [GE_SA_UP] = "sa-up",
        [GE_SA_GONE] = "sa-gone",
        [GE_PEER_CLOSED] = "peer-closed",
        [GE_STRANGER] = "stranger",
        [GE_TOO_EARLY] = "too-early",
        [GE_FAIL_UNUSED] = "fail-unused",
        [GE_FAIL_LATCHED] = "fail-latched",
        [GE_RETRY] = "retry",
        [GE_IDLE] = "idle",
        [GE_CLOSED] = "closed",
        [GE_CLOSED_WANTED] = "closed-wanted",
        [GE_FORGOTTEN] = "forgotten",
    };
    return (unsigned)e < GE_EVENTS ? names[e] : "?";
}

int guard_latch_state(enum guard_state s, bool established)
{
    switch (s) {
    case GS_UP:
    case GS_CLOSING:
        return BTNS_S_ESTABLISHED;
    case GS_FAILED:
    case GS_GONE:
        return BTNS_S_FAILED;
    default:
        return established ? BTNS_S_ESTABLISHED : BTNS_S_LARVAL;
    }
}
