/*
 * The settings that btns-run passed in the environment, and the process's standard error at its
 * start.
 */
#ifndef SHIM_SETTINGS_H
#define SHIM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

struct settings {
    uint32_t flags;  /* BTNS_F_REQUIRE, _PREFER, _BYPASS (with _OWN_POLICY) or 0 */
    uint64_t policy; /* handle of btns-run --policy, or 0 */
    bool verbose;
    bool own_daemon; /* for tests: BTNS_SOCKET_PATH was set, and the server may run as this user */
    struct sockaddr_un daemon;
    char program[64];
    bool has_stderr;  /* descriptor 2 was open and may be written to at the start ... */
    dev_t stderr_dev; /* ... and these are its device and inode */
    ino_t stderr_ino;
};

/* Never NULL. The strings are copies: programs clear or overwrite their environment. */
const struct settings *settings(void);

#endif
