/* The names of rules that are looked up again, one at a time, in a child. */
#ifndef BTNS_STATE_NAME_LOOKUP_H
#define BTNS_STATE_NAME_LOOKUP_H

#include "btnsd/base/loop.h"
#include "btnsd/rules/read/child.h"
#include "btnsd/rules/read/lookup.h"

/* Zeroed at first. */
struct names_retry {
    struct timer timer; /* for the next, or the child's time limit */
    struct watch watch;
    struct policy_child_process child;
    struct policy_stream answer;
    bool runs;
    size_t next;      /* of the generation's names */
    unsigned wait_ms; /* until the next round */
    struct lookup asked;
    char name[LOOKUP_NAME_MAX + 1];
};

#endif
