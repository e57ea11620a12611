/* Reads the policy files that a command is given, or the host's own. */
#ifndef BTNS_CTL_POLICY_FILES_H
#define BTNS_CTL_POLICY_FILES_H

#include "btnsd/rules/files/source.h"

struct policy_files {
    struct policy_text *text; /* room for POLICY_FILES_MAX */
    unsigned n;
};

/*
 * Reads the n files and directories; without any, the administrator's policy over the vendor's, as
 * btnsd does. 0, or -errno with err. The caller calls source_texts_free(t->text, t->n) in either
 * case.
 */
int policy_files_read(struct policy_files *t, const char *const *path, int n, struct err *err);

#endif
