/*
 * Finds out whether a table of iptables-legacy translates this host's packets: whole, truncated and
 * changed tables. TAP.
 */
#include "btnsd/xfrm/legacy_nat.h"
#include "test/unit/check.h"

#include <stdlib.h>
#include <string.h>

enum { TARGET = 32, RULE = 112 + TARGET + 8, ACCEPT = -2, RETURN = -5 };

static uint8_t blob[64 * RULE];
static size_t size;
static uint32_t dice = 5;

/*
 * Appends a rule with this target, or with the verdict if the target is the standard one ("").
 * Returns the rule's offset.
 */
static size_t add_nat_rule(const char *target, int32_t verdict)
{
    const size_t at = size;
    const uint16_t offset[] = {112, RULE}, target_size = RULE - 112;
    memset(blob + at, 0, RULE);
    memcpy(blob + at + 88, offset, sizeof offset);
    memcpy(blob + at + 112, &target_size, sizeof target_size);
    memcpy(blob + at + 114, target, strlen(target));
    memcpy(blob + at + 112 + TARGET, &verdict, sizeof verdict);
    size += RULE;
    return at;
}

static struct legacy_table table(size_t output, size_t end)
{
    return (struct legacy_table){
        .blob = blob, .size = size, .layout = &legacy_ipv4, .output = output, .output_end = end};
}

/*
 * A table: PREROUTING with `before`, OUTPUT that jumps to `chain`, then two chains, the second with
 * DNAT.
 */
static struct legacy_table example(const char *before, unsigned chain)
{
    size = 0;
    add_nat_rule(before, ACCEPT);
    size_t output = add_nat_rule("", (int32_t)((3 + 3 * chain) * RULE));
    size_t end = add_nat_rule("", ACCEPT);
    add_nat_rule("ERROR", 0); /* chain 0 begins behind this rule */
    add_nat_rule("MASQUERADE", 0);
    add_nat_rule("", RETURN);
    add_nat_rule("ERROR", 0);
    add_nat_rule("DNAT", 0);
    add_nat_rule("", RETURN);
    add_nat_rule("ERROR", 0);
    return table(output, end);
}

int main(void)
{
    struct legacy_table t = example("DNAT", 0);
    int32_t to = 4 * RULE;
    memcpy(blob + RULE + 112 + TARGET, &to, sizeof to);
    check(legacy_output_translates(&t) == LEGACY_PASSES,
          "what only other packets come to does not count");
    to = 7 * RULE;
    memcpy(blob + RULE + 112 + TARGET, &to, sizeof to);
    check(legacy_output_translates(&t) == LEGACY_TRANSLATES, "a chain that OUTPUT jumps to does");
    to = RULE;
    memcpy(blob + RULE + 112 + TARGET, &to, sizeof to);
    check(legacy_output_translates(&t) == LEGACY_PASSES, "a chain that jumps to itself ends");
    t = example("", 0);
    memcpy(blob + RULE + 114, "REDIRECT", sizeof "REDIRECT");
    check(legacy_output_translates(&t) == LEGACY_TRANSLATES, "and so does a rule of OUTPUT's own");
    unsigned answers = 0;
    for (unsigned i = 0; i < 20000; i++) {
        t = example("DNAT", i % 2);
        for (unsigned k = 0; k < 1 + i % 5; k++) {
            dice = dice * 1664525u + 1013904223u;
            blob[(dice >> 8) % size] = (uint8_t)(dice >> 24);
        }
        uint8_t *copy =
            malloc(size); /* of exactly this size, so that a sanitizer sees a read beyond it */
        memcpy(copy, blob, size);
        t.blob = copy;
        t.size = size - i % (2 * RULE);
        answers += legacy_output_translates(&t) <= LEGACY_UNKNOWN;
        free(copy);
    }
    check(answers == 20000, "20,000 tables, changed and cut: each is read to an end");
    return check_end();
}
