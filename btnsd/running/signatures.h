/* Tells when hosts disagree about TCP signatures: the programs' connections only time out. */
#ifndef BTNS_RUNNING_SIGNATURES_H
#define BTNS_RUNNING_SIGNATURES_H

#include "btnsd/state/daemon.h"

/* A listener has keys: from now on the kernel's counters are watched. */
void signatures_listen(struct btnsd *d);
/* A signed connection to `remote` begins, with the key in this file. */
void signatures_connect(struct btnsd *d, const struct btns_addr *remote, const char *key_file);
void signatures_end(struct btnsd *d);

#endif
