/* What btns-run told this process through its environment, and what the process was at its start.
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
    bool own_daemon; /* tests: the socket's path was given, and its server may run as this user */
    struct sockaddr_un daemon;
    char program[64];
    bool has_stderr;  /* descriptor 2 was something to write lines to ... */
    dev_t stderr_dev; /* ... and this is what it was */
    ino_t stderr_ino;
};

/* Never NULL; copies, because programs clear or overwrite their environment. */
const struct settings *settings(void);

#endif
