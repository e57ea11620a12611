/*
 * The jobs that delete SAs: how many of them charon gets at a time, and what happens to those that
 * wait. TAP.
 */
#include "btnsd/ike/charon/charon_run.h"
#include "btnsd/ike/private/state.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ALICE 1000u
#define BOB   1001u
#define MOST  64

static struct ike *k;
static struct loop *loop;
static int listener;           /* the stand-in for charon, which never answers */
static int begun[4 * MOST], n; /* the connections that it has, one for each job under way */
static unsigned ended;

static void on_ended(void *arg, enum ike_result result, const struct btns_key *key, const char *why)
{
    (void)arg, (void)result, (void)key, (void)why;
    ended++;
}

/* With one of 256 peers. */
static struct ike_service service(uint8_t peer, uint16_t port)
{
    char remote[40];
    snprintf(remote, sizeof remote, "10.0.1.%u", peer);
    return (struct ike_service){.key = {.raw = {2, peer}},
                                .local = host_addr("10.0.0.1"),
                                .remote = host_addr(remote),
                                .to = {.protocol = IPPROTO_UDP, .port = port},
                                .reqid = 7,
                                .suite = "aes256gcm16-x25519"};
}

static void close_one(uid_t user, uint8_t peer, uint16_t port)
{
    const struct ike_service s = service(peer, port);
    ike_close(k, &s, user, on_ended, NULL);
}

/* With as many peers. */
static void close_some(uid_t user, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        close_one(user, (uint8_t)(first + i), 1);
}

static void take_connections(void)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        begun[n++] = fd;
}

static unsigned rounds;

static void on_round(struct timer *t)
{
    take_connections();
    if (--rounds)
        loop_after(loop, t, 0, on_round, NULL);
    else
        loop_stop(loop);
}

/* Runs 100 rounds of the loop: enough for everything that is ready. */
static void run(void)
{
    struct timer t = {0};
    rounds = 100;
    loop_after(loop, &t, 0, on_round, NULL);
    loop_run(loop);
}

/* The jobs under way: their connections are open at charon's end. */
static unsigned under_way(void)
{
    unsigned open = 0;
    run();
    for (int i = 0; i < n; i++)
        open += begun[i] >= 0;
    return open;
}

/* charon hangs up on the job that began first. */
static void end_one(void)
{
    int i = 0;
    while (begun[i] < 0)
        i++;
    close(begun[i]);
    begun[i] = -1;
}

static void test_bounds(void)
{
    const struct limit *l = &limits[LIMIT_CLOSES];
    close_some(ALICE, 1, MOST);
    check(under_way() == l->each, "of a user's %u, %u are under way", MOST, l->each);
    close_one(BOB, 100, 1);
    check(under_way() == l->each + 1, "another user's one is begun at once");
    close_one(BOB, 100, 2);
    check(under_way() == l->each + 1, "the next with the same peer waits for it");
    close_some(0, 101, MOST);
    check(under_way() == l->each + 1 + l->root, "of root's, %u", l->root);
    check(!ended, "nobody was told of an end");
    end_one();
    check(under_way() == l->each + 1 + l->root && ended == 1, "one ends, one begins");
}

static void test_needless(void)
{
    unsigned were = under_way(), before = ended;
    struct ike_service again = service(MOST, 1);
    struct ike_task *t = ike_prove(k, &again, 1000, on_ended, NULL);
    check(t && under_way() == were + 1 && ended == before + 1,
          "a close that waits is not begun when its service is proved anew: the new SA stays");
    close_one(0, MOST, 2);
    close_one(0, MOST, 3);
    closes_needless(k, t->conn, NULL);
    check(under_way() == were + 1 && ended == before + 3, "nor are those whose IKE SA has ended");
}

/* One user's queue must not delay another's connection to a service that they shared. */
static void test_kept(void)
{
    unsigned were = under_way(), before = ended;
    const struct ike_service s = service(MOST - 1, 1);
    struct ike_task *t = ike_close(k, &s, ALICE, on_ended, NULL);
    check(t && t->waits && !ike_close_unanswered(t, 0), "one more that waits: nobody was asked");
    check(ike_close_keep(t) && ended == before, "its SA is needed again");
    check(under_way() == were && ended == before + 1, "it ends at once, and is not begun");
    struct ike_task *begun_now = ike_close(k, &s, BOB, on_ended, NULL);
    check(!ike_close_keep(begun_now) && !begun_now->needless, "one that has begun goes on");
    check(ike_close_unanswered(begun_now, 0) && !ike_close_unanswered(begun_now, 60000),
          "and is not called unanswered before its time");
}

/* A command that cannot be sent: its caller has the task when it learns of its end. */
static void build_too_much(struct ike_task *t, struct vici_msg *m)
{
    (void)t;
    vici_section(m, "never ended");
}

static struct ike_task *held;
static bool was_held;

static void on_held_ended(void *arg, enum ike_result result, const struct btns_key *key,
                          const char *why)
{
    (void)arg, (void)key, (void)why;
    was_held = held && result == IKE_BROKEN;
    held = NULL;
}

static void test_unsent(void)
{
    static const struct task_step unsendable = {"list-sas", build_too_much, NULL, NULL, NULL};
    held = task_start(k, task_new(60000, on_held_ended, NULL), &unsendable);
    check(held, "a task whose command cannot be sent");
    while (held)
        run();
    check(was_held, "its end is told after its start, and soon");
}

static void test_broken_close(void)
{
    check(k->closes, "others wait");
    close(listener);
    unlink(k->socket);
    while (under_way())
        end_one();
    check(!k->closes && !k->tasks && !count_by_user_of(k->closing, ALICE),
          "without a charon nobody waits for ever");
    listener = -1;
    close_one(ALICE, 1, 1);
    check(!k->closes && !count_by_user_of(k->closing, ALICE), "and nothing is counted");
}

static int serve(void)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    snprintf(sun.sun_path, sizeof sun.sun_path, "%s", k->socket);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    return bind(listener, (struct sockaddr *)&sun, sizeof sun) || listen(listener, 4 * MOST);
}

int main(void)
{
    static const struct hostkey host = {.pub = {.raw = {9}}};
    static const struct ike_ops ops = {0};
    char dir[80];
    if (!scratch(dir, sizeof dir))
        return 1;
    const struct charon_paths paths = {.binary = "none", .run = dir};
    loop = loop_new();
    k = ike_new(loop, &paths, &host, &ops, NULL);
    k->loaded = true;
    if (serve())
        return 1;
    test_bounds();
    test_needless();
    test_kept();
    test_unsent();
    test_broken_close();
    ike_free(k);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
