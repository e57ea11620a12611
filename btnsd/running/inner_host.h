/* Switches BEET mode on and off: this host's inner address, its route, and what guards both. */
#ifndef BTNS_RUNNING_INNER_HOST_H
#define BTNS_RUNNING_INNER_HOST_H

struct btnsd;

/* The rules or the host key may have changed: on if a rule has mode = beet, otherwise off. */
void inner_host_follow(struct btnsd *d);
/*
 * Latches of an earlier btnsd were adopted: ends those to an inner address that this host no longer
 * has.
 */
void inner_host_adopted(struct btnsd *d);
/* Somebody may have deleted SPD entries: puts back those that block clear packets. */
void inner_host_restore(struct btnsd *d);
/* btnsd ends. */
void inner_host_end(struct btnsd *d);

#endif
