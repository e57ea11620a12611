/* The administrator's files about peers: who they are, and whose keys are revoked. */
#ifndef BTNS_RUNNING_PEERS_FILES_H
#define BTNS_RUNNING_PEERS_FILES_H

#include "btnsd/state/daemon.h"

struct peers_files {
    struct peers *fleet;
    struct revoked *revoked;
};

/* Reads them: all, or none. 0, or -errno with err, which says FILE:LINE. */
int peers_files_read(const struct btnsd *d, struct peers_files *f, struct err *err);
/* Puts them in force; *f becomes those that were. */
void peers_files_swap(struct btnsd *d, struct peers_files *f);
void peers_files_free(struct peers_files *f);
/* Logs what they contradict, and ends what is latched to a revoked key. Once they are in force. */
void peers_files_apply(struct btnsd *d);

#endif
