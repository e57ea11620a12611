/* What a verdict, or btnsd's absence, means for the program's call. */
#ifndef SHIM_OUTCOME_H
#define SHIM_OUTCOME_H

#include "libapi/wire/wire.h"

/* Both tell the person what there is to tell, and return 0: go on, or the errno to fail with. */
int outcome_of_verdict(const struct btns_addr *where, const struct btns_verdict_msg *v);
int outcome_without(const struct btns_addr *where, const char *why, const char *advice);

#endif
