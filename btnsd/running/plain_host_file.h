/* What is remembered of hosts that run no btnsd (state/plain_hosts.h), across restarts of btnsd. */
#ifndef BTNS_RUNNING_PLAIN_HOST_FILE_H
#define BTNS_RUNNING_PLAIN_HOST_FILE_H

#include "btnsd/state/daemon.h"

/* Reads the file; from now on it is written whenever something changes. A bad file is left out. */
void plain_hosts_begin(struct btnsd *d, const char *path);
void plain_hosts_end(struct btnsd *d); /* writes what is not written yet */

/* A host that is not known as a peer was silent to the end, or answered late. */
void plain_hosts_note(struct btnsd *d, const struct btns_addr *a, enum plain what);
/* Forgets what failed at this address: a host with btnsd is there now, or may be. False: nothing
 * did. */
bool failures_forget(struct btnsd *d, const struct btns_addr *a);

#endif
