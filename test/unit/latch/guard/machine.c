/* The guard's table: every (state, event) pair, against a second list of the transitions. */
#include "btnsd/latch/guard/machine.h"
#include "libapi/wire/wire.h"
#include "test/unit/check.h"

/* What must happen, pair by pair; every pair that is not here must be ignored. */
static const struct expected {
    enum guard_state from;
    enum guard_event event;
    enum guard_state to;
    uint32_t must, must_not;
} expected[] = {
    {GS_NEW, GE_ASKED, GS_INTRODUCING, GA_HOLD | GA_INTRODUCE, GA_PROVE | GA_GRANT | GA_NAME_SPI},
    {GS_NEW, GE_ASKED_KNOWN, GS_PROVING, GA_HOLD | GA_PROVE, GA_INTRODUCE | GA_GRANT | GA_NAME_SPI},
    {GS_NEW, GE_MIRROR, GS_UP, GA_NAME_SPI | GA_RECORD, GA_PROVE | GA_INTRODUCE},
    {GS_NEW, GE_FAIL_UNUSED, GS_FAILED, GA_BLOCK, GA_NAME_SPI | GA_GRANT | GA_RECORD},
    {GS_INTRODUCING, GE_CLAIMED, GS_PROVING, GA_HOLD | GA_PROVE,
     GA_GRANT | GA_RECORD | GA_NAME_SPI},
    {GS_INTRODUCING, GE_FAIL_UNUSED, GS_GONE, GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_INTRODUCING, GE_FAIL_LATCHED, GS_FAILED, GA_BLOCK | GA_REFUSE | GA_RETRY, GA_REMOVE},
    {GS_INTRODUCING, GE_IDLE, GS_GONE, GA_CANCEL | GA_REMOVE, GA_GRANT},
    {GS_PROVING, GE_SA_UP, GS_UP, GA_NAME_SPI | GA_RECORD | GA_GRANT, GA_REFUSE | GA_REMOVE},
    {GS_PROVING, GE_STRANGER, GS_INTRODUCING, GA_INTRODUCE, GA_GRANT | GA_RECORD | GA_REMOVE},
    {GS_PROVING, GE_TOO_EARLY, GS_PROVING, GA_PROVE_SOON, GA_GRANT | GA_RECORD | GA_REMOVE},
    {GS_PROVING, GE_FAIL_UNUSED, GS_GONE, GA_REFUSE | GA_REMOVE, GA_GRANT | GA_RECORD},
    {GS_PROVING, GE_FAIL_LATCHED, GS_FAILED, GA_BLOCK | GA_REFUSE | GA_RETRY, GA_REMOVE},
    {GS_PROVING, GE_IDLE, GS_GONE, GA_CANCEL | GA_REMOVE, GA_GRANT},
    {GS_UP, GE_SA_UP, GS_UP, GA_GRANT, GA_REMOVE | GA_HOLD | GA_NAME_SPI},
    {GS_UP, GE_SA_GONE, GS_PROVING, GA_HOLD | GA_PROVE, GA_REMOVE | GA_REFUSE},
    {GS_UP, GE_PEER_CLOSED, GS_WAITING, GA_HOLD | GA_SWEEP, GA_REMOVE | GA_PROVE},
    {GS_UP, GE_FAIL_UNUSED, GS_GONE, GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_UP, GE_FAIL_LATCHED, GS_FAILED, GA_BLOCK | GA_CLOSE | GA_REFUSE | GA_RETRY, GA_REMOVE},
    {GS_UP, GE_IDLE, GS_CLOSING, GA_HOLD | GA_CLOSE, GA_REMOVE},
    {GS_WAITING, GE_MIRROR, GS_UP, GA_NAME_SPI | GA_RECORD, GA_REMOVE},
    {GS_WAITING, GE_SA_UP, GS_UP, GA_NAME_SPI | GA_RECORD, GA_REMOVE},
    {GS_WAITING, GE_FAIL_UNUSED, GS_GONE, GA_REMOVE, GA_NAME_SPI | GA_GRANT | GA_RECORD},
    {GS_WAITING, GE_FAIL_LATCHED, GS_FAILED, GA_BLOCK, GA_REMOVE | GA_NAME_SPI | GA_GRANT},
    {GS_WAITING, GE_IDLE, GS_GONE, GA_REMOVE, GA_GRANT},
    {GS_FAILED, GE_RETRY, GS_PROVING, GA_PROVE, GA_REMOVE | GA_NAME_SPI | GA_GRANT},
    {GS_FAILED, GE_SA_UP, GS_UP, GA_NAME_SPI | GA_GRANT, GA_REMOVE},
    {GS_FAILED, GE_MIRROR, GS_UP, GA_NAME_SPI, GA_REMOVE},
    {GS_FAILED, GE_IDLE, GS_GONE, GA_CANCEL | GA_REMOVE, GA_GRANT},
    {GS_CLOSING, GE_CLOSED, GS_GONE, GA_REMOVE, GA_GRANT},
    {GS_INTRODUCING, GE_FORGOTTEN, GS_GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_PROVING, GE_FORGOTTEN, GS_GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_UP, GE_FORGOTTEN, GS_GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_WAITING, GE_FORGOTTEN, GS_GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_FAILED, GE_FORGOTTEN, GS_GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_CLOSING, GE_FORGOTTEN, GS_GONE, GA_CANCEL | GA_CLOSE | GA_REFUSE | GA_REMOVE, GA_GRANT},
    {GS_CLOSING, GE_CLOSED_WANTED, GS_PROVING, GA_HOLD | GA_PROVE, GA_REMOVE},
};

static const struct expected *find(enum guard_state s, enum guard_event e)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (expected[i].from == s && expected[i].event == e)
            return &expected[i];
    return NULL;
}

static bool as_expected(enum guard_state s, enum guard_event e)
{
    const struct expected *x = find(s, e);
    struct guard_step step = guard_step(s, e);
    if (!x)
        return step.next == s && step.actions == GA_IGNORE;
    return step.next == x->to && (step.actions & x->must) == x->must &&
           !(step.actions & (x->must_not | GA_IGNORE));
}

/* What must hold of the whole table, whatever the single transitions are. */
static bool is_safe(enum guard_state s, enum guard_event e)
{
    struct guard_step t = guard_step(s, e);
    bool removes = t.actions & GA_REMOVE, live = t.next != GS_GONE;
    if (removes == live && !(t.actions & GA_IGNORE) && (removes || t.next == GS_GONE))
        return false; /* the SPD entries are deleted with the guard, not earlier */
    if ((e == GE_FAIL_LATCHED || e == GE_SA_GONE || e == GE_PEER_CLOSED) && removes)
        return false; /* a latched connection never goes on in the clear */
    if ((t.actions & GA_GRANT) && t.next != GS_UP)
        return false; /* nobody is told "protected" before the SA is in place */
    if ((t.actions & GA_RECORD) && t.next != GS_UP)
        return false; /* no peer is accepted that has proved nothing */
    return !(t.next == GS_UP && s != GS_UP && !(t.actions & GA_NAME_SPI));
}

static void walk(void)
{
    for (int s = 0; s < GS_STATES; s++)
        for (int e = 0; e < GE_EVENTS; e++) {
            check(as_expected((enum guard_state)s, (enum guard_event)e), "%s, %s",
                  guard_state_name((enum guard_state)s), guard_event_name((enum guard_event)e));
            check(is_safe((enum guard_state)s, (enum guard_event)e), "%s, %s is safe",
                  guard_state_name((enum guard_state)s), guard_event_name((enum guard_event)e));
        }
}

int main(void)
{
    walk();
    struct guard_step out = guard_step((enum guard_state)99, (enum guard_event)99);
    check(out.actions == GA_IGNORE, "what is no state or event is ignored");
    check(guard_latch_state(GS_UP, true) == BTNS_S_ESTABLISHED, "up is Established");
    check(guard_latch_state(GS_PROVING, false) == BTNS_S_LARVAL, "never up is Larval");
    check(guard_latch_state(GS_PROVING, true) == BTNS_S_ESTABLISHED,
          "waiting for a new SA is packet loss: still Established (L13)");
    check(guard_latch_state(GS_FAILED, true) == BTNS_S_FAILED, "failed is Failed");
    return check_end();
}
