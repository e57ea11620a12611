/* Stores the hosts that run no btnsd (state/plain_hosts.h) in a file, across restarts of btnsd. */
#ifndef BTNS_RUNNING_PLAIN_HOST_FILE_H
#define BTNS_RUNNING_PLAIN_HOST_FILE_H

#include "btnsd/state/daemon.h"

/*
 * Reads the file, and writes it from now on whenever a host is added or forgotten. A bad file is
 * ignored.
 */
void plain_hosts_begin(struct btnsd *d, const char *path);
void plain_hosts_end(struct btnsd *d); /* writes changes that are not written yet */

/* Records that an unknown host did not answer at all, or answered late. */
void plain_hosts_note(struct btnsd *d, const struct btns_addr *a, enum plain what);
/*
 * Forgets the failures at this address: a host with btnsd is there now, or may be. False: there
 * were none.
 */
bool plain_hosts_forget(struct btnsd *d, const struct btns_addr *a);

#endif
