/* The SAs of guards, with what each has carried (latching -02, section 2.2). */
#ifndef BTNS_LIST_SAS_H
#define BTNS_LIST_SAS_H

#include "btnsd/latch/guard/guard.h"

/* The SAD as it is now; zeroed: none of it. */
struct sa_list {
    struct sad_entry *sa; /* sorted by reqid */
    size_t n, room;
    bool failed; /* out of memory: some are missing */
};

/* 0 or -errno. */
int sa_list_read(struct sa_list *list, struct xfrm *x);
void sa_list_free(struct sa_list *list);
/* Those that carry what g covers, the newest that do not fit left out. */
void sa_list_fill(const struct sa_list *list, const struct guard *g,
                  struct btns_latch_sa sa[BTNS_LATCH_SAS]);

#endif
