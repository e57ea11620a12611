/*
 * Loads a generation of rules from a directory or a text: a confined child reads, btnsd compiles.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/files/source.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct texts {
    const char *name; /* stands for all texts in messages */
    const struct policy_text *text;
    unsigned n;
    struct lookup_how how;
    bool mandatory_alone;
};

static bool keep_loaded_names(struct rules *r, const struct lookups *names)
{
    r->names = names->n ? malloc(sizeof *r->names) : NULL;
    if (r->names)
        *r->names = *names;
    return r->names;
}

static struct rules *compile_stream(const struct texts *t, const struct policy_stream *stream,
                                    struct err *err)
{
    struct policy_record *record = NULL;
    struct policy_fault fault = {0};
    long n = record_take_all(stream, t->n, &record, &fault);
    if (n == -EINVAL)
        compile_fault_text(t->text, t->n, &fault, err);
    else if (n < 0)
        err_set(err, "%s: %s", t->name,
                n == -ENOMEM ? "out of memory" : "the policy reader's answer is not whole");
    if (n < 0)
        return NULL;
    struct lookups names = {0};
    struct err reason = {""};
    struct rules *r = NULL;
    if (lookup_all(t->text, record, (size_t)n, &t->how, &names, &reason))
        err_set(err, "%.255s: %.200s", t->name, reason.text);
    else
        r = (t->mandatory_alone ? policy_compile_mandatory
                                : policy_compile)(t->text, t->n, record, (size_t)n, &names, err);
    if (!r || !keep_loaded_names(r, &names))
        lookups_free(&names);
    free(record);
    return r;
}

static struct rules *load_nothing(struct err *err)
{
    return policy_compile(NULL, 0, NULL, 0, NULL, err);
}

struct rules *policy_load_stream(const char *name, const struct policy_text *text, unsigned n,
                                 const struct policy_stream *stream, struct err *err)
{
    const struct texts t = {name, text, n, {.ask = true}, false};
    return n ? compile_stream(&t, stream, err) : load_nothing(err);
}

static struct rules *load_texts(const struct texts *t, struct err *err)
{
    struct policy_stream stream = {0};
    struct err reason = {""};
    struct rules *r = NULL;
    if (!reader_read(t->text, t->n, &stream, &reason))
        r = compile_stream(t, &stream, err);
    else
        err_set(err, "%.255s: %.200s", t->name, reason.text);
    record_stream_free(&stream);
    return r;
}

struct rules *policy_load_texts(const char *name, const struct policy_text *text, unsigned n,
                                struct err *err)
{
    return policy_load_texts_by(name, text, n, &(struct lookup_how){.ask = true}, err);
}

struct rules *policy_load_texts_by(const char *name, const struct policy_text *text, unsigned n,
                                   const struct lookup_how *how, struct err *err)
{
    const struct texts t = {name, text, n, *how, false};
    return n ? load_texts(&t, err) : load_nothing(err);
}

struct rules *policy_load_mandatory(const struct policy_text *text, unsigned n,
                                    const struct lookup_how *how, struct err *err)
{
    const struct texts t = {"policy", text, n, *how, true};
    return n ? load_texts(&t, err) : load_nothing(err);
}

struct rules *rules_load(const char *dir, struct err *err)
{
    struct policy_text *text = NULL;
    int fd = policy_dir_open(dir, err);
    if (fd < 0)
        return NULL;
    int n = source_read_dir(fd, dir, &text, err);
    close(fd);
    if (n < 0)
        return NULL;
    struct rules *r = policy_load_texts(dir, text, (unsigned)n, err);
    source_texts_free(text, (unsigned)n);
    return r;
}

struct rules *rules_load_text(const char *name, const char *text, size_t len, struct err *err)
{
    struct policy_text one = {.len = len, .source = SOURCE_USER};
    snprintf(one.file, sizeof one.file, "%s", name);
    fault_printable(one.file);
    if (len > POLICY_TEXT_MAX) {
        err_set(err, "%s: larger than %d octets", one.file, POLICY_TEXT_MAX);
        return NULL;
    }
    one.text = malloc(len + 1);
    if (!one.text) {
        err_set(err, "%s: out of memory", one.file);
        return NULL;
    }
    if (len)
        memcpy(one.text, text, len);
    const struct texts t = {one.file, &one, 1, {.ask = true}, false};
    struct rules *r = load_texts(&t, err);
    free(one.text);
    return r;
}
