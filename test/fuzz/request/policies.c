/* Policies: read in this process, and never written. */
#include "btnsd/rules/files/source.h"
#include "btnsd/rules/read/child.h"
#include "btnsd/running/package_sequences.h"
#include "test/fuzz/request/played.h"

#include <string.h>

int policy_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                 struct policy_stream *out, struct err *err)
{
    int rc = work(arg, out);
    if (rc)
        err_set(err, "not read");
    return rc;
}

int policy_lookup_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                        struct policy_stream *out, struct err *err)
{
    return policy_child(work, arg, out, err);
}

static struct pending_reading {
    struct policy_text *text;
    unsigned n;
    reading_done *done;
    void *arg;
} read_later;

struct reading *reading_start(struct readings *rs, uid_t uid, const char *name,
                              struct policy_text *text, unsigned n, reading_done *done, void *arg,
                              struct err *err)
{
    (void)rs, (void)uid, (void)name, (void)err;
    demand(!read_later.done); /* one message, one reading */
    read_later = (struct pending_reading){text, n, done, arg};
    return (struct reading *)&read_later;
}

void reading_cancel(struct reading *r)
{
    demand(r == (struct reading *)&read_later && read_later.done);
    source_texts_free(read_later.text, read_later.n);
    read_later.done = NULL;
}

void finish_reading(void)
{
    struct pending_reading now = read_later;
    struct err err = {""};
    if (!now.done)
        return;
    struct rules *rules = policy_load_texts("policy", now.text, now.n, &err);
    read_later.done = NULL;
    demand(rules || *err.text);
    now.done(now.arg, rules, &err);
    source_texts_free(now.text, now.n);
}

int sequences_accept(const char *path, const struct rules *r, struct err *err)
{
    (void)path, (void)r, (void)err;
    return 0;
}

int user_write_text(const struct users *us, const struct user *u, const char *name,
                    const char *text, size_t len, struct err *err)
{
    (void)us, (void)u, (void)name, (void)text, (void)len, (void)err;
    return 0;
}

int user_remove_text(const struct users *us, const struct user *u, const char *name,
                     struct err *err)
{
    (void)us, (void)u, (void)name, (void)err;
    return 0;
}

int user_write_blocks(const struct users *us, const struct user *u, struct err *err)
{
    (void)us, (void)u, (void)err;
    return 0;
}

void user_read_again(struct users *us, struct user *u)
{
    (void)us, (void)u;
}

static const char policy[] =
    "format = 1\n"
    "profile \"n\" { identity = named permit = { bob } }\n"
    "program \"p\" { match = { \"*\" }\n"
    "rule \"a\" { remote = { \"127.0.0.0/8\", \"::1/128\" } action = bypass }\n"
    "rule \"b\" { remote = { \"10.1.0.0/16\", \"fd01::/16\" } action = protect }\n"
    "rule \"c\" { remote = { \"10.2.0.0/16\" } action = discard }\n"
    "rule \"d\" { port = { \"1-100\" } action = prefer }\n"
    "rule \"e\" { port = { 200 } action = bypass }\n"
    "rule \"f\" { at = { accept } port = { 300 } action = discard }\n"
    "rule \"n\" { port = { 400 } action = protect profile = \"n\" }\n"
    "rule \"o\" { port = { 401 } remote = { \"10.3.0.0/16\" } action = protect profile = \"n\" }\n"
    "rule \"g\" { action = protect } }\n";

struct rules *policy_in_force(struct err *err)
{
    return rules_load_text("policy", policy, sizeof policy - 1, err);
}
