/* Reading the policy directory: whose files they are, and their texts. */
#ifndef BTNS_RULES_SOURCE_H
#define BTNS_RULES_SOURCE_H

#include "btnsd/rules/read/read.h"
#include "libapi/wire/err.h"

/*
 * Opens an absolute path's directory, one component at a time. Every one must be a real directory
 * of root's that nobody else can write. Returns a descriptor, or -errno with a reason.
 */
int policy_open_dir(const char *dir, struct err *err);
/* Reads root's *.conf files there, in the order of strcmp. Returns their number, or -errno. */
int policy_read_dir(int fd, const char *dir, struct policy_text **text, struct err *err);
/* The detached signature (64 octets) beside a file of root's there: its name and ".sig". */
int policy_read_signature(int dir, const char *file, uint8_t signature[64], struct err *err);
/* One file, whoever owns it; *text is then freed as one of them. 0, or -errno with a reason. */
int policy_read_any(const char *path, struct policy_text *text, struct err *err);
/* The texts in the array, but not the array. */
void policy_texts_clear(struct policy_text *text, unsigned n);
void policy_texts_free(struct policy_text *text, unsigned n);

#endif
