/* From a policy's text to records, by libconfuse. To be called in a process that may die of it. */
#ifndef BTNS_RULES_READ_H
#define BTNS_RULES_READ_H

#include "btnsd/rules/read/record.h"

#include <stddef.h>

#define POLICY_TEXT_MAX  65536 /* octets in one file */
#define POLICY_FILES_MAX 256
#define POLICY_TOTAL_MAX (4u << 20) /* octets in all files of a directory */

/* Who vouches for a text: it may say only what such an author may (schema.c). */
enum policy_source { SOURCE_ADMIN, SOURCE_PACKAGE, SOURCE_USER, SOURCE_AUTHORS };

struct policy_text {
    char file[256]; /* its name, for messages */
    char *text;     /* of a file: with a NUL behind it */
    size_t len;
    enum policy_source source;
    const struct policy_author *signer; /* SOURCE_PACKAGE: whose signature it has */
};

/* Appends the text's records; `file` is its number. 0, or -errno with a fault. */
int policy_read(unsigned file, const struct policy_text *text, struct policy_stream *out,
                struct policy_fault *f);
/* All texts, ended by RECORD_END; at the first fault RECORD_FAULT alone. 0 or -ENOMEM. */
int policy_read_all(const struct policy_text *text, unsigned files, struct policy_stream *out);

#endif
