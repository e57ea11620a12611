/*
 * A reader's task as octets: btnsd writes it, for a reader that is not btnsd's child. It has a
 * head, then items in the host's byte order: texts to be read, or names to be looked up.
 */
#ifndef BTNS_RULES_READ_READER_TASK_H
#define BTNS_RULES_READ_READER_TASK_H

#include "btnsd/rules/read/lookup.h"

#include <stdbool.h>

#define TASK_MAX (32u << 20) /* octets */

/* 0 or -ENOMEM. */
int task_of_texts(const struct policy_text *text, unsigned n, struct policy_stream *task);
int task_of_names(const struct lookups *l, struct policy_stream *task);
/* Does the task look up names, so that it has to open files and sockets? */
bool task_opens_files(const struct policy_stream *task);
/* Does the task: 0, -EBADMSG if the octets are not a task, -ENOMEM. */
int task_perform(const struct policy_stream *task, struct policy_stream *out);

#endif
