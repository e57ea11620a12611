/* How many of something each user has. */
#ifndef BTNS_TALLY_H
#define BTNS_TALLY_H

#include <stdbool.h>
#include <sys/types.h>

struct tally;

struct tally *tally_new(void); /* NULL: out of memory */
void tally_free(struct tally *t);
unsigned tally_count(const struct tally *t, uid_t uid);
/* One more; false when uid has `limit` already, or out of memory. Root is counted, not limited. */
bool tally_add(struct tally *t, uid_t uid, unsigned limit);
void tally_sub(struct tally *t, uid_t uid);

#endif
