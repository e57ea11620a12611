/* Reads from /proc which UDP ports are in use, the interface of the default route, and MTUs. */
#include "btnsd/ctl/lint/ports.h"

#include <dirent.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Finds sockets bound to the port; returns how many, and stores the inodes of the first `max`. */
static size_t find_port_sockets(unsigned port, unsigned long *inode, size_t max)
{
    static const char *const tables[] = {"/proc/net/udp", "/proc/net/udp6"};
    char line[512];
    size_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        FILE *f = fopen(tables[i], "re");
        while (f && fgets(line, sizeof line, f)) {
            unsigned local;
            unsigned long number;
            if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %*s %*s %lu", &local,
                       &number) != 2 ||
                local != port)
                continue;
            if (n < max)
                inode[n] = number;
            n++;
        }
        if (f)
            fclose(f);
    }
    return n;
}

bool ports_udp_taken(unsigned port)
{
    return find_port_sockets(port, NULL, 0) > 0;
}

static bool ports_process_has(DIR *fds, const char *dir, unsigned long inode)
{
    char path[PATH_MAX], target[64], want[64];
    snprintf(want, sizeof want, "socket:[%lu]", inode);
    rewinddir(fds);
    for (const struct dirent *e; (e = readdir(fds));) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        ssize_t n = readlink(path, target, sizeof target - 1);
        if (n > 0 && (size_t)n == strlen(want) && !memcmp(target, want, (size_t)n))
            return true;
    }
    return false;
}

bool ports_udp_held_by(unsigned port, pid_t pid)
{
    unsigned long inode[16];
    size_t n = find_port_sockets(port, inode, 16);
    char dir[64];
    bool all = true;
    snprintf(dir, sizeof dir, "/proc/%d/fd", (int)pid);
    DIR *fds = opendir(dir);
    for (size_t i = 0; fds && i < n && i < 16; i++)
        all = all && ports_process_has(fds, dir, inode[i]);
    if (fds)
        closedir(fds);
    return all;
}

static bool ports_default_interface(char *name, size_t size)
{
    char line[256], interface[32];
    unsigned destination, mask;
    bool found = false;
    FILE *f = fopen("/proc/net/route", "re");
    while (f && !found && fgets(line, sizeof line, f))
        if (sscanf(line, "%31s %x %*x %*x %*d %*d %*d %x", interface, &destination, &mask) == 3 &&
            !destination && !mask) {
            snprintf(name, size, "%s", interface);
            found = true;
        }
    if (f)
        fclose(f);
    return found;
}

bool ports_default_tunnel(char *name, size_t size)
{
    /* ARPHRD_PPP, _TUNNEL, _TUNNEL6, _IPGRE, _NONE (tun, WireGuard, xfrm interfaces) */
    static const int tunnels[] = {512, 768, 769, 778, 65534};
    struct ifreq r = {0};
    if (!ports_default_interface(name, size))
        return false;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    bool known = fd >= 0 && !ioctl(fd, SIOCGIFHWADDR, &r);
    if (fd >= 0)
        close(fd);
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++)
        if (known && r.ifr_hwaddr.sa_family == tunnels[i])
            return true;
    return false;
}

static unsigned ports_interface_mtu(int fd, const char *interface)
{
    struct ifreq r = {0};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
    if (ioctl(fd, SIOCGIFFLAGS, &r) || !(r.ifr_flags & IFF_UP) || r.ifr_flags & IFF_LOOPBACK ||
        ioctl(fd, SIOCGIFMTU, &r) || r.ifr_mtu < 0)
        return 0;
    return (unsigned)r.ifr_mtu;
}

unsigned ports_smallest_mtu(char *name, size_t size)
{
    unsigned smallest = 0;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct if_nameindex *all = fd < 0 ? NULL : if_nameindex();
    for (size_t i = 0; all && all[i].if_index; i++) {
        unsigned mtu = ports_interface_mtu(fd, all[i].if_name);
        if (!mtu || (smallest && mtu >= smallest))
            continue;
        smallest = mtu;
        snprintf(name, size, "%s", all[i].if_name);
    }
    if (all)
        if_freenameindex(all);
    if (fd >= 0)
        close(fd);
    return smallest;
}
