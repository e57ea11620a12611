/* The confined reader's answer: a flat list of records, in one stream of octets. */
#ifndef BTNS_RULES_READ_RECORD_H
#define BTNS_RULES_READ_RECORD_H

#include "btnsd/rules/read/fault.h"
#include "btnsd/rules/read/grammar.h"

#include <stdint.h>

enum policy_record_kind {
    /* begins a section; text is its title; then come its values, then its sections */
    RECORD_SECTION,
    RECORD_VALUE, /* one value of a field; each value of a list has its own record, in a row */
    RECORD_FAULT, /* the last record: the texts are refused, text says why */
    RECORD_END,   /* the last record of a complete answer */
    RECORD_KINDS
};

struct policy_record {
    enum policy_record_kind kind;
    enum policy_section section;
    unsigned field;
    unsigned file, line;
    const char *text;
};

struct policy_stream {
    char *data;
    size_t len, size;
};

/* 0 or -ENOMEM. */
int record_put(struct policy_stream *out, const struct policy_record *record);
/* Appends octets unchanged; 0 or -ENOMEM. */
int record_append(struct policy_stream *out, const void *data, size_t len);
void record_stream_free(struct policy_stream *s);

/*
 * Decodes a stream from the reader, which is not trusted. *record then points into the stream and
 * is freed with free(). Returns how many records there are before RECORD_END; -EBADMSG for an
 * incomplete stream, -ENOMEM, or -EINVAL with the reader's own fault; in these cases there is
 * nothing to free.
 */
long record_take_all(const struct policy_stream *in, unsigned files, struct policy_record **record,
                     struct policy_fault *f);

#endif
