/*
 * The loop: timers fire in order, and callbacks may cancel, rearm and unwatch what comes next. TAP.
 */
#include "btnsd/base/loop.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct loop *loop;
static char order[64];

static void stop(struct timer *t)
{
    loop_stop(t->arg);
}

static void turn(unsigned ms)
{
    struct timer t = {0};
    loop_after(loop, &t, ms, stop, loop);
    if (loop_run(loop))
        check(false, "the loop failed");
}

static void mark(struct timer *t)
{
    strncat(order, t->arg, sizeof order - strlen(order) - 1);
}

#define MANY 1000
static unsigned fired;
static uint64_t last_due;
static bool in_order = true, too_early;

static void count(struct timer *t)
{
    fired++;
    in_order &= t->due >= last_due;
    too_early |= loop_now() < t->due;
    last_due = t->due;
}

static void test_order(void)
{
    static struct timer a, b, c, many[MANY];
    unsigned seed = 1, cancelled = 0;
    loop_after(loop, &c, 30, mark, "c");
    loop_after(loop, &a, 5, mark, "a");
    loop_after(loop, &b, 15, mark, "b");
    turn(60);
    check(!strcmp(order, "abc"), "timers fire by their time: %s", order);
    check(!a.slot && !b.slot && !c.slot, "and once");
    for (int i = 0; i < MANY; i++)
        loop_after(loop, &many[i], (unsigned)rand_r(&seed) % 50, count, NULL);
    for (int i = 0; i < MANY; i += 3, cancelled++)
        loop_cancel(loop, &many[i]);
    for (int i = 1; i < MANY; i += 3)
        loop_after(loop, &many[i], (unsigned)rand_r(&seed) % 50, count, NULL);
    turn(100);
    check(fired == MANY - cancelled && in_order && !too_early,
          "%u of a thousand, a third cancelled, a third rearmed: all, in order, none early", fired);
    loop_cancel(loop, &many[0]);
    check(!many[0].slot, "cancelling what is not armed is nothing");
}

static struct timer victim, chain, again;
static unsigned rounds;

static void cancel_victim(struct timer *t)
{
    mark(t);
    loop_cancel(loop, &victim);
}

static void rearm_self(struct timer *t)
{
    mark(t);
    if (++rounds < 3)
        loop_after(loop, t, 0, rearm_self, "r");
}

static void start_other(struct timer *t)
{
    mark(t);
    loop_after(loop, &again, 5, mark, "2");
}

/* Runs the loop until the timers of `these` have fired, and checks that no other one did. */
static void settle(const char *these)
{
    for (int i = 0; i < 10000 && strcmp(order, these) != 0; i++)
        turn(5);
    turn(20);
}

static void test_from_callbacks(void)
{
    struct timer t = {0};
    order[0] = '\0';
    loop_after(loop, &t, 5, cancel_victim, "x");
    loop_after(loop, &victim, 6, mark, "v");
    usleep(10000); /* both are due in one round */
    turn(10);
    check(!strcmp(order, "x"), "a callback cancels one that is due as well: %s", order);
    order[0] = '\0';
    loop_after(loop, &chain, 1, rearm_self, "r");
    settle("rrr");
    check(!strcmp(order, "rrr") && !chain.slot, "one arms itself again: %s", order);
    order[0] = '\0';
    loop_after(loop, &chain, 1, start_other, "1");
    settle("12");
    check(!strcmp(order, "12"), "or another: %s", order);
}

static void forever(struct timer *t)
{
    loop_after(loop, t, 0, forever, NULL);
}

static struct watch first, second;
static int one[2], two[2];
static unsigned seen_first, seen_second;

static void on_first(struct watch *w, uint32_t events)
{
    char c;
    seen_first += read(w->fd, &c, 1) == 1 && (events & EPOLLIN);
    loop_unwatch(loop, &second);
}

static void on_second(struct watch *w, uint32_t events)
{
    char c;
    (void)events;
    seen_second += read(w->fd, &c, 1) == 1;
    loop_unwatch(loop, &first);
}

static void on_writable(struct watch *w, uint32_t events)
{
    seen_second += (events & EPOLLOUT) != 0;
    loop_rewatch(loop, w, 0);
}

static void test_watches(void)
{
    if (pipe(one) || pipe(two))
        return;
    check(!loop_watch(loop, &first, one[0], EPOLLIN, on_first, NULL) &&
              !loop_watch(loop, &second, two[0], EPOLLIN, on_second, NULL),
          "two are watched");
    check(write(one[1], "x", 1) == 1 && write(two[1], "x", 1) == 1, "both are ready");
    turn(10);
    check(seen_first + seen_second == 1,
          "the first to be told unwatches the other, whose event is dropped");
    loop_unwatch(loop, &first);
    loop_unwatch(loop, &second);
    loop_unwatch(loop, &second);
    check(write(one[1], "x", 1) == 1 && write(two[1], "x", 1) == 1, "ready again");
    turn(10);
    check(seen_first + seen_second == 1, "unwatched ones are told nothing");
    struct watch bad = {.fd = -1};
    check(loop_watch(loop, &bad, -1, EPOLLIN, on_first, NULL) < 0, "no descriptor is an error");
    struct watch out = {.fd = -1};
    seen_second = 0;
    loop_watch(loop, &out, one[1], 0, on_writable, NULL);
    turn(5);
    unsigned before = seen_second;
    loop_rewatch(loop, &out, EPOLLOUT);
    turn(5);
    check(!before && seen_second == 1, "what is watched for can be changed");
    loop_unwatch(loop, &out);
}

/* A timer that is always due must not starve descriptors, nor the reverse. */
static void test_fairness(void)
{
    static struct timer busy;
    seen_first = 0;
    loop_after(loop, &busy, 0, forever, NULL);
    loop_watch(loop, &first, one[0], EPOLLIN, on_first, NULL);
    alarm(300);
    turn(5);
    alarm(0);
    check(seen_first > 0, "a timer that is always due leaves room for descriptors");
    loop_cancel(loop, &busy);
    loop_unwatch(loop, &first);
}

#define CROWD 100
static struct timer crowd[CROWD];
static unsigned crowd_fired, fired_before_read;

/* Takes 1 to 2 ms. The first call makes a descriptor ready. */
static void work(struct timer *t)
{
    (void)t;
    if (!crowd_fired++ && write(one[1], "x", 1) != 1)
        check(false, "a full pipe");
    for (uint64_t until = loop_now() + 2; loop_now() < until;)
        ;
}

static void note_fired(struct watch *w, uint32_t events)
{
    char c;
    (void)events;
    if (read(w->fd, &c, 1) == 1)
        fired_before_read = crowd_fired;
}

/* Many timers that are due at once, such as those of thousands of guards. */
static void test_crowd(void)
{
    loop_watch(loop, &first, one[0], EPOLLIN, note_fired, NULL);
    for (int i = 0; i < CROWD; i++)
        loop_after(loop, &crowd[i], 0, work, NULL);
    for (int i = 0; i < 10000 && crowd_fired < CROWD; i++)
        turn(5);
    check(fired_before_read && fired_before_read < CROWD / 2 && crowd_fired == CROWD,
          "timers that are due at once leave room for descriptors, after %u of %u",
          fired_before_read, crowd_fired);
    loop_unwatch(loop, &first);
}

int main(void)
{
    loop = loop_new();
    test_order();
    test_from_callbacks();
    test_watches();
    test_fairness();
    test_crowd();
    loop_free(loop);
    loop_free(NULL);
    return check_end();
}
