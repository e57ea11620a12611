/* For the tests of requests: runs them against a btnsd behind a socket, and frees that btnsd. */
#ifndef BTNS_TEST_UNIT_REQUESTS_DAEMON_TALK_H
#define BTNS_TEST_UNIT_REQUESTS_DAEMON_TALK_H

#include "btnsd/ike/peers/peers.h"
#include "btnsd/requests/accept_scan.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"
#include "test/unit/server/server_talk.h"

#include <sys/stat.h>

static struct btnsd d;

static inline int skip_without_root(void)
{
    printf("1..0 # SKIP needs root\n");
    return 0;
}

/* `prepare` fills d, with files in dir; `release` frees what this function does not. */
static inline int daemon_main(bool (*prepare)(const char *dir), void (*tests)(void),
                              void (*release)(void))
{
    char dir[80];
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = loop_new();
    if (prepare(dir))
        tests();
    accept_scan_end(&d);
    server_free(d.server);
    release();
    registry_free(d.latches);
    peers_free(d.peers);
    rules_free(d.rules);
    epoch_free(d.epoch);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}

#endif
