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

/* Identifies a file; mode 0: no file. */
struct identity {
    dev_t dev;
    ino_t ino;
    mode_t mode; /* the file's type: an inode's number may be used again */
};

struct settings {
    uint32_t flags;  /* BTNS_F_REQUIRE, _PREFER, _BYPASS (with _OWN_POLICY) or 0 */
    uint64_t policy; /* handle of btns-run --policy, or 0 */
    uint64_t mark;   /* the mark for calls past btns-run's filter; 0: there is no filter */
    int64_t soon;    /* milliseconds that a call which must not block waits for btnsd */
    bool verbose;
    bool own_daemon; /* for tests: BTNS_SOCKET_PATH was set, so btnsd may run as this user */
    struct sockaddr_un daemon;
    char program[64];
    char sockets[512];    /* inherited sockets to ask about: DESCRIPTOR:COOKIE,... */
    struct identity err;  /* what descriptor 2 was at start, if lines can be written to it */
    struct identity root; /* the root directory */
};

/* Never NULL. The strings are copies: programs clear or overwrite their environment. */
const struct settings *settings(void);
/* Is this the file that was on descriptor 2 at start, and can lines be written to it? */
bool settings_is_stderr(const struct stat *st);
/* Has the program changed its root directory since its start? */
bool settings_other_root(void);

#endif
