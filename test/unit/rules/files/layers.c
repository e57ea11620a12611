/*
 * The administrator's files replace the vendor's: which of the vendor's files remain, in which
 * order, and the limits.
 */
#include "btnsd/rules/files/layers.h"

#include "test/unit/check.h"

#include <errno.h>
#include <string.h>

/* Makes one text for each letter of `names`: DIR/LETTER.conf. */
static struct policy_text *texts(const char *dir, const char *names)
{
    struct policy_text *t = calloc(strlen(names) + 1, sizeof *t);
    for (size_t i = 0; names[i]; i++) {
        snprintf(t[i].file, sizeof t[i].file, "/%s/%c.conf", dir, names[i]);
        t[i].text = strdup("");
    }
    return t;
}

static const struct {
    const char *own, *vendor, *all; /* all: the result; the vendor's are in capitals */
} cases[] = {
    {"", "", ""},          {"", "ab", "AB"},       {"ab", "", "ab"},      {"a", "b", "aB"},
    {"b", "a", "Ab"},      {"a", "a", "a"},        {"ac", "bcd", "aBcD"}, {"bd", "abcde", "AbCdE"},
    {"abc", "abc", "abc"}, {"xy", "abz", "ABxyZ"},
};

static void test_order(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[16] = "";
        struct err err = {""};
        int own = (int)strlen(cases[i].own), vendors = (int)strlen(cases[i].vendor);
        struct policy_text *t = texts("o", cases[i].own), *v = texts("v", cases[i].vendor);
        int n = layers_lay_over(&t, own, v, vendors, &err);
        for (int j = 0; j < n; j++)
            got[j] = (char)(t[j].file[3] - (t[j].file[1] == 'v' ? 'a' - 'A' : 0));
        check(!strcmp(got, cases[i].all), "'%s' over '%s': '%s'", cases[i].own, cases[i].vendor,
              got);
        source_texts_free(t, (unsigned)(n > 0 ? n : 0));
        source_texts_free(v, (unsigned)vendors);
    }
}

static void test_limits(void)
{
    char names[POLICY_FILES_MAX];
    struct err err = {""};
    memset(names, 'x', sizeof names - 1);
    names[sizeof names - 1] = '\0';
    struct policy_text *t = texts("o", names), *v = texts("v", "ab");
    int n = layers_lay_over(&t, (int)strlen(names), v, 2, &err);
    check(n == -E2BIG && strstr(err.text, "257"), "too many files in all: %s", err.text);
    source_texts_free(t, POLICY_FILES_MAX + 1);
    source_texts_free(v, 2);

    t = texts("o", "a");
    v = texts("v", "b");
    t[0].len = POLICY_TOTAL_MAX;
    v[0].len = 1;
    n = layers_lay_over(&t, 1, v, 1, &err);
    check(n == -E2BIG, "too many octets in all: %s", err.text);
    source_texts_free(t, 2);
    source_texts_free(v, 1);
}

int main(void)
{
    test_order();
    test_limits();
    return check_end();
}
