/* Reports every change of the SPD and the SAD, including those that other programs make. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/open.h"

#include <errno.h>
#include <string.h>

/*
 * At most this many datagrams in one call, so that a flood of them does not keep the caller from
 * other work.
 */
#define EVENTS_A_CALL 1024

/*
 * The hard flag is at the end of xfrm_user_expire and xfrm_user_polexpire. A soft expiry only asks
 * for a successor.
 */
static bool is_hard_expiry_event(const struct nlmsghdr *nlh)
{
    struct xfrm_user_expire state;
    struct xfrm_user_polexpire policy;

    if (nlh->nlmsg_type == XFRM_MSG_POLEXPIRE) {
        if (mnl_nlmsg_get_payload_len(nlh) < sizeof policy)
            return false;
        memcpy(&policy, mnl_nlmsg_get_payload(nlh), sizeof policy);
        return policy.hard;
    }
    if (mnl_nlmsg_get_payload_len(nlh) < sizeof state)
        return false;
    memcpy(&state, mnl_nlmsg_get_payload(nlh), sizeof state);
    return state.hard;
}

static bool decode_sa_event(const struct nlmsghdr *nlh, struct xfrm_event *ev)
{
    bool gone = nlh->nlmsg_type == XFRM_MSG_DELSA || nlh->nlmsg_type == XFRM_MSG_EXPIRE;

    if (nlh->nlmsg_type == XFRM_MSG_EXPIRE && !is_hard_expiry_event(nlh))
        return false;
    ev->type = gone ? XFRM_EV_SA_GONE : XFRM_EV_SA_NEW;
    if (!sad_decode(nlh, &ev->sa))
        return false;
    /* EXPIRE names no algorithm, so a larval state that had an SPI cannot be told from an SA. */
    return nlh->nlmsg_type == XFRM_MSG_EXPIRE ? ev->sa.spi != 0 : sad_is_real(&ev->sa);
}

static bool decode_spd_event(const struct nlmsghdr *nlh, struct xfrm_event *ev)
{
    if (nlh->nlmsg_type == XFRM_MSG_POLEXPIRE && !is_hard_expiry_event(nlh))
        return false;
    ev->type = XFRM_EV_SPD_CHANGE;
    ev->spd_valid = spd_decode(nlh, &ev->spd);
    ev->spd_gone = nlh->nlmsg_type == XFRM_MSG_DELPOLICY || nlh->nlmsg_type == XFRM_MSG_POLEXPIRE;
    return true;
}

bool xfrm_event_decode(const struct nlmsghdr *nlh, struct xfrm_event *ev)
{
    memset(ev, 0, sizeof *ev);
    switch (nlh->nlmsg_type) {
    case XFRM_MSG_NEWSA:
    case XFRM_MSG_UPDSA:
    case XFRM_MSG_DELSA:
    case XFRM_MSG_EXPIRE:
        return decode_sa_event(nlh, ev);
    case XFRM_MSG_ACQUIRE:
        ev->type = XFRM_EV_ACQUIRE;
        return acquire_decode(nlh, &ev->spd);
    case XFRM_MSG_MAPPING:
        return sad_mapping_decode(nlh, ev);
    case XFRM_MSG_FLUSHSA:
        ev->type = XFRM_EV_SA_FLUSH;
        return true;
    case XFRM_MSG_NEWPOLICY:
    case XFRM_MSG_UPDPOLICY:
    case XFRM_MSG_DELPOLICY:
    case XFRM_MSG_POLEXPIRE:
        return decode_spd_event(nlh, ev);
    case XFRM_MSG_FLUSHPOLICY:
        ev->type = XFRM_EV_SPD_CHANGE;
        ev->spd_gone = ev->spd_flush = true;
        return true;
    default:
        return false;
    }
}

/*
 * Reported after every older event: then the dump is newer than every event reported before, and no
 * old event can undo it.
 */
static void report_lost_events(struct xfrm *x, void (*cb)(void *arg, const struct xfrm_event *ev),
                               void *arg)
{
    static const struct xfrm_event lost = {.type = XFRM_EV_LOST};
    if (!x->lost)
        return;
    x->lost = false;
    cb(arg, &lost);
}

int xfrm_events(struct xfrm *x, void (*cb)(void *arg, const struct xfrm_event *ev), void *arg)
{
    uint32_t own = mnl_socket_get_portid(x->requests.sock);
    union nl_reply buf;
    struct xfrm_event ev;
    int len = 0;

    for (int i = 0; i < EVENTS_A_CALL; i++) {
        len = nl_read(&x->events, &buf);
        /* ENOSPC: an event larger than the buffer was cut, so it is lost as well. */
        if (len == -ENOBUFS || len == -ENOSPC) {
            x->lost = true;
            len = 0;
            continue;
        }
        if (len <= 0) {
            report_lost_events(x, cb, arg);
            break;
        }
        const struct nlmsghdr *nlh;
        nl_for_each_message(nlh, &buf, len)
        {
            if (!xfrm_event_decode(nlh, &ev))
                continue;
            ev.own = nlh->nlmsg_pid == own;
            cb(arg, &ev);
        }
        len = 0;
    }
    explicit_bzero(&buf, sizeof buf); /* NEWSA and DELSA have keys in them */
    return len < 0 ? len : 0;
}
