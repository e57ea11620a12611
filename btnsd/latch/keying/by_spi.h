/* Guards whose SAs are made by another key manager: tied to the SPIs of SAs that were checked. */
#ifndef BTNS_LATCH_KEYING_BY_SPI_H
#define BTNS_LATCH_KEYING_BY_SPI_H

#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/sa_finding.h"

#define SAD_MAX 64
/* The SAs between two addresses, newest first. */
struct sad_list {
    const struct btns_addr *local, *remote;
    struct sad_entry sa[SAD_MAX];
    size_t n;
};

/* Gives the guard the SAs that were found, or fails it. */
void guard_found(struct guard *g, const struct finding *f);
/* Fails with the reason, unless it has failed with that reason already. */
void guard_broken(struct guard *g, enum btns_reason code, const char *why);
/* An SA that another key manager made came up, or is gone. */
void guards_named_sa(struct guards *gs, const struct sad_entry *sa, bool gone);
/* Reads the SAs between the two addresses. 0 or -errno. */
int guards_sad(const struct guards *gs, const struct btns_addr *local,
               const struct btns_addr *remote, struct sad_list *list);
/* Makes a guard for the caller whose SAs were examined, or refuses the caller. */
void guards_admit_caller(struct guards *gs, const struct caller *c, const struct finding *f);

#endif
