/* known_peers: between the memory (peers.c) and the file (peers_file.c). */
#ifndef BTNS_PEERS_FILE_H
#define BTNS_PEERS_FILE_H

#include "btnsd/ike/peers/peers.h"

#define PEERS_TIME_MAX 253402300799u /* the last second of the year 9999 */

/* peers.c */
struct peers *peers_new(const char *path, struct err *err); /* empty */
/* Adds one that was read; NULL, or why that cannot be. */
const char *peers_add(struct peers *p, const struct peer *peer);
void peers_set_written(struct peers *p, uint64_t when);

/* peers_file.c */
int peers_write(const struct peers *p, const char *path, struct err *err); /* 0 or -errno */
/*
 * The text of a file: peers_load is this after reading. text is written to, and text[len] must be
 * there. NULL with err when any line is bad.
 */
struct peers *peers_from_text(const char *path, char *text, size_t len, struct err *err);

#endif
