/*
 * The settings that btns-run passed in the environment, and the process's standard error at its
 * start.
 */
#ifndef BTNS_SHIM_SETTINGS_H
#define BTNS_SHIM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

struct stat;

/* Which file; mode 0: none. */
struct identity {
    dev_t dev;
    ino_t ino;
    mode_t mode; /* its type: numbers are used again */
};

struct settings {
    uint32_t flags;  /* BTNS_F_REQUIRE, _PREFER, _BYPASS (with _OWN_POLICY) or 0 */
    uint64_t policy; /* handle of btns-run --policy, or 0 */
    uint64_t mark;   /* which calls carry past btns-run's filter, or 0: there is none */
    bool verbose;
    bool own_daemon; /* for tests: BTNS_SOCKET_PATH was set, and the server may run as this user */
    struct sockaddr_un daemon;
    char program[64];
    char sockets[512];    /* that btns-run was started with: DESCRIPTOR:COOKIE,... */
    struct identity err;  /* what descriptor 2 was, if it was something to write lines to */
    struct identity root; /* the root directory */
};

/* Never NULL. The strings are copies: programs clear or overwrite their environment. */
const struct settings *settings(void);
/* Is this what was on descriptor 2 at the start, and fit for lines? */
bool settings_is_stderr(const struct stat *st);
/* Has the program changed its root directory since its start? */
bool settings_other_root(void);

#endif
