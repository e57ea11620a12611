/* Reads and writes one line of known_peers. */
#ifndef BTNS_IKE_PEERS_PEERS_TEXT_H
#define BTNS_IKE_PEERS_PEERS_TEXT_H

#include "btnsd/ike/peers/peers.h"

#define PEERS_LINE_MAX 1024

extern const char peers_header[]; /* the comment a file starts with */

/* Reads one line without its newline; the line is changed. NULL, or what is wrong with it. */
const char *peer_parse(char *line, struct peer *p);
/*
 * Reads each line of a text, and calls each() with its peer; comments and empty lines are passed
 * over. The text is changed, and text[len] must exist. False at the first line that is bad or that
 * each() refuses: err says PATH:LINE and why.
 */
typedef bool peer_each(void *arg, const struct peer *peer, size_t number, struct err *why);
bool peers_each_line(const char *path, char *text, size_t len, peer_each *each, void *arg,
                     struct err *err);
/* Writes p as a line with newline. */
void peer_print(FILE *f, const struct peer *p);

#endif
