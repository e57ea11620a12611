/* Reads the administrator's files about peers: their names and keys, and which keys are revoked. */
#ifndef BTNS_RUNNING_PEERS_FILES_H
#define BTNS_RUNNING_PEERS_FILES_H

#include "btnsd/state/daemon.h"

struct peers_files {
    struct peers *fleet;
    struct revoked *revoked;
};

/* Reads all files, or none. 0, or -errno with err, which says FILE:LINE. */
int peers_files_read(const struct btnsd *d, struct peers_files *f, struct err *err);
/* Puts the files in force; *f gets the former ones. */
void peers_files_swap(struct btnsd *d, struct peers_files *f);
void peers_files_free(struct peers_files *f);
/*
 * Logs which peers contradict the files, and ends the latches to revoked keys. Call it once the
 * files are in force.
 */
void peers_files_apply(struct btnsd *d);

#endif
