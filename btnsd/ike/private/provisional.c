/*
 * Limits the connections and IKE SAs that introductions leave in charon, and removes them in time
 * (see claimed_keys.h).
 */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/log.h"

#define SWEEP_MS 1000

/* Key connections of keys that are claimed and may be proved any moment. */
static const struct claimed_key_limits conn_limits = {
    .all = CLAIMED_KEYS_MAX, .network = 64, .address = 8, .least_ms = 500, .ms = 20000};
/* Once its IKE SA is up, the initiator has our identity; then the IKE SA is of no more use. */
#define INTRODUCTIONS_MANY 16
/* With this many commands unanswered, charon would not handle more of them any sooner. */
#define COMMANDS_MANY 64

/* Is the connection more than claimed: do we use it as initiator, or does a task use it? */
static bool provisional_in_use(const struct ike_conn *c)
{
    return c->services || c->tasks;
}

/* Lists the connections that may be dropped. Returns how many. */
static size_t list_provisional(const struct ike *k, struct ike_conn *conn[CLAIMED_KEYS_MAX + 1],
                               struct claimed_key claim[CLAIMED_KEYS_MAX + 1])
{
    size_t n = 0;
    for (struct ike_conn *c = k->claims; c && n <= CLAIMED_KEYS_MAX; c = c->next_claim)
        if (!provisional_in_use(c)) {
            conn[n] = c;
            claim[n++] = (struct claimed_key){c->outer.family ? c->outer : c->remote, c->claimed};
        }
    return n;
}

/*
 * Removes the connection. False: charon cannot be told now, so the connection stays. Without a
 * running charon there is nothing to tell.
 */
static bool drop_provisional(struct ike *k, struct ike_conn *c)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "name", c->name);
    if (control_command(k, "unload-conn", &m) && k->control)
        return false;
    if (c->up) /* without this, charon would search all its IKE SAs for nothing */
        ike_end_sa(k, "ike", c->name);
    conn_free(k, c);
    return true;
}

/* Ends all introductions by one command: for each command charon searches all its IKE SAs. */
static void end_introductions(struct ike *k)
{
    if (k->introductions && k->answers < COMMANDS_MANY)
        ike_end_sa(k, "ike", RESPONDER);
}

static void on_provisional_sweep(struct timer *t)
{
    struct ike *k = t->arg;
    struct ike_conn *conn[CLAIMED_KEYS_MAX + 1];
    struct claimed_key claim[CLAIMED_KEYS_MAX + 1];
    uint64_t now = loop_now();
    size_t at, n = list_provisional(k, conn, claim);
    end_introductions(k);
    while ((at = claimed_keys_expired(claim, n, now, &conn_limits)) != CLAIMED_KEY_NONE) {
        if (!drop_provisional(k, conn[at]))
            break;
        conn[at] = conn[--n];
        claim[at] = claim[n];
    }
    if (k->claims || k->introductions)
        loop_after(k->loop, &k->sweep, SWEEP_MS, on_provisional_sweep, k);
}

static void sweep_provisional_soon(struct ike *k)
{
    if (!k->sweep.slot)
        loop_after(k->loop, &k->sweep, SWEEP_MS, on_provisional_sweep, k);
}

bool provisional_room(struct ike *k, const struct btns_addr *remote)
{
    struct ike_conn *conn[CLAIMED_KEYS_MAX + 1];
    struct claimed_key claim[CLAIMED_KEYS_MAX + 1];
    size_t n = list_provisional(k, conn, claim),
           at = claimed_keys_victim(claim, n, remote, loop_now(), &conn_limits);
    bool room = k->answers < COMMANDS_MANY && at != CLAIMED_KEY_REFUSED &&
                (at == CLAIMED_KEY_NONE || drop_provisional(k, conn[at]));
    k->refused += !room;
    return room;
}

void provisional_report(struct ike *k)
{
    if (k->refused)
        log_warning("%u introductions were not heeded: too many came", k->refused);
    k->refused = 0;
}

void provisional_conn(struct ike *k, struct ike_conn *c)
{
    conn_claim(k, c, loop_now());
    sweep_provisional_soon(k);
}

void provisional_introduction(struct ike *k, bool up)
{
    if (!up) {
        k->introductions -= k->introductions > 0;
        return;
    }
    if (++k->introductions % INTRODUCTIONS_MANY == 0)
        end_introductions(k);
    sweep_provisional_soon(k);
}
