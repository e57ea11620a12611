/*
 * close() and its relatives. If a non-blocking connection of the socket has failed, this is the
 * last moment to print why; and btnsd learns that the program does not wait for the outcome any
 * more.
 */
#include "shim/calls.h"
#include "shim/known.h"
#include "shim/pending.h"
#include "shim/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>

static void forget_closed(unsigned first, unsigned last)
{
    known_forget(first, last);
    if (!pending_any())
        return;
    int saved = errno;
    pending_closing(first, last);
    errno = saved;
}

int shim_close(int fd)
{
    forget_closed((unsigned)fd, (unsigned)fd);
    return REAL(close, fd);
}

int shim___close(int fd)
{
    return shim_close(fd);
}

int shim_fclose(FILE *stream)
{
    int saved = errno, fd = stream ? fileno(stream) : -1;
    errno = saved;
    if (fd >= 0)
        forget_closed((unsigned)fd, (unsigned)fd);
    return REAL(fclose, stream);
}

int shim__IO_fclose(FILE *stream)
{
    return shim_fclose(stream);
}

void shim_closefrom(int from)
{
    forget_closed(from < 0 ? 0u : (unsigned)from, UINT_MAX);
    REAL(closefrom, from);
}

int shim_close_range(unsigned first, unsigned last, int flags)
{
    if ((unsigned)flags & CLOSE_RANGE_UNSHARE)
        known_give_up();
    if (!((unsigned)flags & CLOSE_RANGE_CLOEXEC))
        forget_closed(first, last);
    return REAL(close_range, first, last, flags);
}

/* dup2() closes the file on the new number, unless the old number is not open. */
static void close_replaced(int old, int new)
{
    if (old != new &&new >= 0)
        known_forget((unsigned)new, (unsigned)new);
    if (pending_any() && old != new &&RAW(fcntl, old, F_GETFD) >= 0)
        forget_closed((unsigned)new, (unsigned)new);
}

int shim_dup2(int old, int new)
{
    close_replaced(old, new);
    return REAL(dup2, old, new);
}

int shim___dup2(int old, int new)
{
    return shim_dup2(old, new);
}

int shim_dup3(int old, int new, int flags)
{
    close_replaced(old, new);
    return REAL(dup3, old, new, flags);
}
