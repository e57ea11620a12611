/* What btnsd finds out by itself about who asks and about the socket that was passed. */
#ifndef BTNS_FACTS_H
#define BTNS_FACTS_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"

#include <sys/socket.h>
#include <sys/types.h>

/* The executable's absolute path; false when the process is gone or not to be seen. */
bool facts_program(pid_t pid, char *path, size_t size);
/* All of its groups, behind the first, which is known; false: they cannot be read, or are more. */
bool facts_groups(pid_t pid, gid_t *gid, size_t max, size_t *n);
/* Its control group's path in the unified hierarchy, else in systemd's; "" where there is none at
 * all. False: as above. */
bool facts_cgroup(pid_t pid, char *path, size_t size);
/* Its effective ids now. expected: its uid if nothing has changed, which is quick to see. */
bool facts_ids(pid_t pid, uid_t expected, uid_t *uid, gid_t *gid);
/* Does the process of this number live, and was it there `ms` ago? */
bool facts_process_lives(pid_t pid, uint64_t ms);

struct socket_facts {
    int family;   /* AF_INET, AF_INET6 */
    int protocol; /* as in IP headers; one that btns protects */
    uint64_t cookie;
    uint32_t mark;
    int ifindex; /* SO_BINDTODEVICE, or 0 */
    bool v6only;
    uint8_t tos;            /* IP_TOS or IPV6_TCLASS */
    struct btns_addr local; /* as bound; any, port 0: not bound */
};

/* 0 or -errno; err says what is wrong with the socket. */
int facts_socket(int fd, struct socket_facts *f, struct err *err);

#endif
