/* The epoch page: clients see changes, and cannot write to it. TAP. */
#include "btnsd/server/epoch.h"
#include "libapi/wire/wire.h"
#include "test/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t page_size;

static void *map(int fd, int protection)
{
    void *p = mmap(NULL, page_size, protection, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

static int opened_again(int fd, int flags)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, flags | O_CLOEXEC);
}

/* Everything that a process with the descriptor can try, even root's. */
static void test_read_only(int fd, const struct btns_page *seen)
{
    uint64_t before = seen->epoch;
    check(!map(fd, PROT_READ | PROT_WRITE), "no writable mapping");
    void *look = map(fd, PROT_READ);
    check(look && mprotect(look, page_size, PROT_READ | PROT_WRITE), "nor one made so afterwards");
    munmap(look, page_size);
    int again = opened_again(fd, O_RDWR);
    check(again < 0 || !map(again, PROT_READ | PROT_WRITE), "nor of the file opened again");
    check(again < 0 || pwrite(again, "xxxxxxxx", 8, 0) < 0, "nor by write()");
    check(pwrite(fd, "xxxxxxxx", 8, 0) < 0, "nor by write() to what was passed");
    check(ftruncate(fd, 0) && (again < 0 || ftruncate(again, 0)), "it cannot be cut");
    check(ftruncate(fd, 1 << 20) && (again < 0 || fallocate(again, 0, 0, 1 << 20)),
          "nor made longer");
    check(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)page_size),
          "nor emptied");
    check(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) && (fcntl(fd, F_GET_SEALS) & F_SEAL_SEAL),
          "nor sealed any further");
    check(seen->epoch == before, "and nothing has changed");
    if (again >= 0)
        close(again);
}

static void test_epoch(void)
{
    struct epoch *e = epoch_new();
    const struct btns_page *seen = map(epoch_fd(e), PROT_READ);
    check(e && seen, "a client maps it");
    check(epoch_now(e) != 0 && seen->epoch == epoch_now(e), "it holds the epoch, which is not 0");
    uint64_t before = seen->epoch;
    epoch_move(e);
    check(seen->epoch == before + 1 && epoch_now(e) == before + 1, "the client sees it move");
    struct stat st;
    check(!fstat(epoch_fd(e), &st) && st.st_size == (off_t)page_size, "it is one page");
    check(fcntl(epoch_fd(e), F_GETFD) & FD_CLOEXEC, "no child inherits it");
    test_read_only(epoch_fd(e), seen);
    epoch_free(e);
    check(!(seen->owner & BTNS_PAGE_OWNER), "after the end btnsd is seen to be away");
    check(seen->epoch == 0, "after the end no cached verdict holds");
    epoch_free(NULL);
}

/* The page shows btnsd's death, however it dies. */
static void test_death(void)
{
    int fds[2], fd;
    if (pipe(fds))
        abort();
    pid_t child = fork();
    if (!child) {
        struct epoch *e = epoch_new();
        fd = e ? epoch_fd(e) : -1;
        if (write(fds[1], &fd, sizeof fd) != sizeof fd)
            _exit(1);
        pause();
    }
    int process = (int)syscall(SYS_pidfd_open, child, 0);
    bool told = read(fds[0], &fd, sizeof fd) == sizeof fd;
    fd = told ? (int)syscall(SYS_pidfd_getfd, process, fd, 0) : -1;
    const struct btns_page *seen = map(fd, PROT_READ);
    check(seen && (seen->owner & BTNS_PAGE_OWNER) == (uint32_t)child && seen->btnsd,
          "the page says that btnsd is there, and which one");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    check(seen && !(seen->owner & BTNS_PAGE_OWNER) && seen->epoch,
          "and when it was killed, that it is not");
}

int main(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    test_epoch();
    test_death();
    return check_end();
}
