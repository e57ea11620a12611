/*
 * Real overflows of netlink sockets: an overflow is reported once, after everything that was not
 * lost; and exactly the entries of ours that are missing in the SPD are installed again. In its own
 * network namespace. TAP.
 */
#include "btnsd/xfrm/addresses.h"
#include "btnsd/xfrm/snapshot.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

static struct xfrm *watched, *other;
static struct err err;

static struct spd_entry entry(uint16_t port)
{
    struct spd_entry e = {.dir = SPD_OUT,
                          .priority = PRIO_GUARD,
                          .action = SPD_BLOCK,
                          .protocol = IPPROTO_TCP,
                          .local = {.family = AF_INET, .ip = {192, 0, 2, 1}},
                          .remote = {.family = AF_INET, .port = port, .ip = {192, 0, 2, 2}},
                          .local_bits = 32,
                          .remote_bits = 32};
    return e;
}

static void shrink(int fd)
{
    int tiny = 1; /* the kernel raises it to its minimum */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny);
}

static struct {
    unsigned changes, lost, after;
} seen;

static void note(void *arg, const struct xfrm_event *ev)
{
    (void)arg;
    if (ev->type == XFRM_EV_LOST) {
        seen.lost++;
    } else {
        seen.changes++;
        seen.after += seen.lost;
    }
}

static void change_many(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct spd_entry e = entry((uint16_t)(1 + i));
        spd_set(other, &e, NULL);
        spd_del(other, &e);
    }
}

static void test_lost(void)
{
    enum { MANY = 500 };
    memset(&seen, 0, sizeof seen);
    change_many(MANY);
    check(!xfrm_events(watched, note, NULL), "the rest is read");
    check(seen.changes > 0 && seen.changes < 2 * MANY, "some of them were lost: %u of %u were not",
          seen.changes, 2 * MANY);
    check(seen.lost == 1, "which is told once: %u", seen.lost);
    check(!seen.after, "and last, so that nothing older is believed after the comparison (L22)");
    memset(&seen, 0, sizeof seen);
    xfrm_events(watched, note, NULL);
    check(!seen.lost && !seen.changes, "then all is read");
    change_many(1);
    xfrm_events(watched, note, NULL);
    check(!seen.lost && seen.changes == 2, "and it goes on");
}

static bool has(uint16_t port)
{
    struct spd_snapshot s;
    struct spd_entry e = entry(port);
    bool there = !spd_snapshot_take(&s, other) && spd_snapshot_has(&s, &e);
    spd_snapshot_free(&s);
    return there;
}

static void test_snapshot(void)
{
    struct spd_snapshot s;
    struct spd_entry e[3] = {entry(1), entry(2), entry(3)};
    struct spd_entry differs = e[2], esp = e[2];
    for (int i = 0; i < 3; i++)
        spd_set(other, &e[i], NULL);
    spd_del(other, &e[1]);
    check(!spd_snapshot_take(&s, watched) && s.n == 2, "two of three are there");
    check(spd_snapshot_has(&s, &e[0]) && !spd_snapshot_has(&s, &e[1]), "which");
    check(!spd_snapshot_mend(&s, other, &e[0]) && spd_snapshot_mend(&s, other, &e[1]) && has(2),
          "the missing one is put back, no other");
    differs.action = SPD_ALLOW;
    esp.action = SPD_ESP;
    esp.reqid = 0x62000001;
    check(!spd_snapshot_has(&s, &differs) && !spd_snapshot_has(&s, &esp),
          "one that says something else is not it");
    spd_snapshot_free(&s);
    spd_set(other, &esp, NULL);
    check(!spd_snapshot_take(&s, watched) && spd_snapshot_has(&s, &esp), "a template is it");
    esp.spi = 7;
    check(!spd_snapshot_has(&s, &esp), "but not with another SPI");
    spd_snapshot_free(&s);
}

static void test_addresses(void)
{
    struct addresses *a = addresses_open(&err);
    check(a != NULL, "addresses are watched %s", err.text);
    if (!a)
        return;
    addresses_events(a);
    shrink(addresses_event_fd(a));
    if (system("ip link set lo up; for i in 1 2 3 4 5 6 7 8 9; do ip address add 192.0.2.$i/32 dev "
               "lo; "
               "done"))
        return;
    check(addresses_events(a) == (ADDRESSES_CHANGED | ROUTES_CHANGED),
          "of lost addresses any may have been among them");
    check(!addresses_events(a), "once");
    addresses_close(a);
}

int main(void)
{
    if (unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP no network namespace\n");
        return 0;
    }
    watched = xfrm_open(&err);
    other = xfrm_open(&err);
    if (!watched || !other) {
        printf("1..0 # SKIP %s\n", err.text);
        return 0;
    }
    shrink(xfrm_event_fd(watched));
    test_lost();
    test_snapshot();
    test_addresses();
    xfrm_close(watched);
    xfrm_close(other);
    return check_end();
}
