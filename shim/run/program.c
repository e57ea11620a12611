/* Finds the program to run and the ELF file that the kernel would execute for it. */
#include "shim/run/program.h"

#include "libapi/tool/find.h"
#include "shim/run/exits.h"
#include "shim/run/script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * The kernel follows this many #! lines, one after the other, then fails with ELOOP (exec_binprm).
 */
#define SCRIPTS_MAX 5

static int program_cannot_run(struct err *err, const char *path, const char *why)
{
    err_set(err, "%.250s: %.255s", path, why);
    return EXIT_CANNOT_RUN;
}

/* Fills in everything except the ELF facts. */
static int gather_program_evidence(int fd, const struct stat *st, uint16_t machine,
                                   struct evidence *e)
{
    struct statvfs vfs;
    if (fstatvfs(fd, &vfs))
        return -errno;
    *e = (struct evidence){
        .mode = st->st_mode,
        .owner = st->st_uid,
        .group = st->st_gid,
        .nosuid = vfs.f_flag & ST_NOSUID,
        .capabilities = fgetxattr(fd, "security.capability", NULL, 0) > 0,
        .no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
        .uid = getuid(),
        .euid = geteuid(),
        .gid = getgid(),
        .egid = getegid(),
        .machine = machine,
    };
    return 0;
}

static int judge_program(struct program *p, const char *path, struct err *err)
{
    char reason[REASON_MAX], why[REASON_MAX + 128];
    if (!refuse(&p->evidence, reason)) {
        if (realpath(path, p->image))
            return 0;
        return program_cannot_run(err, path, strerror(errno));
    }
    snprintf(why, sizeof why,
             "%s; it would run unprotected, so it is not run (btns-run(1), LIMITS)", reason);
    return program_cannot_run(err, path, why);
}

static int examine_program_image(struct program *p, const char *path, int fd, uint16_t machine,
                                 struct err *err)
{
    struct stat st;
    int ret = fstat(fd, &st) ? -errno : gather_program_evidence(fd, &st, machine, &p->evidence);
    if (ret)
        return program_cannot_run(err, path, strerror(-ret));
    const struct elf_source source = elf_source_file(fd, (uint64_t)st.st_size);
    ret = elf_examine(&source, &p->evidence.elf);
    if (ret == -ENOEXEC)
        return program_cannot_run(
            err, path,
            "neither an ELF program nor a script with #!; give its interpreter, as "
            "in: btns-run sh FILE");
    if (ret == -EBADMSG)
        return program_cannot_run(err, path, "a malformed or truncated ELF file");
    if (ret)
        return program_cannot_run(err, path, strerror(-ret));
    return judge_program(p, path, err);
}

/*
 * Examines one file of the chain. Returns 0 if it is an ELF file into which the shim can be
 * preloaded, -EAGAIN if it is a script (`next` is its interpreter), or an exit status. All facts
 * come from one descriptor. A user who replaces the file before the exec gains nothing: unsetting
 * LD_PRELOAD would do the same.
 */
static int examine_program_file(struct program *p, const char *path, uint16_t machine,
                                char next[SCRIPT_LINE], struct err *err)
{
    char line[SCRIPT_LINE];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        int error = errno;
        return program_cannot_run(err, path,
                                  error == EACCES ? "not readable, so it cannot be examined"
                                                  : strerror(error));
    }
    int ret;
    ssize_t n = pread(fd, line, sizeof line, 0);
    int script = n < 0 ? -errno : script_interpreter(line, (size_t)n, next);
    if (script > 0)
        ret = -EAGAIN;
    else if (n < 0)
        ret = program_cannot_run(err, path, strerror(-script));
    else if (script < 0)
        ret = program_cannot_run(err, path, "a script whose #! line names no interpreter");
    else
        ret = examine_program_image(p, path, fd, machine, err);
    close(fd);
    return ret;
}

static int follow_program_scripts(struct program *p, uint16_t machine, struct err *err)
{
    char path[PATH_MAX], interpreter[SCRIPT_LINE], why[SCRIPT_LINE + 64];
    struct err inner;

    strcpy(path, p->path);
    for (int scripts = 0;; scripts++) {
        int ret = examine_program_file(p, path, machine, interpreter, err);
        if (ret != -EAGAIN)
            return ret;
        if (scripts == SCRIPTS_MAX)
            return program_cannot_run(err, p->path, "too many scripts that interpret scripts");
        char name[SCRIPT_LINE + 2];
        /* PATH is not searched: a name without a slash is a file in the current directory. */
        snprintf(name, sizeof name, "%s%s", strchr(interpreter, '/') ? "" : "./", interpreter);
        if (find_program(name, path, &inner)) {
            snprintf(why, sizeof why, "its interpreter %s cannot be executed", interpreter);
            return program_cannot_run(err, p->path, why);
        }
    }
}

int program_examine(struct program *p, const char *name, uint16_t machine, struct err *err)
{
    int ret = find_program(name, p->path, err);
    if (ret)
        return ret == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
    return follow_program_scripts(p, machine, err);
}
