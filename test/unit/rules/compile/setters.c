/* Checks that each field of the grammar has its own setter, at the same place in the table. */
#include "btnsd/rules/compile/fields.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    unsigned fields = 0;
    for (enum policy_section s = SECTION_FILE; s < SECTIONS; s++) {
        size_t n = grammar_field_count(s);
        for (unsigned i = 0; i < n; i++, fields++) {
            const char *want = policy_schema[s].field[i].name, *got = policy_setter_name(s, i);
            if (!got || strcmp(got, want) != 0 || !policy_setter_of(s, i)) {
                printf("not ok - section %s, field %u: %s, not %s\n", policy_schema[s].name, i,
                       got ? got : "none", want);
                return 1;
            }
        }
        if (policy_setter_name(s, (unsigned)n)) {
            printf("not ok - section %s has a setter too many\n", policy_schema[s].name);
            return 1;
        }
    }
    printf("ok - each of %u fields has its setter\n", fields);
    return 0;
}
