/*
 * Has texts read and names looked up by another process. If the service manager listens at a socket
 * for that, it starts a process of another user for each task, so that btnsd needs no privilege to
 * change to another user or to end its processes. Otherwise btnsd makes a child (child.h), and
 * changes the child's user itself. Either way the answer is not trusted.
 */
#ifndef BTNS_RULES_READ_READER_H
#define BTNS_RULES_READ_READER_H

#include "btnsd/rules/read/child.h"
#include "btnsd/rules/read/lookup.h"

/* From now on, tasks are sent to this socket as long as somebody listens there. */
void reader_at(const char *socket_path);
/* Reads the texts, like policy_child() and policy_child_start(). */
int reader_read(const struct policy_text *text, unsigned n, struct policy_stream *out,
                struct err *err);
int reader_read_start(const struct policy_text *text, unsigned n, struct policy_child_process *c);
/* Looks the names up, like policy_lookup_child() and policy_lookup_child_start(). */
int reader_look_up(struct lookups *l, struct policy_stream *out, struct err *err);
int reader_look_up_start(struct lookups *l, struct policy_child_process *c);

/*
 * The reader's side: does the one task that comes over the connection fd, confined, and ends the
 * process. Returns an exit status only if no task came or the process could not be confined.
 */
int reader_serve(int fd);

#endif
