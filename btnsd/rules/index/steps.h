/*
 * The packed conditions of rules, except the program, so that thousands are compared in
 * microseconds.
 */
#ifndef BTNS_RULES_INDEX_STEPS_H
#define BTNS_RULES_INDEX_STEPS_H

#include "btnsd/rules/model/rules.h"

/* An address of either family: IPv4 in the first 32 bits. */
struct step_address {
    uint64_t high, low;
};

/* One rule, in the order of the rules. */
struct step {
    uint16_t refuses; /* IS_* of steps.c: a question with any of these properties does not match */
    uint16_t has;     /* HAS_* of steps.c: conditions that have to be compared one by one */
    uint16_t port, width; /* the first port, and how many follow */
    uint8_t remote_bits, local_bits;
    uint16_t interface;   /* a hash of the interface's name */
    uint32_t user, group; /* or bitmaps by hash, of several */
    struct step_address remote, local;
};

/* A question, packed like a rule. */
#define STEP_GROUPS 16 /* words of a bitmap by hash */
struct step_question {
    uint16_t is, compares;
    uint16_t port;
    uint16_t interface;
    uint32_t user;
    struct step_address remote, local;
    uint64_t group[STEP_GROUPS];
    uint32_t groups; /* the same groups in 32 bits */
    unsigned skip;
    const struct question *q;
};

void step_of_rule(struct step *s, const struct rule *rule);
/* Packs q. Conditions in `skip` (MISS_*) count as true. needed: NEEDS_* of the rules. */
void step_of_question(struct step_question *s, const struct question *q, unsigned skip,
                      unsigned needed);
/*
 * The first of the rules from `from` up to, but not including, `end` that matches, or `end`. The
 * conditions about program and control group count as true.
 */
size_t steps_first(const struct step *steps, const struct rule *rules, size_t from, size_t end,
                   const struct step_question *s);

#endif
