/*
 * Preloaded into linux.uml, for processors whose register state is larger than it knows (AMX). It
 * writes back the part that it has read of a process's XSAVE area, and Linux takes the area only
 * whole: "ptrace set fp regs failed, errno = 14". The rest is the state of registers that no
 * process in the lab uses, and is left at its initial value.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define LARGEST (64 * 1024)

typedef long ptrace_call(enum __ptrace_request, pid_t, void *, void *);
static ptrace_call *real_ptrace;

/* Not on the stack, which is small in linux.uml; it does one such call at a time. */
static char area[LARGEST];
static size_t area_size;

__attribute__((constructor)) static void find_ptrace(void)
{
    real_ptrace = (ptrace_call *)dlsym(RTLD_NEXT, "ptrace");
}

/* The size that Linux wants; 0: unknown. */
static size_t whole_size(pid_t pid)
{
    struct iovec all = {area, sizeof area};
    if (!area_size && !real_ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &all))
        area_size = all.iov_len;
    return area_size;
}

static long set_xstate(pid_t pid, const struct iovec *part)
{
    size_t size = whole_size(pid);
    struct iovec all = {area, size};
    if (part->iov_len >= size)
        return real_ptrace(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, (void *)part);
    memcpy(area, part->iov_base, part->iov_len);
    memset(area + part->iov_len, 0, size - part->iov_len);
    return real_ptrace(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, &all);
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
    return real_ptrace(request, pid, addr, data);
}
