/* For habits/main.c: the server that the programs visit, and the habits by name. */
#ifndef BTNS_TEST_PROGRAMS_HABITS_HABITS_H
#define BTNS_TEST_PROGRAMS_HABITS_HABITS_H

#include "test/shim/tool.h"

#include <sys/wait.h>

extern struct place server;
extern char **arguments;

/* The highest descriptor that is open. */
int highest(void);
void connect_wait_for_guard(pid_t pid);
const char *name_of(long rc);

void counts(void);
void closes_all(void);
void dups_over_all(void);
void forks(void);
void forks_by_number(void);
void vforks(void);
void connects_in_vfork(void);
void execs(void);
void lists(void);
void clears_environment(void);
void closes_standard(void);
void replaces_stderr(void);
void has_socket_as_stderr(void);
void breaks_stderr(void);
void has_none_left(void);
void has_few(void);
void grows_no_file(void);
void leaves_its_network(void);
void binds_oddly(void);
void clones_into_another_network(void);
void pipes_where_stderr_was(void);
void opens_late(void);
void listens_late(void);
void calls_by_number(void);
void runs_remotely(void);
void is_sandboxed(void);
void changes_root(void);
void changes_root_and_closes(void);
void changes_root_in_a_child(void);
void changes_user_namespace(void);

#endif
