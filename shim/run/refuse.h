/* Decides whether the shim can be preloaded into a program, and if not, why; does no I/O. */
#ifndef BTNS_SHIM_RUN_REFUSE_H
#define BTNS_SHIM_RUN_REFUSE_H

#include "shim/run/elf.h"

#include <sys/types.h>

/* The facts about the file that would run and about the process that would execute it. */
struct evidence {
    struct elf_facts elf;
    mode_t mode;
    uid_t owner;
    gid_t group;
    bool capabilities; /* the file has capabilities */
    bool nosuid; /* its file system is mounted nosuid: set-ID bits and capabilities are ignored */
    bool no_new_privs; /* of the process: set-ID bits are ignored, but not file capabilities */
    uid_t uid, euid;
    gid_t gid, egid;
    uint16_t machine; /* EM_* for which the shim is built */
};

#define REASON_MAX 256
/*
 * Returns true if the program cannot run, or would run with other privileges than btns-run's;
 * reason then holds the sentence that says why.
 */
bool refuse(const struct evidence *e, char reason[REASON_MAX]);
/* Returns true if the loader would not load the shim; a supervisor may still cover the program. */
bool refuse_shim(const struct evidence *e, char reason[REASON_MAX]);
/* Would the program's loader, which is another C library's, fail when the shim is preloaded? */
bool fails_over_shim(const struct evidence *e);

#endif
