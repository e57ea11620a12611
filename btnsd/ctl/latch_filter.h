/*
 * Filters the latches that a person wants to see: parses the options of `latches`, and checks each
 * latch.
 */
#ifndef BTNS_CTL_LATCH_FILTER_H
#define BTNS_CTL_LATCH_FILTER_H

#include "btnsd/ctl/commands.h"
#include "libapi/wire/wire.h"

struct latch_filter {
    const char *program; /* a shell glob; NULL: any (also below) */
    const char *peer;    /* a name, a subject, a key or its beginning, or an address */
    uint32_t pid;        /* 0: any */
    uint16_t port;       /* at either end of the connection; 0: any */
    bool by_user;
    uint32_t uid;
    int state; /* index in latch_states; -1: any */
};

/* The words for --state: names of the states in both drafts. */
struct latch_state {
    const char *name;
    uint32_t state, or_state; /* enum btns_state; either */
};
extern const struct latch_state latch_states[];
extern const size_t latch_states_n;

/* 0, or -EINVAL with err, which names the option. */
int latch_filter_read(const struct ctl *c, struct latch_filter *f, struct err *err);
bool latch_filter_wants(const struct latch_filter *f, const struct btns_latch_msg *l);

#endif
