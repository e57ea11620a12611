/*
 * The rings (shared memory for messages) that clients have offered: who may write them, and when
 * btnsd reads them.
 */
#ifndef BTNS_SERVER_RINGS_H
#define BTNS_SERVER_RINGS_H

#include "btnsd/server/server.h"

/*
 * From now on, messages of process `from` on this client may also come in the memory fd. btnsd:
 * this process's number in the epoch page. If the user has too many rings, the offer is refused
 * silently, and messages are sent instead. False: the memory is unsuitable.
 */
bool client_offers_ring(struct client *c, int fd, const struct ucred *from, uint64_t btnsd);
/* A message came on the connection: the program's next ones may come in its ring, if it has one. */
void rings_wake(struct client *c, pid_t pid);
/* Handles messages in all rings that are being read, within each user's turn. */
void rings_look(struct server *s);
/* Handles messages that were in the rings at the mark, as server_read_until() does. */
bool rings_read_until(struct server *s, uint64_t mark);
/* The client has ended: handles the messages in its rings, within overtime, and frees the rings. */
void rings_free_of(struct client *c);

#endif
