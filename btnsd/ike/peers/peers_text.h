/* Reads and writes one line of known_peers. */
#ifndef BTNS_IKE_PEERS_PEERS_TEXT_H
#define BTNS_IKE_PEERS_PEERS_TEXT_H

#include "btnsd/ike/peers/peers.h"

#define PEERS_LINE_MAX 1024

extern const char peers_header[]; /* the comment a file starts with */

/* Reads one line without its newline; the line is changed. NULL, or what is wrong with it. */
const char *peer_parse(char *line, struct peer *p);
/* Writes p as a line with newline. */
void peer_print(FILE *f, const struct peer *p);

#endif
