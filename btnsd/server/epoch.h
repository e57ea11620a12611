/* Makes the shared page that ends cached verdicts; see struct btns_page in wire.h. */
#ifndef BTNS_SERVER_EPOCH_H
#define BTNS_SERVER_EPOCH_H

#include <stdint.h>

struct epoch;

struct epoch *epoch_new(void);
/* Ends every cached verdict: clients that still have the page ask again. */
void epoch_free(struct epoch *e);
/* The number of this btnsd in the page. */
uint64_t epoch_btnsd(const struct epoch *e);
uint64_t epoch_now(const struct epoch *e);
void epoch_move(struct epoch *e);
/* A descriptor that can only be mapped for reading; borrowed. */
int epoch_fd(const struct epoch *e);

#endif
