/* Decides what follows when an exchange has failed. Pure. */
#include "btnsd/latch/keying/exchange_decide.h"

/*
 * Soon at first, then at longer intervals: a restarted IKE daemon has its connections within 2 s.
 */
unsigned exchange_pause(unsigned tries)
{
    if (tries < 6)
        return 10u << tries;
    return tries < 12 ? 500 : 1000;
}

/*
 * The peer has proved its key and declines the service. (A responder that has not loaded the
 * connection for our certificate takes us for somebody else.)
 */
static bool peer_knows_us(const struct attempt *a)
{
    return a->result == IKE_DECLINED && !a->certified;
}

/*
 * Anybody who answers can refuse, so a refusal alone ends nothing: the peer's btnsd may not have
 * read our certificate yet.
 */
static bool peer_refuses_certificate(const struct attempt *a)
{
    return a->certified && (a->result == IKE_REFUSED || a->result == IKE_DECLINED);
}

/*
 * The time limits of the waiting connections decide, not a number of tries, so that a slow peer
 * which does not know us yet is given that time. A new connection's short limit does not end
 * latches.
 */
static uint64_t exchange_attempt_end(const struct attempt *a)
{
    uint64_t end = a->since + ATTEMPT_MS;
    if (a->limit && (a->limit > end || !a->latched))
        end = a->limit;
    uint64_t refused = a->since + (peer_knows_us(a) ? DECLINED_MS : UNREAD_MS);
    return (peer_knows_us(a) || peer_refuses_certificate(a)) && refused < end ? refused : end;
}

static enum exchange_next exchange_again_or_end(const struct attempt *a)
{
    bool in_time = a->now + exchange_pause(a->tries + 1) < exchange_attempt_end(a);
    return in_time ? ATTEMPT_AGAIN : ATTEMPT_ENDS;
}

/*
 * The responder loads the connection for our key when it sees our introduction; our proof may
 * arrive before that is done, so a refusal after an introduction may mean little. Without an
 * introduction, a refusal means that the peer does not know us, or is another host: an introduction
 * tells. A peer whose btnsd has just restarted may know our key before it knows its own listeners.
 */
static enum exchange_next exchange_after_refusal(const struct attempt *a)
{
    if (!a->proving)
        return ATTEMPT_ENDS;
    if (!a->introduced)
        return peer_knows_us(a) && a->tries < DECLINED_TRIES ? exchange_again_or_end(a)
                                                             : ATTEMPT_INTRODUCE;
    if (a->result == IKE_WRONG_PEER)
        return a->another ? ATTEMPT_ANOTHER : ATTEMPT_ENDS;
    return exchange_again_or_end(a);
}

enum exchange_next exchange_next(const struct attempt *a)
{
    switch (a->result) {
    case IKE_AGAIN:
        return exchange_again_or_end(a);
    case IKE_BROKEN:
        return ATTEMPT_LATER;
    case IKE_REFUSED:
    case IKE_DECLINED:
    case IKE_WRONG_PEER:
        return exchange_after_refusal(a);
    case IKE_OK:
    case IKE_SILENT:
    case IKE_NO_WAY:
        break;
    }
    return ATTEMPT_ENDS;
}
