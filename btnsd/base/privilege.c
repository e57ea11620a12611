/* Checks whether a process may bypass the rules. */
#include "btnsd/base/privilege.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In a user namespace of its own a process may have every capability. */
static bool same_user_namespace(pid_t pid)
{
    char path[48], his[64] = "", ours[64] = "";
    snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
    ssize_t n = readlink(path, his, sizeof his - 1), m = readlink("/proc/self/ns/user", ours, 63);
    return n > 0 && n == m && !memcmp(his, ours, (size_t)n);
}

/* proc(5): "CapEff:" and 16 hexadecimal digits. */
static bool has_net_admin(pid_t pid)
{
    char path[32], line[256];
    uint64_t caps = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "CapEff: %" SCNx64, &caps) == 1)
            break;
    if (f)
        fclose(f);
    return caps >> CAP_NET_ADMIN & 1;
}

bool privilege_to_bypass(const struct ucred *who)
{
    return !who->uid || (who->pid > 0 && same_user_namespace(who->pid) && has_net_admin(who->pid));
}
