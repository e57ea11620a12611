/* Chooses one of the words that a field may have; any other value is a fault. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"

#include <errno.h>
#include <stdio.h>

int policy_no_memory(struct policy_builder *b)
{
    policy_fault(b->fault, 0, "out of memory");
    return -ENOMEM;
}

/* Writes "a", "a or b", "a, b or c". */
static void list_choices(const char *const *words, char *buf, size_t size)
{
    size_t at = 0;
    buf[0] = 0;
    for (size_t i = 0; words[i]; i++) {
        const char *between = !i ? "" : words[i + 1] ? ", " : " or ";
        at += (size_t)snprintf(buf + at, at < size ? size - at : 0, "%s%s", between, words[i]);
        at = at < size ? at : size;
    }
}

/*
 * Words from specifications or later versions: the fault says that they are not supported, as they
 * are no typos.
 */
static const char *const not_yet[] = {"ah", "tunnel", "udp", "sctp", NULL};

int policy_choose(struct policy_builder *b, const struct policy_record *v, const char *const *words)
{
    char quoted[POLICY_QUOTED], all[128];
    int i = value_word(words, v->text);
    if (i >= 0)
        return i;
    list_choices(words, all, sizeof all);
    return policy_fault(b->fault, v->line, "%s %s is not %s: write %s",
                        policy_schema[v->section].field[v->field].name,
                        fault_quote(quoted, v->text),
                        value_word(not_yet, v->text) >= 0 ? "supported yet" : "known", all);
}

int policy_choose_only(struct policy_builder *b, const struct policy_record *v, const char *word)
{
    const char *const words[] = {word, NULL};
    int i = policy_choose(b, v, words);
    return i < 0 ? i : 0;
}
