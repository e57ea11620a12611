/*
 * Who reads texts and looks names up for btnsd. Where the service manager listens at a socket for
 * it, a process of another user that it starts for each task, so that btnsd needs no privilege to
 * change or to end a process of another user. Elsewhere a child (child.h), which btnsd makes
 * another user's itself. Either way the answer is not trusted.
 */
#ifndef BTNS_RULES_READ_READER_H
#define BTNS_RULES_READ_READER_H

#include "btnsd/rules/read/child.h"
#include "btnsd/rules/read/lookup.h"

/* From now on, readers are asked for at this socket, while somebody listens there. */
void reader_at(const char *socket_path);
/* As policy_child() and policy_child_start(): reads the texts. */
int reader_read(const struct policy_text *text, unsigned n, struct policy_stream *out,
                struct err *err);
int reader_read_start(const struct policy_text *text, unsigned n, struct policy_child_process *c);
/* As policy_lookup_child() and policy_lookup_child_start(): looks the names up. */
int reader_look_up(struct lookups *l, struct policy_stream *out, struct err *err);
int reader_look_up_start(struct lookups *l, struct policy_child_process *c);

/*
 * The other side: does the one task that comes over the connection fd, confined, and ends the
 * process. Returns, with an exit status, only if no task came or it could not be confined.
 */
int reader_serve(int fd);

#endif
