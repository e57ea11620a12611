/* Reads and writes one line of known_peers. */
#ifndef BTNS_IKE_PEERS_PEERS_TEXT_H
#define BTNS_IKE_PEERS_PEERS_TEXT_H

#include "btnsd/ike/peers/peers.h"

extern const char peers_header[]; /* the comment at the beginning of the file */

/* Reads one line without its newline; the line is changed. NULL, or what is wrong with it. */
const char *peer_parse(char *line, struct peer *p);
/* Calls each() with the peer of every line of a text, as lines_each() does. */
typedef bool peer_each(void *arg, const struct peer *peer, size_t number, struct err *why);
bool peers_each_line(const char *path, char *text, size_t len, peer_each *each, void *arg,
                     struct err *err);
/* Writes p as a line with newline. */
void peer_print(FILE *f, const struct peer *p);

#endif
