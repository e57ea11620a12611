/* Refused: a reader that sends wrong records, and a libconfuse that disagrees with the scanner. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/read/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check(bool good, const char *what)
{
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    failures += !good;
}

static const char policy[] = "format = 1\n"
                             "profile \"q\" { timeout = 5 }\n"
                             "program \"p\" {\n"
                             "  match = { \"/a\", \"/b\" }\n"
                             "  rule \"r\" { action = protect port = { 1, \"2-3\" } profile = q }\n"
                             "  rule \"s\" { action = bypass remote = { 10.0.0.0/8 } }\n"
                             "}\n";
static struct policy_text text = {.file = "f", .text = (char *)policy, .len = sizeof policy - 1};

/* Is the stream accepted? Nothing worse than a refusal may happen. */
static bool taken(const struct policy_stream *s)
{
    struct policy_record *record = NULL;
    struct policy_fault fault = {0};
    struct err err = {""};
    long n = record_take_all(s, 1, &record, &fault);
    if (n < 0)
        return false;
    struct rules *r = policy_compile(&text, 1, record, (size_t)n, NULL, &err);
    bool good = r && r->n == 2;
    rules_free(r);
    free(record);
    return good;
}

/* The copy ends where the stream ends, so that a sanitizer sees a read beyond it. */
static bool taken_records_copy(const struct policy_stream *s, size_t len, size_t at,
                               unsigned char flip)
{
    char *data = malloc(len ? len : 1);
    if (!data)
        abort();
    memcpy(data, s->data, len);
    if (at < len)
        data[at] = (char)(data[at] ^ flip);
    struct policy_stream copy = {.data = data, .len = len, .size = len};
    bool good = taken(&copy);
    free(data);
    return good;
}

static void test_streams(void)
{
    struct policy_stream s = {0};
    check(!policy_read_all(&text, 1, &s) && taken(&s), "a whole answer");
    bool refused = true;
    for (size_t len = 0; len < s.len; len++)
        refused = refused && !taken_records_copy(&s, len, len, 0);
    check(refused, "an answer cut short anywhere");
    for (size_t at = 0; at < s.len; at++)
        for (unsigned bit = 0; bit < 8; bit++)
            taken_records_copy(&s, s.len, at, (unsigned char)(1u << bit));
    check(true, "an answer with any bit turned: no crash, and nothing for a sanitizer");
    check(!taken_records_copy(&s, s.len, 11, 1),
          "an answer with something where nothing should be");
    record_append(&s, "", 1);
    check(!taken(&s), "an answer with more behind it");
    record_stream_free(&s);
}

static bool compiles(const struct policy_record *record, size_t n, const char *reason)
{
    struct err err = {""};
    struct rules *r = policy_compile(&text, 1, record, n, NULL, &err);
    rules_free(r);
    if (r || !strstr(err.text, reason))
        printf("# \"%s\"\n", err.text);
    return r || !strstr(err.text, reason);
}

#define SECTION(kind_, title)                                                                      \
    {                                                                                              \
        .kind = RECORD_SECTION, .section = (kind_), .line = 1, .text = (title)                     \
    }
#define VALUE(kind_, n, value)                                                                     \
    {                                                                                              \
        .kind = RECORD_VALUE, .section = (kind_), .field = (n), .line = 1, .text = (value)         \
    }
#define REFUSED(what, reason, ...)                                                                 \
    do {                                                                                           \
        const struct policy_record record[] = {__VA_ARGS__};                                       \
        check(!compiles(record, sizeof record / sizeof *record, reason), what);                    \
    } while (0)

static void test_order(void)
{
    const char *odd = "makes no sense";
    REFUSED("a rule outside a program", odd, SECTION(SECTION_RULE, "r"));
    REFUSED("a rule in a profile", odd, SECTION(SECTION_PROFILE, "q"), SECTION(SECTION_RULE, "r"));
    REFUSED("a rule's value outside a rule", odd, VALUE(SECTION_RULE, 4, "bypass"));
    REFUSED("a rule's value in a program", odd, SECTION(SECTION_PROGRAM, "p"),
            VALUE(SECTION_RULE, 4, "bypass"));
    REFUSED("a profile's value in a program", odd, SECTION(SECTION_PROGRAM, "p"),
            VALUE(SECTION_PROFILE, 4, "5"));
    REFUSED("a program's value in a rule", odd, SECTION(SECTION_PROGRAM, "p"),
            VALUE(SECTION_PROGRAM, 0, "/p"), SECTION(SECTION_RULE, "r"),
            VALUE(SECTION_PROGRAM, 0, "/q"));
    REFUSED("a program's value outside one", odd, VALUE(SECTION_PROGRAM, 0, "/p"));
    REFUSED("two values for one", odd, SECTION(SECTION_PROFILE, "q"),
            VALUE(SECTION_PROFILE, 4, "5"), VALUE(SECTION_PROFILE, 4, "6"));
    REFUSED("a rule before its match", "has no match", SECTION(SECTION_PROGRAM, "p"),
            SECTION(SECTION_RULE, "r"));
}

/* libconfuse reads `theirs`, the scanner `ours`. */
static void disagree(const char *what, const char *ours, const char *theirs)
{
    struct policy_tree tree = {0};
    struct policy_fault fault = {0};
    struct policy_stream out = {0};
    char *copy = strdup(ours);
    int rc = policy_scan(copy, strlen(copy), &tree, &fault);
    bool scanned = !rc;
    fault.reason[0] = 0;
    rc = parse_with_confuse(0, theirs, &tree, &out, &fault);
    check(scanned && rc == -EINVAL && fault.reason[0], what);
    policy_tree_free(&tree);
    record_stream_free(&out);
    free(copy);
}

static void test_disagreement(void)
{
    const char *p = "format = 1 program p { match = { a, b } rule r { action = protect } }";
    disagree("another value", p,
             "format = 1 program p { match = { a, c } rule r { action = protect } }");
    disagree("a value less", p,
             "format = 1 program p { match = { a } rule r { action = protect } }");
    disagree("a value more", p,
             "format = 1 program p { match = { a, b, c } rule r { action = protect } }");
    disagree("a field less", p, "format = 1 program p { match = { a, b } rule r { } }");
    disagree("a field more", p,
             "format = 1 program p { match = { a, b } rule r { action = protect at = accept } }");
    disagree("a section less", p, "format = 1 program p { match = { a, b } }");
    disagree("a section more", p,
             "format = 1 program p { match = { a, b } rule r { action = protect } rule s { } }");
    disagree("another title", p,
             "format = 1 program p { match = { a, b } rule s { action = protect } }");
    disagree("a program more", p,
             "format = 1 program p { match = { a, b } rule r { action = protect } } program q { }");
    disagree("an unknown field", p, "format = 1 program p { mitch = { a, b } }");
    disagree("not closed", p, "format = 1 program p { match = { a, b } rule r { action = ");
}

/* ---- names */

#define LOOKED_UP                                                                                  \
    {                                                                                              \
        {.kind = LOOKUP_USER, .name = "root"}, {.kind = LOOKUP_HOST, .name = "127.0.0.1x"},        \
        {                                                                                          \
            .kind = LOOKUP_HOST, .name = "localhost"                                               \
        }                                                                                          \
    }

static int take_names(const struct policy_stream *s, size_t len, size_t at, unsigned char flip)
{
    struct lookup item[] = LOOKED_UP;
    struct lookups l = {.item = item, .n = sizeof item / sizeof *item};
    char *data = malloc(len ? len : 1);
    if (!data)
        abort();
    memcpy(data, s->data, len);
    if (at < len)
        data[at] = (char)(data[at] ^ flip);
    int rc = lookup_take(&l, &(struct policy_stream){.data = data, .len = len, .size = len});
    for (size_t i = 0; !rc && i < l.n; i++)
        for (unsigned k = 0; item[i].kind == LOOKUP_HOST && k < item[i].found; k++)
            if (item[i].address[k].port || !item[i].address[k].family)
                rc = 1;
    free(l.address);
    free(data);
    return rc;
}

static void test_names(void)
{
    struct policy_stream s = {0};
    struct lookup item[] = LOOKED_UP;
    struct lookups l = {.item = item, .n = sizeof item / sizeof *item};
    check(!lookup_in_child(&l, &s) && !take_names(&s, s.len, s.len, 0), "names that are answered");
    bool refused = true, sane = true;
    for (size_t len = 0; len < s.len; len++)
        refused = refused && take_names(&s, len, len, 0) == -EBADMSG;
    check(refused, "an answer for names that is cut short");
    for (size_t at = 0; at < s.len; at++)
        for (unsigned bit = 0; bit < 8; bit++)
            sane = sane && take_names(&s, s.len, at, (unsigned char)(1u << bit)) <= 0;
    check(sane, "an answer for names with any bit turned");
    record_append(&s, "", 1);
    check(take_names(&s, s.len, s.len, 0) == -EBADMSG, "an answer for names with more behind it");
    record_stream_free(&s);
}

int main(void)
{
    test_names();
    test_streams();
    test_order();
    test_disagreement();
    return failures ? 1 : 0;
}
