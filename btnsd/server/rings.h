/* The rings that clients have offered: who wrote what is in them, and when btnsd looks. */
#ifndef BTNS_SERVER_RINGS_H
#define BTNS_SERVER_RINGS_H

#include "btnsd/server/server.h"

/*
 * The client's messages from process `from` may come by the memory fd from now on; btnsd is this
 * process's number in the epoch page. Refused without a word when the user has too many: then
 * messages are sent. False: it is no such memory.
 */
bool client_offers_ring(struct client *c, int fd, const struct ucred *from, uint64_t btnsd);
/* A message came by the link: the program's next ones may come by its ring, if it has one. */
void rings_wake(struct client *c, pid_t pid);
/* Handles what is in the rings that are looked into, within each user's turn. */
void rings_look(struct server *s);
/* Handles what was in the rings at the mark, as server_read_until() does. */
bool rings_read_until(struct server *s, uint64_t mark);
/* The client has ended: handles what is in its rings, within overtime, and forgets them. */
void rings_free_of(struct client *c);

#endif
