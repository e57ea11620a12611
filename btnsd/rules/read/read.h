/*
 * Turns a policy's text into records, by libconfuse. Only for the confined child: libconfuse may
 * crash.
 */
#ifndef BTNS_RULES_READ_READ_H
#define BTNS_RULES_READ_READ_H

#include "btnsd/rules/read/record.h"

#include <stddef.h>

#define POLICY_TEXT_MAX  65536 /* octets in one file */
#define POLICY_FILES_MAX 256
#define POLICY_TOTAL_MAX (4u << 20) /* octets in all files of a directory */

/* Who wrote a text: grammar.c says what each kind of author may write. */
enum policy_source { SOURCE_ADMIN, SOURCE_PACKAGE, SOURCE_USER, SOURCE_AUTHORS };

struct policy_text {
    char file[256]; /* the file's name, for messages */
    char *text;     /* for a file, NUL-terminated */
    size_t len;
    enum policy_source source;
    bool vendor; /* SOURCE_ADMIN: the text is the vendor's; its rank is the same */
    const struct policy_author *signer; /* SOURCE_PACKAGE: the author who signed it */
};

/* Appends the text's records; `file` is its number. 0, or -errno with a fault. */
int policy_read(unsigned file, const struct policy_text *text, struct policy_stream *out,
                struct policy_fault *f);
/* The records of all texts, then RECORD_END; or, at a fault, RECORD_FAULT alone. 0 or -ENOMEM. */
int policy_read_all(const struct policy_text *text, unsigned files, struct policy_stream *out);

#endif
