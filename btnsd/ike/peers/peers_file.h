/* known_peers: the interface between the list in memory (peers.c) and the file (peers_file.c). */
#ifndef BTNS_IKE_PEERS_PEERS_FILE_H
#define BTNS_IKE_PEERS_PEERS_FILE_H

#include "btnsd/ike/peers/peers.h"

#define PEERS_TIME_MAX 253402300799u /* the last second of the year 9999 */

/* peers.c */
struct peers *peers_new(const char *path, struct err *err); /* an empty list */
/* Adds a peer that was read from the file. NULL, or why it cannot be added. */
const char *peers_add(struct peers *p, const struct peer *peer);
void peers_set_written(struct peers *p, uint64_t when);

/* peers_file.c */
int peers_write(const struct peers *p, const char *path, struct err *err); /* 0 or -errno */
/*
 * Parses the text of a file, as peers_load() does after reading it. The text is changed, and
 * text[len] must exist. NULL with err when any line is bad.
 */
struct peers *peers_from_text(const char *path, char *text, size_t len, struct err *err);

#endif
