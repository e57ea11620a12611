/* Gives the supervisor's thread the caller's capabilities for a call, and no more (rights.h). */
#include "shim/supervise/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool are_rights_of_our_userns(const struct caller *c)
{
    char path[48];
    struct stat theirs, ours;
    snprintf(path, sizeof path, "/proc/%u/ns/user", c->call.pid);
    return !stat(path, &theirs) && !stat("/proc/self/ns/user", &ours) &&
           theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

/* The caller's effective capabilities; 0: none, or they cannot be read. */
static unsigned long long callers_rights(const struct caller *c)
{
    char text[4096];
    unsigned long long all = 0;
    caller_proc_read((pid_t)c->call.pid, "status", text, sizeof text);
    const char *line = strstr(text, "\nCapEff:");
    if (!line || sscanf(line, "\nCapEff: %llx", &all) != 1 || !are_rights_of_our_userns(c))
        return 0;
    return caller_waits(c) ? all : 0;
}

/* capset(2) changes one thread only. */
static bool set_effective_rights(unsigned long long wanted)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &head, data))
        return false;
    if (!(data[0].permitted | data[1].permitted))
        return true;
    for (int i = 0; i < 2; i++)
        data[i].effective = data[i].permitted & (unsigned)(wanted >> (32 * i));
    return !syscall(SYS_capset, &head, data);
}

bool rights_lower(const struct caller *c)
{
    return set_effective_rights(callers_rights(c));
}

void rights_restore(void)
{
    const int saved = errno;
    set_effective_rights(~0ull);
    errno = saved;
}
