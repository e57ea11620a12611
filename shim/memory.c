/*
 * The kernel reads the length of an option before it looks at the option's number: getsockopt() of
 * an option that does not exist tells whether the place of that length can be read, and changes
 * nothing. It costs a system call, which a warm connect() and a datagram must not. So memory that
 * cannot fail to be there is recognised by its address:
 * - the stack from this call's frame upwards, as far as an earlier look has found it readable;
 * - what the main program may write to of its own file;
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

static struct span data, heap; /* the heap's end is where brk() is now */

/* Of the stack that this thread ran on last: the first page, and how many. One word, as a signal
 * handler may be on another stack. */
static __thread uint64_t stack __attribute__((tls_model("initial-exec")));

static bool has(struct span s, uintptr_t at, size_t len)
{
    return at >= s.begin && at < s.end && len <= s.end - at;
}

static struct span known_stack(void)
{
    uint64_t word = __atomic_load_n(&stack, __ATOMIC_RELAXED);
    uintptr_t begin = (uintptr_t)(word >> COUNT_BITS) << PAGE_BITS;
    return (struct span){begin, begin + ((word & ((1u << COUNT_BITS) - 1)) << PAGE_BITS)};
}

/* What lies below the frame is nobody's: it is given back when functions return. */
static bool is_on_stack(uintptr_t at, size_t len, uintptr_t frame)
{
    struct span s = known_stack();
    return frame >= s.begin && at >= frame && has(s, at, len);
}

static struct span heap_now(void)
{
    return (struct span){heap.begin, (uintptr_t)sbrk(0)}; /* no system call: libc knows it */
}

static bool is_sure(uintptr_t at, size_t len, uintptr_t frame)
{
    return is_on_stack(at, len, frame) || has(data, at, len) ||
           (heap.begin && has(heap_now(), at, len));
}

bool memory_is_sure(const void *at, size_t len)
{
    return is_sure((uintptr_t)at, len, (uintptr_t)__builtin_frame_address(0));
}

/* Four octets, which must not be spread over two pages that differ; at the end of a page they are
 * not. */
static bool is_readable(int fd, uintptr_t at)
{
    long rc = RAW(getsockopt, fd, SOL_SOCKET, NO_OPTION, NULL, at);
    return rc != -EFAULT && rc != -EBADF && rc != -ENOTSOCK;
}

static bool is_range_readable(int fd, uintptr_t at, size_t len)
{
    if (len <= sizeof(int))
        return is_readable(fd, len < sizeof(int) ? at & ~(sizeof(int) - 1) : at);
    uintptr_t last = at + len - sizeof(int);
    return is_readable(fd, at) && ((at ^ (last + 3)) < PAGE || is_readable(fd, last));
}

/* The frame's page is there, and so is the place's: those between them. */
static bool are_between_readable(int fd, uintptr_t frame, uintptr_t at)
{
    for (uintptr_t p = (frame & ~(PAGE - 1)) + PAGE; p < (at & ~(PAGE - 1)); p += PAGE)
        if (!is_readable(fd, p))
            return false;
    return true;
}

/* Other stacks are other threads', handlers' and coroutines'. */
static void keep_stack(struct span found)
{
    struct span s = known_stack();
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

/* A stack is looked at up to the place, so that the next one costs nothing. */
static bool may_read(int fd, uintptr_t at, size_t len, uintptr_t frame)
{
    if (is_sure(at, len, frame))
        return true;
    if (at + len < at || !is_range_readable(fd, at, len))
        return false;
    if (at >= frame && at - frame <= STACK_MOST && are_between_readable(fd, frame, at))
        keep_stack((struct span){frame, at + len});
    return true;
}

bool memory_read(int fd, void *to, const void *from, size_t len)
{
    if (!may_read(fd, (uintptr_t)from, len, (uintptr_t)__builtin_frame_address(0)))
        return false;
    memcpy(to, from, len);
    return true;
}

/*
 * The kernel writes an option's value there, or says that it cannot; what is meant comes after it.
 * If fd is no socket any more the kernel does not say: the structure around it was read, at least.
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

/* The main program comes first. What is read-only after relocation is not to be written to. */
static int find_data(struct dl_phdr_info *info, size_t size, void *arg)
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

/* The advice is the usual one, and changes nothing. Services may call this: mincore() would end
 * those with systemd's SystemCallFilter=@system-service. */
static bool is_mapped(uintptr_t page)
{
    return RAW(madvise, page, PAGE, MADV_NORMAL) == 0;
}

/* Some of the heap is in use already: its beginning is looked for. */
static void find_heap(void)
{
    uintptr_t at = (uintptr_t)sbrk(0) & ~(PAGE - 1);
    for (int i = 0; i < HEAP_PAGES && at - PAGE >= data.end && is_mapped(at - PAGE); i++)
        at -= PAGE;
    heap.begin = at;
}

__attribute__((constructor)) static void find_sure_memory(void)
{
    int saved = errno;
    dl_iterate_phdr(find_data, NULL);
    find_heap();
    errno = saved;
}
