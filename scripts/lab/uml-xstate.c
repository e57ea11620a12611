/*
 * Preloaded into linux.uml: the XSAVE areas (x87 to AMX registers) of the lab's processes.
 *
 * linux.uml reads a process's area at each of its system calls and page faults, and writes it back
 * before the process goes on, mostly unchanged. Writing costs the host a tenth of all that a lab
 * does, so an area that the process has already is not written.
 *
 * On processors whose area is larger than linux.uml knows (AMX), it writes the part that it has
 * read, and Linux takes the area only whole: "ptrace set fp regs failed, errno = 14". The rest is
 * the state of registers that no process in the lab uses, and is left at its initial value.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define LARGEST (64 * 1024)
#define KNOWN   64   /* processes whose area is remembered */
#define PART    4096 /* larger than what linux.uml reads of an area */

typedef long ptrace_call(enum __ptrace_request, pid_t, void *, void *);
static ptrace_call *real_ptrace;

/* Not on the stack, which is small in linux.uml; it does one such call at a time. */
static char area[LARGEST];
static size_t area_size;

/* What a stopped process has in its registers, by its process id. */
static struct known {
    pid_t pid; /* 0: nothing is known */
    size_t size;
    char area[PART];
} known[KNOWN];

__attribute__((constructor)) static void find_ptrace(void)
{
    real_ptrace = (ptrace_call *)dlsym(RTLD_NEXT, "ptrace");
}

static struct known *known_of(pid_t pid)
{
    return &known[(unsigned)pid % KNOWN];
}

static void forget(pid_t pid)
{
    if (known_of(pid)->pid == pid)
        known_of(pid)->pid = 0;
}

static void remember(pid_t pid, const struct iovec *part)
{
    struct known *k = known_of(pid);
    k->pid = 0;
    if (part->iov_len > sizeof k->area)
        return;
    memcpy(k->area, part->iov_base, part->iov_len);
    k->size = part->iov_len;
    k->pid = pid;
}

static bool has_already(pid_t pid, const struct iovec *part)
{
    const struct known *k = known_of(pid);
    return k->pid == pid && k->size == part->iov_len &&
           !memcmp(k->area, part->iov_base, part->iov_len);
}

/* The size that Linux expects; 0: unknown. */
static size_t whole_size(pid_t pid)
{
    struct iovec all = {area, sizeof area};
    if (!area_size && !real_ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &all))
        area_size = all.iov_len;
    return area_size;
}

static long set_whole(pid_t pid, const struct iovec *part)
{
    size_t size = whole_size(pid);
    struct iovec all = {area, size};
    if (part->iov_len >= size)
        return real_ptrace(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, (void *)part);
    memcpy(area, part->iov_base, part->iov_len);
    memset(area + part->iov_len, 0, size - part->iov_len);
    return real_ptrace(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, &all);
}

static long set_xstate(pid_t pid, const struct iovec *part)
{
    if (has_already(pid, part))
        return 0;
    forget(pid);
    long rc = set_whole(pid, part);
    if (!rc)
        remember(pid, part);
    return rc;
}

static long get_xstate(pid_t pid, struct iovec *part)
{
    long rc = real_ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, part);
    if (!rc)
        remember(pid, part);
    return rc;
}

/*
 * Does the request leave the process's registers as they are? Any other request may let the process
 * run, or be about a new process with the same id.
 */
static bool leaves_xstate(enum __ptrace_request request)
{
    return request == PTRACE_GETREGS || request == PTRACE_SETREGS;
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list ap;
    va_start(ap, request);
    pid_t pid = va_arg(ap, pid_t);
    void *addr = va_arg(ap, void *), *data = va_arg(ap, void *);
    va_end(ap);
    if (!real_ptrace) {
        errno = ENOSYS;
        return -1;
    }
    if (request == PTRACE_SETREGSET && addr == (void *)NT_X86_XSTATE)
        return set_xstate(pid, data);
    if (request == PTRACE_GETREGSET && addr == (void *)NT_X86_XSTATE)
        return get_xstate(pid, data);
    if (!leaves_xstate(request))
        forget(pid);
    return real_ptrace(request, pid, addr, data);
}
