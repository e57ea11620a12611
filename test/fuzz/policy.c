/*
 * Fuzzes the policy reader. An input that begins with the octet 1 is a reader process's answer, any
 * other one a policy's text. Both go all the way to rules and a decision, in this process. Seeds:
 * corpus/policy, ../rules/good, ../rules/bad, ../../policy.d.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/conflict.h"
#include "btnsd/rules/model/match.h"
#include "btnsd/rules/read/parse.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A resolver's possible answer. */
static struct btns_addr address[2] = {{.family = AF_INET, .ip = {10, 0, 0, 1}},
                                      {.family = AF_INET6, .ip = {0xfd}}};
static struct lookup looked_up[] = {
    {.kind = LOOKUP_USER, .name = "root", .number = 0, .found = 1},
    {.kind = LOOKUP_GROUP, .name = "users", .number = 100, .found = 1},
    {.kind = LOOKUP_HOST, .name = "host", .address = address, .found = 2},
    {.kind = LOOKUP_HOST, .name = "nowhere", .found = 0},
};
static const struct lookups names = {.item = looked_up, .n = 4};

static struct rules *compile(const struct policy_text *text, const struct policy_stream *stream)
{
    struct policy_record *record = NULL;
    struct policy_fault fault = {0};
    struct err err = {""};
    long n = record_take_all(stream, 1, &record, &fault);
    if (n < 0)
        return NULL;
    struct rules *r = policy_compile(text, 1, record, (size_t)n, &names, &err);
    if (!r && !err.text[0])
        abort(); /* a refusal always has a reason */
    free(record);
    return r;
}

/* Decides by comparing each rule; the index must give the same answer. */
static const struct rule *scan(const struct rules *r, const struct question *q)
{
    for (size_t i = 0; i < r->n; i++)
        if (!match_misses(&r->rule[i], q))
            return &r->rule[i];
    return NULL;
}

static void check_conflicts(const struct rules *r, const struct question *q)
{
    const struct rule *one = rules_decide(r, q, NULL),
                      *other = one ? rules_decide(r, q, one) : NULL;
    if (other && !rules_meet(one, other))
        abort(); /* both match one connection */
    if (rules_settled(r, q, one) && one && (one->users || one->peer || one->log))
        abort();
}

static void decide(const struct rules *r)
{
    static const gid_t gid[] = {0, 100, 7};
    struct question q = {.point = POINT_ACCEPT,
                         .program = "/usr/bin/p",
                         .protocol = IPPROTO_TCP,
                         .gid = gid,
                         .gids = 3,
                         .cgroup = "/system.slice/a.service/x"};
    q.local.port = 80;
    for (const struct rule *rule = NULL; (rule = rules_decide(r, &q, rule));)
        if (!rule->at_accept)
            abort();
    q.point = POINT_CONNECT;
    btns_addr_parse(&q.remote, "10.0.0.1");
    btns_addr_parse(&q.local, "10.0.0.2");
    q.interface = "eth0";
    q.peer = SEEN_NEW;
    const struct rule *rule = rules_decide(r, &q, NULL);
    if (rule != scan(r, &q))
        abort();
    check_conflicts(r, &q);
    if (rule && !rule->at_connect)
        abort();
    struct candidate c[8];
    size_t n = rules_candidates(r, &q, c, 8), wins = 0;
    for (size_t i = 0; i < n && i < 8; i++)
        wins += candidate_wins(&c[i]);
    if (n > r->n || wins > 1 || (n <= 8 && wins != (rule != NULL)))
        abort(); /* what is explained is what is decided */
    bool protects = rule && (rule->action == ACTION_PROTECT || rule->action == ACTION_PREFER);
    if (rule && protects != !!rule->profile)
        abort(); /* a rule has a profile if, and only if, it protects */
}

/* libconfuse must read everything that the scanner accepts, and in the same way. */
static void compare_readers(const struct policy_text *text)
{
    struct policy_tree tree = {0};
    struct policy_stream stream = {0};
    struct policy_fault fault = {0};
    char *copy = malloc(text->len + 1);
    if (!copy)
        return;
    memcpy(copy, text->text, text->len);
    copy[text->len] = 0;
    if (!policy_scan(copy, text->len, &tree, &fault) &&
        parse_with_confuse(0, copy, &tree, &stream, &fault))
        abort();
    policy_tree_free(&tree);
    record_stream_free(&stream);
    free(copy);
}

static void fuzz_text(const uint8_t *data, size_t size)
{
    struct policy_text text = {.file = "fuzz", .text = malloc(size + 1), .len = size};
    struct policy_stream stream = {0};
    if (!text.text)
        return;
    memcpy(text.text, data, size);
    compare_readers(&text);
    if (!policy_read_all(&text, 1, &stream)) {
        struct rules *r = compile(&text, &stream);
        if (r)
            decide(r);
        rules_free(r);
    }
    record_stream_free(&stream);
    free(text.text);
}

static void fuzz_answer(const uint8_t *data, size_t size)
{
    struct policy_text text = {.file = "fuzz"};
    struct policy_stream stream = {.data = malloc(size ? size : 1), .len = size, .size = size};
    if (!stream.data)
        return;
    memcpy(stream.data, data, size);
    struct rules *r = compile(&text, &stream);
    if (r)
        decide(r);
    rules_free(r);
    record_stream_free(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size && data[0] == 1)
        fuzz_answer(data + 1, size - 1);
    else if (size <= POLICY_TEXT_MAX)
        fuzz_text(data, size);
    return 0;
}
