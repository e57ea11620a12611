/* Retries the names in rules that could not be resolved, one at a time, in a child process. */
#ifndef BTNS_STATE_NAME_LOOKUP_H
#define BTNS_STATE_NAME_LOOKUP_H

#include "btnsd/base/loop.h"
#include "btnsd/rules/read/child.h"
#include "btnsd/rules/read/lookup.h"

/* Must be zeroed at first. */
struct names_retry {
    struct timer timer; /* for the next name, or the child's time limit */
    struct watch watch;
    struct policy_child_process child;
    struct policy_stream answer;
    bool runs;
    size_t next;      /* index of the next name of this generation */
    unsigned wait_ms; /* until the next round */
    struct lookup asked;
    char name[LOOKUP_NAME_MAX + 1];
};

#endif
