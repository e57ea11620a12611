/* Blocks one connection by SPD entries of its own. */
#ifndef BTNS_RUNNING_BLOCK_CONNECTION_H
#define BTNS_RUNNING_BLOCK_CONNECTION_H

#include "btnsd/state/daemon.h"

/*
 * The entry that blocks what the connection with these addresses sends (SPD_OUT) or receives
 * (SPD_IN).
 */
struct spd_entry block_connection_entry(enum spd_dir dir, uint8_t protocol,
                                        const struct btns_addr *local,
                                        const struct btns_addr *remote);
/* Blocks a connection that could not be reset, above its guard, which other connections may use. */
void block_connection(struct btnsd *d, struct latch *l);

#endif
