/*
 * A reader's task as octets: btnsd writes it, and a reader that is no child of btnsd's does it. It
 * is a head, then items in the host's byte order: texts to be read, or names to be looked up.
 */
#ifndef BTNS_RULES_READ_READER_TASK_H
#define BTNS_RULES_READ_READER_TASK_H

#include "btnsd/rules/read/lookup.h"

#include <stdbool.h>

#define TASK_MAX (32u << 20) /* octets */

/* 0 or -ENOMEM. */
int task_of_texts(const struct policy_text *text, unsigned n, struct policy_stream *task);
int task_of_names(const struct lookups *l, struct policy_stream *task);
/* Is this a task with names, for which files and sockets have to be opened? */
bool task_opens_files(const struct policy_stream *task);
/* Does it: 0, -EBADMSG if the octets are no task, -ENOMEM. */
int task_perform(const struct policy_stream *task, struct policy_stream *out);

#endif
