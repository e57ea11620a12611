/*
 * Enters a user and a network namespace of its own, for the self-test, so that no privilege is
 * needed.
 */
#include "btnsd/ctl/audit/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool private_netns_write_id_map(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return ok;
}

/* Becomes the namespace's root, which owns the files of /proc/sys/net. */
static bool private_netns_be_root(uid_t uid, gid_t gid)
{
    char users[32], groups[32];
    snprintf(users, sizeof users, "0 %u 1", uid);
    snprintf(groups, sizeof groups, "0 %u 1", gid);
    return private_netns_write_id_map("/proc/self/uid_map", users) &&
           private_netns_write_id_map("/proc/self/setgroups", "deny") &&
           private_netns_write_id_map("/proc/self/gid_map", groups);
}

static bool set_netns_loopback_up(void)
{
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &r);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool private_netns_enter(struct err *err)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    bool own_users = !unshare(CLONE_NEWUSER);
    int error = errno;
    /* Root can do without a user namespace, where those are switched off. */
    if ((own_users && !private_netns_be_root(uid, gid)) || unshare(CLONE_NEWNET)) {
        err_set(err,
                "no private user and network namespace for the self-test: %s (is "
                "user.max_user_namespaces 0, or are they forbidden by AppArmor or seccomp?); root "
                "needs none",
                strerror(own_users ? errno : error));
        return false;
    }
    if (set_netns_loopback_up())
        return true;
    err_set(err, "the loopback link of the private network namespace: %s", strerror(errno));
    return false;
}

void private_netns_settings(const struct settings *host, struct err *unlike)
{
    for (unsigned i = 0; i < setting_rows_n; i++) {
        char now[SETTING_VALUE];
        const char *name = setting_rows[i].name, *wanted = host->value[i];
        if (!setting_rows[i].copied || !setting_read_sysctl(name, now) || !strcmp(now, wanted))
            continue;
        if (!setting_write_sysctl(name, wanted) && !*unlike->text)
            err_set(unlike, "%s is %s in the self-test, not %s as on the host: %s", name, now,
                    wanted, strerror(errno));
    }
}
