/* What follows a failed exchange: another try, another certificate, an introduction, or the end. */
#include "btnsd/latch/keying/exchange.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/keying/certified.h"
#include "btnsd/latch/keying/exchange_decide.h"

#define AGAIN_MS 200
#define AWAY_MS  10000 /* how long charon may be away before latches break */

bool certificate_wanted(const struct guard *g)
{
    return g->demand && g->demand->identity == IDENTITY_CERTIFICATE;
}

static void on_exchange_again(struct timer *t)
{
    struct guard *g = t->arg;
    g->away = ike_is_ready(g->all->ike) ? 0 : g->away + AGAIN_MS;
    if (g->all->away[0]) {
        guard_fail(g, BTNS_R_MANAGER, "%s", g->all->away);
        return;
    }
    if (g->ever_up && g->away > AWAY_MS) {
        g->away = 0;
        guard_fail(g, BTNS_R_MANAGER, "the IKE daemon does not run");
        return;
    }
    if (g->state == GS_INTRODUCING)
        g->keying->introduce(g);
    else if (g->state == GS_PROVING)
        g->keying->prove(g);
}

void exchange_later(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, g->all->away[0] ? 0 : AGAIN_MS, on_exchange_again, g);
}

void exchange_soon(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, exchange_pause(g->tries), on_exchange_again, g);
}

static enum exchange_next next_exchange_step(const struct guard *g, enum ike_result result)
{
    const uint64_t now = loop_now();
    const struct attempt a = {
        .result = result,
        .proving = g->state == GS_PROVING,
        .introduced = g->introduced,
        .certified = certificate_wanted(g),
        .another = guard_other_certificate(g) != NULL,
        .latched = g->ever_up,
        .tries = g->tries,
        .now = now,
        .since = g->tries ? g->tries_since : now,
        .limit = guard_limit(g),
    };
    return exchange_next(&a);
}

static bool is_exchange_refusal(enum ike_result result)
{
    return result == IKE_REFUSED || result == IKE_DECLINED || result == IKE_WRONG_PEER;
}

/* Writes the fault that a person reads when the attempt ends with this result. */
static void write_exchange_fault(char text[BTNS_TEXT_MAX], const struct guard *g,
                                 enum ike_result result, const char *why)
{
    char key[BTNS_KEY_STR];
    if (g->state == GS_INTRODUCING)
        snprintf(text, BTNS_TEXT_MAX, "%s: %s",
                 certificate_wanted(g) ? "no certificate" : "no introduction", why);
    else if (is_exchange_refusal(result))
        snprintf(text, BTNS_TEXT_MAX, "it claims %s but did not prove it: %s",
                 btns_key_str(&g->key, key), why);
    else
        snprintf(text, BTNS_TEXT_MAX, "%s", why);
}

/*
 * Another try follows. A connection whose time limit is too short for it is told why this one
 * failed.
 */
static void remember_exchange(struct guard *g, enum btns_reason code, const char *text)
{
    if (!g->tries++)
        g->tries_since = loop_now();
    g->doubt = code;
    snprintf(g->doubt_text, sizeof g->doubt_text, "%s", text);
}

static void end_exchange_attempt(struct guard *g, enum ike_result result, enum btns_reason code,
                                 const char *text)
{
    const struct guards *gs = g->all;
    /* Nobody answers: remembers that, so that not every connect() starts an exchange. */
    if ((result == IKE_SILENT || result == IKE_NO_WAY) && gs->ops->silent)
        gs->ops->silent(gs->arg, &g->remote, text);
    if (result == IKE_SILENT && gs->ops->absent)
        gs->ops->absent(gs->arg, &g->remote);
    if (g->state == GS_PROVING && result == IKE_WRONG_PEER)
        g->refuses_all = peers_by_addr(gs->peers, &g->remote) != NULL;
    guard_fail(g, code, "%s", text);
}

void exchange_failed(struct guard *g, enum ike_result result, const char *why)
{
    enum btns_reason code = is_exchange_refusal(result) ? BTNS_R_IDENTITY : BTNS_R_PEER_GONE;
    char text[BTNS_TEXT_MAX];
    write_exchange_fault(text, g, result, why);
    switch (next_exchange_step(g, result)) {
    case ATTEMPT_AGAIN:
        remember_exchange(g, code, text);
        if (g->state == GS_INTRODUCING) {
            exchange_soon(g);
            return;
        }
        if (is_exchange_refusal(result))
            guard_next_certificate(g);
        guard_event(g, GE_TOO_EARLY);
        return;
    case ATTEMPT_ANOTHER:
        guard_drop_certificate(g);
        guard_event(g, GE_TOO_EARLY);
        return;
    case ATTEMPT_INTRODUCE:
        guard_event(g, GE_STRANGER);
        return;
    case ATTEMPT_LATER:
        exchange_later(g);
        return;
    case ATTEMPT_ENDS:
        end_exchange_attempt(g, result, code, text);
        return;
    }
}
