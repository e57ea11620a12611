/* Accepted connections that btnsd has looked at, and that need no latch. */
#ifndef BTNS_STATE_PLAIN_CONNECTIONS_H
#define BTNS_STATE_PLAIN_CONNECTIONS_H

#include "btnsd/base/hash_table.h"

#include <stdbool.h>

#define PLAIN_CONNECTIONS 65536 /* further ones are not kept */

/* By cookie. Zeroed: none. */
struct plain_connections {
    struct hash_table table;
    struct plain_connection *first;
};

void plain_connection_add(struct plain_connections *p, uint64_t cookie);
bool plain_connection_has(const struct plain_connections *p, uint64_t cookie);
/* The socket is gone. */
void plain_connection_gone(struct plain_connections *p, uint64_t cookie);
void plain_connections_clear(struct plain_connections *p);

#endif
