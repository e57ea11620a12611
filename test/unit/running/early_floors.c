/*
 * Sockets that are about to listen: a user may have a limited number, and those that listen already
 * do not count. TAP.
 */
#include "btnsd/running/early_floors.h"
#include "btnsd/base/count_by_user.h"
#include "btnsd/server/passed_fds.h"
#include "test/unit/check.h"

#include <sys/socket.h>
#include <unistd.h>

#define ALICE 1000u

enum { MANY = 200 };

static struct btnsd d;
static int sockets[MANY];

/* How many sockets get a floor, if each listens (or none does) as soon as it has one. */
static unsigned ask_for_all(bool listens, struct err *err)
{
    unsigned n = 0;
    for (unsigned i = 0; i < MANY; i++) {
        const struct floor_request c = {
            .cookie = i + 1, .uid = ALICE, .protocol = IPPROTO_TCP, .local = {.family = AF_INET}};
        sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
        registry_add(d.latches, c.cookie, ALICE, true);
        if (!early_floor_begin(&d, &c, sockets[i], getpid(), err))
            break;
        n++;
        if (listens && listen(sockets[i], 1))
            break;
    }
    return n;
}

static void close_all(void)
{
    early_floors_stop(&d);
    for (unsigned i = 0; i < MANY; i++)
        close(sockets[i]);
}

int main(void)
{
    struct err err = {""};
    passed_init(); /* as btnsd has: a close() that takes a moment is interrupted */
    d.loop = loop_new();
    d.latches = registry_new();
    d.early_floor_counts = count_by_user_new(LIMIT_EARLY_FLOORS);
    unsigned n = ask_for_all(true, &err);
    check(n == MANY,
          "%u of %d sockets that listen at once get a floor, though the loop never turned", n,
          MANY);
    close_all();
    n = ask_for_all(false, &err);
    check(n == limits[LIMIT_EARLY_FLOORS].each, "of those that do not, %u: %s", n, err.text);
    close_all();
    check(!count_by_user_of(d.early_floor_counts, ALICE), "all is given back");
    count_by_user_free(d.early_floor_counts);
    registry_free(d.latches);
    loop_free(d.loop);
    return check_end();
}
