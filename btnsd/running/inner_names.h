/* Keeps the names of inner addresses in a file that libnss_btns reads (nss-btns(8)). */
#ifndef BTNS_RUNNING_INNER_NAMES_H
#define BTNS_RUNNING_INNER_NAMES_H

#include "btnsd/ike/peers/peers.h"

#include <stdio.h>

struct btnsd;

/* This host has its inner address: writes the file, and again whenever the peers change. */
void inner_names_begin(struct btnsd *d);
void inner_names_changed(struct btnsd *d); /* the peers have changed, or may have */
void inner_names_end(struct btnsd *d);     /* removes the file, also an earlier btnsd's */

/*
 * Writes a line for each peer that has a name, and one with the key in words for each peer and for
 * `own`, this host's key. Revoked keys are left out, and so are names that differ only in upper and
 * lower case: nobody could tell them apart. 0 or -ENOMEM.
 */
int inner_names_print(FILE *f, const struct peers *p, const struct btns_key *own);

#endif
