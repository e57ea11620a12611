/*
 * Whose turn it is: the number of IKE exchanges under way is limited, also root's, a share is
 * reserved for known peers, and the number of waiting services is limited (invariant 4). TAP.
 */
#include "btnsd/latch/guard/exchange_turn.h"
#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/private/state.h"
#include "test/unit/check.h"

#include <stdlib.h>
#include <string.h>

#define ALICE 1000u

static struct guards gs;

static struct guard guard_of_user(uid_t uid, bool known)
{
    return (struct guard){
        .all = &gs, .uid = uid, .has_key = known, .state = known ? GS_PROVING : GS_INTRODUCING};
}

/* Begins exchanges until they are refused, at most `most`, as ike_charge() counts them. */
static unsigned begin(uid_t uid, bool known, unsigned most)
{
    struct guard g = guard_of_user(uid, known);
    unsigned n = 0;
    for (; n < most && guard_takes_turn(&g); n++) {
        count_by_user_add(gs.ike->asked, uid, NULL);
        if (!known)
            count_by_user_add(gs.ike->strangers, uid, NULL);
    }
    guard_leave_account(&g);
    return n;
}

static void test_under_way(void)
{
    const struct limit *all = &limits[LIMIT_EXCHANGES], *new = &limits[LIMIT_STRANGERS];
    struct err err;
    check(begin(0, false, 1000) == new->root,
          "of root's exchanges with strangers, %u are under way", new->root);
    check(begin(0, true, 1000) == all->root - new->root,
          "the rest is for peers whose key is known");
    check(begin(ALICE, false, 1000) == new->each &&begin(ALICE, true, 1000) ==
              all->each - new->each,
          "which takes nothing from a user, of whom the same is true");
    struct guard g = guard_of_user(0, true);
    guard_turn_says(&g, &err);
    check(strstr(err.text, "root") && strstr(err.text, "limit exchanges"),
          "who waits learns for what: %s", err.text);
    count_by_user_sub(gs.ike->asked, 0);
    guard_turn_says(&g, &err);
    check(guard_takes_turn(&g) && !g.queued && !strstr(err.text, "limit"), "one ends, one begins");
    count_by_user_add(gs.ike->asked, 0, NULL);
}

/* All turns are taken, so services wait. */
static void test_waiting(void)
{
    static struct guard waiting[2000];
    struct guard new = guard_of_user(0, false);
    struct err err = {""};
    unsigned n = 0, preferred = 0;
    new.state = GS_NEW;
    for (; n < 2000 && guard_may_wait_turn(&new, false, &err); n++) {
        preferred += guard_may_wait_turn(&new, true, &err);
        waiting[n] = guard_of_user(0, false);
        guard_takes_turn(&waiting[n]);
    }
    check(n == limits[LIMIT_TURNS].root && strstr(err.text, "limit turns"),
          "of root's services, %u wait for their turn: %s", n, err.text);
    check(preferred == 64, "what only prefers protection waits behind %u at most", preferred);
    struct guard latched = guard_of_user(0, true);
    check(!guard_takes_turn(&latched) && latched.queued && !latched.in_turns,
          "a latched service that has lost its SAs waits all the same");
    check(count_by_user_of(gs.turns, 0) == n && guard_set_account(&waiting[0], ALICE) &&
              count_by_user_of(gs.turns, 0) == n - 1,
          "one that another user takes over is no longer counted as root's");
    for (unsigned i = 0; i < n; i++)
        guard_leave_account(&waiting[i]);
    check(!count_by_user_of(gs.turns, 0) && !count_by_user_of(gs.users, ALICE),
          "those that go are counted no longer");
}

int main(void)
{
    const struct charon_paths paths = {.run = "/nowhere"};
    gs.ike = ike_new(NULL, &paths, NULL, NULL, NULL);
    gs.users = count_by_user_new(LIMIT_GUARDS);
    gs.turns = count_by_user_new(LIMIT_TURNS);
    test_under_way();
    test_waiting();
    count_by_user_free(gs.ike->asked);
    count_by_user_free(gs.ike->strangers);
    free(gs.ike);
    count_by_user_free(gs.users);
    count_by_user_free(gs.turns);
    return check_end();
}
