/*
 * Finds which processes of a unit have the shim, by the unit's control group and each process's
 * memory map.
 */
#include "btnsd/ctl/cover/shim_in_unit.h"

#include "btnsd/ctl/cover/systemctl.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool has_shim(long pid)
{
    char path[64], line[1024];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%ld/maps", pid);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = strstr(line, "/libbtns-shim.so");
    if (f)
        fclose(f);
    return found;
}

static struct unit_processes count_shim_processes(const char *cgroup)
{
    char path[PATH_MAX];
    long pid;
    struct unit_processes n = {0};
    snprintf(path, sizeof path, "/sys/fs/cgroup%.3000s/cgroup.procs", cgroup);
    FILE *f = fopen(path, "re");
    while (f && fscanf(f, "%ld", &pid) == 1) {
        n.all++;
        n.with_shim += has_shim(pid);
    }
    if (f)
        fclose(f);
    return n;
}

struct unit_processes shim_in_unit(const char *unit, unsigned seconds)
{
    char cgroup[PATH_MAX];
    const char *argv[] = {"systemctl", "show", "--property=ControlGroup", "--value", "--",
                          unit,        NULL};
    const struct timespec pause = {.tv_nsec = 100000000};
    struct unit_processes n = {0};
    for (unsigned i = 0; i <= seconds * 10 && !n.with_shim; i++) {
        if (i)
            nanosleep(&pause, NULL);
        if (systemctl_run(argv, false, cgroup, sizeof cgroup))
            return n;
        cgroup[strcspn(cgroup, "\n")] = '\0';
        if (*cgroup)
            n = count_shim_processes(cgroup);
        else
            return (struct unit_processes){0};
    }
    return n;
}
