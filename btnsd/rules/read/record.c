/*
 * Records from the confined reader to the compiler: the encoder, and a decoder that checks
 * everything.
 */
#include "btnsd/rules/read/record.h"

#include "btnsd/rules/read/lexer.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Followed by `len` octets of text and a NUL. */
struct head {
    uint32_t line;
    uint16_t file;
    uint16_t len;
    uint8_t kind;
    uint8_t section;
    uint8_t field;
    uint8_t zero;
};

int record_append(struct policy_stream *out, const void *data, size_t len)
{
    char *more = array_grow(out->data, &out->size, out->len + len, 1);
    if (!more)
        return -ENOMEM;
    out->data = more;
    memcpy(out->data + out->len, data, len);
    out->len += len;
    return 0;
}

int record_put(struct policy_stream *out, const struct policy_record *r)
{
    size_t len = strlen(r->text);
    struct head head = {.line = r->line,
                        .file = (uint16_t)r->file,
                        .len = (uint16_t)len,
                        .kind = (uint8_t)r->kind,
                        .section = (uint8_t)r->section,
                        .field = (uint8_t)r->field};
    int rc = record_append(out, &head, sizeof head);
    return rc ? rc : record_append(out, r->text, len + 1);
}

void record_stream_free(struct policy_stream *s)
{
    free(s->data);
    *s = (struct policy_stream){0};
}

static int take_record(const struct policy_stream *in, size_t *at, unsigned files,
                       struct policy_record *r)
{
    struct head head;
    if (in->len - *at < sizeof head)
        return -EBADMSG;
    memcpy(&head, in->data + *at, sizeof head);
    const char *text = in->data + *at + sizeof head;
    if (head.kind >= RECORD_KINDS || head.section >= SECTIONS || head.file >= files || head.zero ||
        head.len >= POLICY_VALUE_MAX || in->len - *at - sizeof head <= head.len ||
        strnlen(text, head.len + 1u) != head.len)
        return -EBADMSG;
    if (head.kind == RECORD_VALUE && head.field >= grammar_field_count(head.section))
        return -EBADMSG;
    *at += sizeof head + head.len + 1;
    *r = (struct policy_record){.kind = head.kind,
                                .section = head.section,
                                .field = head.field,
                                .file = head.file,
                                .line = head.line,
                                .text = text};
    return 0;
}

static long refuse_record(const struct policy_record *r, struct policy_fault *f)
{
    f->file = r->file;
    policy_fault(f, r->line, "%s", r->text);
    fault_printable(f->reason);
    return -EINVAL;
}

long record_take_all(const struct policy_stream *in, unsigned files, struct policy_record **record,
                     struct policy_fault *f)
{
    size_t at = 0, n = 0;
    struct policy_record *all = malloc((in->len / (sizeof(struct head) + 1) + 1) * sizeof *all);
    if (!all)
        return -ENOMEM;
    long rc;
    do
        rc = take_record(in, &at, files, &all[n]);
    while (!rc && all[n].kind <= RECORD_VALUE && ++n);
    if (!rc && at != in->len)
        rc = -EBADMSG;
    if (!rc && all[n].kind == RECORD_FAULT)
        rc = refuse_record(&all[n], f);
    if (rc) {
        free(all);
        return rc;
    }
    *record = all;
    return (long)n;
}
