/* Reads the files of a policy directory, and checks whose they are. */
#ifndef BTNS_RULES_FILES_SOURCE_H
#define BTNS_RULES_FILES_SOURCE_H

#include "btnsd/rules/read/read.h"
#include "libapi/wire/err.h"

/*
 * Opens a directory by its absolute path, one component at a time. Each component must be a real
 * directory of root's that nobody else can write. Returns a descriptor, or -errno with a reason.
 */
int policy_dir_open(const char *dir, struct err *err);
/*
 * Reads root's *.conf files in the open directory fd, in the order of strcmp(). Returns their
 * number, or -errno.
 */
int source_read_dir(int fd, const char *dir, struct policy_text **text, struct err *err);
/* The same, but only those that can be read. Returns their number. */
int source_read_dir_some(int fd, const char *dir, struct policy_text **text);
/* Reads the detached signature (64 octets) of a file in dir from root's file NAME.sig. */
int source_read_signature(int dir, const char *file, uint8_t signature[64], struct err *err);
/* Reads one file, of any owner; the caller frees text->text. 0, or -errno with a reason. */
int source_read_any(const char *path, struct policy_text *text, struct err *err);
/* Frees the texts in the array, but not the array. */
void source_texts_clear(struct policy_text *text, unsigned n);
void source_texts_free(struct policy_text *text, unsigned n);

#endif
