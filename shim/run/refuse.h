/* Why a program cannot be covered by a preloaded library: the decision, without any I/O. */
#ifndef BTNS_RUN_REFUSE_H
#define BTNS_RUN_REFUSE_H

#include "shim/run/elf.h"

#include <sys/types.h>

/* What is known about the file that would run, and about the process that would become it. */
struct evidence {
    struct elf_facts elf;
    mode_t mode;
    uid_t owner;
    gid_t group;
    bool capabilities; /* the file has some */
    bool nosuid; /* its file system is mounted so that these bits and capabilities count not */
    bool no_new_privs; /* of the process: the bits count not, capabilities do */
    uid_t uid, euid;
    gid_t gid, egid;
    uint16_t machine; /* EM_* the shim is built for */
};

#define REASON_MAX 256
/* True when it would run without the shim, or not at all; reason then says why, in words. */
bool refuse(const struct evidence *e, char reason[REASON_MAX]);

#endif
