/* What the parts that build a generation's index share. */
#ifndef BTNS_RULES_INDEX_BUILD_H
#define BTNS_RULES_INDEX_BUILD_H

#include "btnsd/rules/index/index.h"

struct building {
    const struct rules *rules;
    struct rules_index *ix;
    struct packer p;
};

/* Is the rule for every program? */
bool index_any_program(const struct rule *rule);
/* index_texts.c: programs, control groups, interfaces, users and groups. */
int index_build_texts(struct building *b);
/* index_covers.c: ports and addresses. */
int index_build_covers(struct building *b);

#endif
