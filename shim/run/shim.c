/* Finds the shim library and checks that the loader will preload it. */
#include "shim/run/shim.h"

#include "shim/run/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef BTNS_LIBDIR
#define BTNS_LIBDIR "/usr/lib/btns"
#endif

static int shim_unusable(struct err *err, const char *path, const char *why)
{
    err_set(err, "the shim %.250s %s", path, why);
    return -ELIBBAD;
}

/*
 * Can the library be mapped for execution? A file system mounted noexec forbids that, for example.
 */
static bool can_shim_be_mapped(int fd)
{
    void *p = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return false;
    munmap(p, 1);
    return true;
}

static int examine_shim(int fd, struct elf_facts *elf)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return -EINVAL;
    const struct elf_source source = elf_source_file(fd, (uint64_t)st.st_size);
    return elf_examine(&source, elf);
}

/* The machine that btns-run is built for, which is also the shim's. */
static int shim_own_machine(uint16_t *machine)
{
    struct elf_facts elf = {0};
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int ret = fd < 0 ? -errno : examine_shim(fd, &elf);
    if (fd >= 0)
        close(fd);
    *machine = elf.machine;
    return ret;
}

static int check_shim_library(struct shim *s, int fd, struct err *err)
{
    struct elf_facts elf;
    if (shim_own_machine(&s->machine)) {
        err_set(err, "cannot examine btns-run itself: is /proc mounted?");
        return -ENOENT;
    }
    int ret = examine_shim(fd, &elf);
    if (ret == -EINVAL)
        return shim_unusable(err, s->path, "is not a regular file");
    if (ret || !elf.native || elf.machine != s->machine || elf.type != ET_DYN || !elf.dynamic ||
        elf.truncated)
        return shim_unusable(err, s->path,
                             "is damaged or of another architecture: install btns again");
    if (!can_shim_be_mapped(fd))
        return shim_unusable(err, s->path,
                             "cannot be mapped for execution (a file system mounted noexec?)");
    return 0;
}

/*
 * Refuses a path with one of LD_PRELOAD's separators or the sign that begins a token ($ORIGIN), see
 * ld.so(8).
 */
static int check_shim_name(const struct shim *s, struct err *err)
{
    if (strpbrk(s->path, " :$"))
        return shim_unusable(err, s->path,
                             "has a space, a colon or a dollar sign in its path, which LD_PRELOAD "
                             "cannot carry: put btns into another directory");
    return 0;
}

/*
 * Returns the first file that exists, as an absolute path without symbolic links: the program may
 * change its directory.
 */
static int locate_shim(char path[PATH_MAX])
{
    static const char *const beside[] = {"/" SHIM_NAME, "/../lib/btns/" SHIM_NAME};
    char self[PATH_MAX], candidate[PATH_MAX + sizeof "/../lib/btns/" SHIM_NAME];

    if (realpath("/proc/self/exe", self)) {
        *strrchr(self, '/') = '\0';
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
            snprintf(candidate, sizeof candidate, "%s%s", self, beside[i]);
            if (realpath(candidate, path))
                return 0;
        }
    }
    return realpath(BTNS_LIBDIR "/" SHIM_NAME, path) ? 0 : -errno;
}

int shim_find(struct shim *s, struct err *err)
{
    int ret = locate_shim(s->path);
    if (ret) {
        err_set(err,
                "the shim " SHIM_NAME " is neither beside btns-run, nor in ../lib/btns from there, "
                "nor in " BTNS_LIBDIR ": install btns again");
        return ret;
    }
    ret = check_shim_name(s, err);
    if (ret)
        return ret;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return shim_unusable(err, s->path, "is not readable");
    ret = check_shim_library(s, fd, err);
    close(fd);
    return ret;
}
