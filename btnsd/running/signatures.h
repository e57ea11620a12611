/*
 * Notices when two hosts disagree about TCP signatures; for the programs, their connections only
 * time out.
 */
#ifndef BTNS_RUNNING_SIGNATURES_H
#define BTNS_RUNNING_SIGNATURES_H

#include "btnsd/state/daemon.h"

/* A listener has signing keys: from now on the kernel's counters are watched. */
void signatures_listen(struct btnsd *d);
/* A signed connection to `remote` begins; key_file is the file of its key. */
void signatures_connect(struct btnsd *d, const struct btns_addr *remote, const char *key_file);
void signatures_end(struct btnsd *d);

#endif
