/*
 * Checks whether the program's pointers can be read and written. The kernel reads the length of a
 * socket option before it looks at the option's number: so getsockopt() of an option that does not
 * exist tells whether memory at that length's address can be read, and changes nothing. That costs
 * a system call, which a warm connect() or a datagram must not make. So memory that certainly
 * exists is recognised by its address:
 * - the stack from this call's frame upwards, as far as an earlier check found it readable;
 * - the main program's own writable data;
 * - the heap that brk() makes.
 */
#include "shim/memory.h"

#include "shim/raw.h"

#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { PAGE_BITS = 12, COUNT_BITS = 12, STACK_MOST = 16384, HEAP_PAGES = 1024, NO_OPTION = -1 };
#define PAGE ((uintptr_t)1 << PAGE_BITS)

struct span {
    uintptr_t begin, end;
};

static struct span data, heap; /* heap.end is not used: brk() tells the present end */

/*
 * The part of this thread's stack that is known to be readable: its first page, and the number of
 * pages. It is one word because a signal handler may run on another stack.
 */
static __thread uint64_t stack __attribute__((tls_model("initial-exec")));

static bool memory_span_has(struct span s, uintptr_t at, size_t len)
{
    return at >= s.begin && at < s.end && len <= s.end - at;
}

static struct span memory_known_stack(void)
{
    uint64_t word = __atomic_load_n(&stack, __ATOMIC_RELAXED);
    uintptr_t begin = (uintptr_t)(word >> COUNT_BITS) << PAGE_BITS;
    return (struct span){begin, begin + ((word & ((1u << COUNT_BITS) - 1)) << PAGE_BITS)};
}

/* Below the frame nothing counts: functions that return give that part back. */
static bool is_memory_on_stack(uintptr_t at, size_t len, uintptr_t frame)
{
    struct span s = memory_known_stack();
    return frame >= s.begin && at >= frame && memory_span_has(s, at, len);
}

static struct span memory_heap_now(void)
{
    return (struct span){heap.begin, (uintptr_t)sbrk(0)}; /* no system call: libc knows it */
}

static bool is_memory_sure(uintptr_t at, size_t len, uintptr_t frame)
{
    return is_memory_on_stack(at, len, frame) || memory_span_has(data, at, len) ||
           (heap.begin && memory_span_has(memory_heap_now(), at, len));
}

bool memory_is_sure(const void *at, size_t len)
{
    return is_memory_sure((uintptr_t)at, len, (uintptr_t)__builtin_frame_address(0));
}

/* The kernel reads an int. One at `at` must not cross into the next page, which may be unmapped. */
static bool is_memory_readable(int fd, uintptr_t at)
{
    long rc = RAW(getsockopt, fd, SOL_SOCKET, NO_OPTION, NULL, at);
    return rc != -EFAULT && rc != -EBADF && rc != -ENOTSOCK;
}

static bool is_memory_range_readable(int fd, uintptr_t at, size_t len)
{
    if (len <= sizeof(int))
        return is_memory_readable(fd, len < sizeof(int) ? at & ~(sizeof(int) - 1) : at);
    uintptr_t last = at + len - sizeof(int);
    return is_memory_readable(fd, at) && ((at ^ (last + 3)) < PAGE || is_memory_readable(fd, last));
}

/* The first and the last page are readable already; this checks the pages between them. */
static bool are_memory_pages_readable(int fd, uintptr_t frame, uintptr_t at)
{
    for (uintptr_t p = (frame & ~(PAGE - 1)) + PAGE; p < (at & ~(PAGE - 1)); p += PAGE)
        if (!is_memory_readable(fd, p))
            return false;
    return true;
}

/*
 * Widens the known part of the stack, or replaces it when the thread runs on another stack (a
 * signal handler's, a coroutine's).
 */
static void keep_memory_stack(struct span found)
{
    struct span s = memory_known_stack();
    found.begin &= ~(PAGE - 1);
    found.end = (found.end + PAGE - 1) & ~(PAGE - 1);
    if (found.begin <= s.end && s.begin <= found.end) {
        found.begin = s.begin < found.begin ? s.begin : found.begin;
        found.end = s.end > found.end ? s.end : found.end;
    }
    uint64_t pages = (found.end - found.begin) >> PAGE_BITS;
    if (pages < 1u << COUNT_BITS)
        __atomic_store_n(&stack, (uint64_t)(found.begin >> PAGE_BITS) << COUNT_BITS | pages,
                         __ATOMIC_RELAXED);
}

/*
 * Checks the memory. If it is on the stack, all of the stack up to it is checked, so that the next
 * call on this stack costs nothing.
 */
static bool may_read_memory(int fd, uintptr_t at, size_t len, uintptr_t frame)
{
    if (is_memory_sure(at, len, frame))
        return true;
    if (at + len < at || !is_memory_range_readable(fd, at, len))
        return false;
    if (at >= frame && at - frame <= STACK_MOST && are_memory_pages_readable(fd, frame, at))
        keep_memory_stack((struct span){frame, at + len});
    return true;
}

bool memory_read(int fd, void *to, const void *from, size_t len)
{
    if (!may_read_memory(fd, (uintptr_t)from, len, (uintptr_t)__builtin_frame_address(0)))
        return false;
    memcpy(to, from, len);
    return true;
}

/*
 * The kernel writes an option's value to `to`, or fails with EFAULT; then the real value is stored.
 * If fd is no socket any more the kernel cannot tell, but then the structure around `to` has been
 * read before.
 */
bool memory_write(int fd, unsigned *to, unsigned value)
{
    socklen_t len = sizeof *to;
    if (!memory_is_sure(to, sizeof *to) &&
        RAW(getsockopt, fd, SOL_SOCKET, SO_TYPE, to, &len) == -EFAULT)
        return false;
    *to = value;
    return true;
}

/*
 * dl_iterate_phdr() reports the main program first. Its data that is read-only after relocation
 * (RELRO) is left out.
 */
static int find_memory_data(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    struct span s = {0, 0};
    uintptr_t fixed = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t at = (uintptr_t)info->dlpi_addr + p->p_vaddr, end = at + p->p_memsz;
        if (p->p_type == PT_LOAD && p->p_flags & PF_W)
            s = (struct span){at, end};
        if (p->p_type == PT_GNU_RELRO)
            fixed = (end + PAGE - 1) & ~(PAGE - 1);
    }
    if (fixed > s.begin)
        s.begin = fixed;
    if (s.begin < s.end)
        data = s;
    return 1;
}

/*
 * madvise() fails for a page that is not mapped. MADV_NORMAL changes nothing. mincore() would do as
 * well, but systemd's SystemCallFilter=@system-service kills a service that calls it.
 */
static bool is_memory_mapped(uintptr_t page)
{
    return RAW(madvise, page, PAGE, MADV_NORMAL) == 0;
}

/* The heap may be in use already, so its beginning is searched for. */
static void find_memory_heap(void)
{
    uintptr_t at = (uintptr_t)sbrk(0) & ~(PAGE - 1);
    for (int i = 0; i < HEAP_PAGES && at - PAGE >= data.end && is_memory_mapped(at - PAGE); i++)
        at -= PAGE;
    heap.begin = at;
}

__attribute__((constructor)) static void find_sure_memory(void)
{
    int saved = errno;
    dl_iterate_phdr(find_memory_data, NULL);
    find_memory_heap();
    errno = saved;
}
