/*
 * keys = private: charon reports that a proof is done, but the kernel has no SA that a guard can
 * use. Runs in a network namespace of its own; the linker replaces IKE's exchanges by functions
 * that do nothing. No service is served here. TAP.
 */
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/keying/managers.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

#include <netinet/in.h>

static char exchange; /* stands for the struct ike_task of whatever exchange there is */
static unsigned proofs;
static ike_done *proof_done;

struct ike_task *__wrap_ike_prove(struct ike *k, const struct ike_service *s, unsigned ms,
                                  ike_done *done, void *arg);
struct ike_task *__wrap_ike_prove(struct ike *k, const struct ike_service *s, unsigned ms,
                                  ike_done *done, void *arg)
{
    (void)k, (void)s, (void)ms, (void)arg;
    proofs++;
    proof_done = done;
    return (struct ike_task *)&exchange;
}

bool __wrap_ike_is_ready(const struct ike *k);
bool __wrap_ike_is_ready(const struct ike *k)
{
    (void)k;
    return true;
}

void __wrap_ike_charge(struct ike_task *t, uid_t user);
void __wrap_ike_charge(struct ike_task *t, uid_t user)
{
    (void)t, (void)user;
}

void __wrap_ike_cancel(struct ike_task *t);
void __wrap_ike_cancel(struct ike_task *t)
{
    (void)t;
}

struct ike_task *__wrap_ike_close(struct ike *k, const struct ike_service *s, uid_t user,
                                  ike_done *done, void *arg);
struct ike_task *__wrap_ike_close(struct ike *k, const struct ike_service *s, uid_t user,
                                  ike_done *done, void *arg)
{
    (void)k, (void)s, (void)user, (void)done, (void)arg;
    return (struct ike_task *)&exchange;
}

static const struct ike_task *kept;
bool __wrap_ike_close_keep(struct ike_task *t);
bool __wrap_ike_close_keep(struct ike_task *t)
{
    kept = t;
    return false;
}

static bool unanswered;
bool __wrap_ike_close_unanswered(const struct ike_task *t, unsigned ms);
bool __wrap_ike_close_unanswered(const struct ike_task *t, unsigned ms)
{
    (void)t;
    return unanswered && ms;
}

static unsigned ended;
void __wrap_ike_end(struct ike *k, const struct ike_entry *e);
void __wrap_ike_end(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
    ended++;
}

struct inlets __wrap_serve_inlets(const struct guards *all, const struct applicant *who);
struct inlets __wrap_serve_inlets(const struct guards *all, const struct applicant *who)
{
    (void)all, (void)who;
    return (struct inlets){0};
}

static const struct guards_ops ops = {
    .settle = settled, .changed = unchanged, .freed = unchanged, .gone = unconcerned};
static struct guards gs = {.ops = &ops};

static int begin_known(struct guard *g, enum guard_event *first, struct err *err)
{
    static const struct btns_key key = {.raw = {1}};
    (void)err;
    guard_set_key(g, &key);
    guard_set_reqid(g, 0);
    *first = GE_ASKED_KNOWN;
    return 0;
}

#define ALICE 1000u
#define BOB   1001u

static struct guard *ask_as(uid_t uid)
{
    struct err err = {""};
    struct guard_want w = want_service(IPPROTO_TCP, 1);
    w.uid = uid;
    struct guard *g = guard_want(&gs, &w, &err);
    check(g, "a guard: %s", err.text);
    return g;
}

static struct guard *ask(void)
{
    struct guard *g = ask_as(ALICE);
    check(g && g->state == GS_PROVING && proofs == 1, "a known peer's key is proved");
    return g;
}

static void end(struct guard *g)
{
    g->latches = 0;
    guard_fail(g, BTNS_R_PEER_GONE, "the test is over");
    proofs = 0;
}

static void test_no_sa(void)
{
    struct guard *g = ask();
    proof_done(g, IKE_OK, &g->key, NULL);
    check(g->state == GS_PROVING && proofs == 1,
          "charon's word that it is done brings no guard up: the kernel's SA does");
    for (int i = 0; i < 3000 && proofs < 2; i++)
        turn(gs.loop, 10);
    check(proofs == 2 && g->state == GS_PROVING && g->task,
          "without an SA that the guard can use, the key is proved once more");
    end(g);
}

static void test_sa(void)
{
    struct guard *g = ask();
    proof_done(g, IKE_OK, &g->key, NULL);
    g->latches = 1;
    g->sa[g->sas++] = 1;
    guard_event(g, GE_SA_UP);
    turn(gs.loop, 1500);
    check(proofs == 1 && g->state == GS_UP, "with the SA, it is not");
    end(g);
}

/* A program needs the service whose SA is being deleted for a user who may have many to delete. */
static void test_wanted_again(void)
{
    struct guard *g = ask();
    g->sa[g->sas++] = 1;
    guard_event(g, GE_SA_UP);
    g->task = NULL;
    guard_event(g, GE_IDLE);
    check(g->state == GS_CLOSING && g->task, "nobody needs it: its SA is deleted");
    check(ask_as(BOB) == g && kept == g->task, "another user does: the deletion is told");
    check(g->uid == BOB, "the proof that follows is on the account of who asks now");
    check(!g->keying->hang_up(g) && !ended, "the peer was asked only now, and may answer");
    unanswered = true;
    check(g->keying->hang_up(g) && ended == 1, "it does not: its IKE SA is ended");
    g->task = NULL;
    check(!g->keying->hang_up(g) && ended == 1, "where nothing was asked, nobody is silent");
    guard_closed(g);
    check(g->state == GS_PROVING && proofs == 2, "the key is proved anew");
    end(g);
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    static struct keying proving;
    const struct keying *const managers_here[] = {&proving, &proving, &proving};
    proving = keying_private;
    proving.begin = begin_known;
    proving.fits = NULL;
    proving.record = NULL;
    gs.keying = managers_here;
    test_no_sa();
    test_sa();
    test_wanted_again();
    guards_close(&gs);
    return check_end();
}
