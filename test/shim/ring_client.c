/*
 * An HTTP client that uses io_uring, and ordinary calls if the kernel has none, as real programs
 * do.
 *
 *     ring_client ADDRESS PORT [sqpoll]
 *     ring_client ADDRESS PORT under [sqpoll] COMMAND...
 *     ring_client ADDRESS PORT with RING PARAMETERS
 *
 * The first form prints the answer, and which way it used. The second sets up a ring and runs
 * COMMAND, which runs this program again. The third is that second run: it is passed the
 * descriptors of the ring and of its parameters.
 */
#include "test/shim/tool.h"

#include <liburing.h>
#include <sys/mman.h>

static struct io_uring ring;
static bool by_ring = true;

static int completed(void)
{
    struct io_uring_cqe *cqe;
    int rc = io_uring_submit_and_wait(&ring, 1);
    if (rc >= 0)
        rc = io_uring_wait_cqe(&ring, &cqe);
    if (rc < 0)
        errx(1, "no completion: %s", strerrorname_np(-rc));
    rc = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
    return rc;
}

static int result(int rc)
{
    return rc < 0 ? -errno : rc;
}

static int open_to(int fd, const struct place *to)
{
    if (!by_ring)
        return result(connect_place(fd, to));
    io_uring_prep_connect(io_uring_get_sqe(&ring), fd, (const struct sockaddr *)&to->ss, to->len);
    return completed();
}

static int send_all(int fd, const char *data, size_t size)
{
    if (!by_ring)
        return result((int)send(fd, data, size, MSG_NOSIGNAL));
    io_uring_prep_send(io_uring_get_sqe(&ring), fd, data, size, MSG_NOSIGNAL);
    return completed();
}

static int receive(int fd, char *data, size_t size)
{
    if (!by_ring)
        return result((int)recv(fd, data, size, 0));
    io_uring_prep_recv(io_uring_get_sqe(&ring), fd, data, size, 0);
    return completed();
}

static int fetch(const struct place *to)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    char answer[512];
    int fd = tcp_socket(to), rc = open_to(fd, to);
    fprintf(stderr, "connected by %s: %s\n", by_ring ? "io_uring" : "connect()",
            rc < 0 ? strerrorname_np(-rc) : "ok");
    if (rc < 0 || send_all(fd, request, sizeof request - 1) < 0)
        return 1;
    while ((rc = receive(fd, answer, sizeof answer)) > 0)
        fwrite(answer, 1, (size_t)rc, stdout);
    return rc < 0;
}

static int make_ring(struct io_uring_params *p, bool sqpoll)
{
    *p = (struct io_uring_params){.flags = sqpoll ? IORING_SETUP_SQPOLL : 0,
                                  .sq_thread_idle = 10000};
    return io_uring_queue_init_params(8, &ring, p);
}

/* Passes the ring and its parameters on to the next run of this program. */
static int hand_on(char **argv, char **command)
{
    struct io_uring_params p;
    char numbers[2][16], *next[32];
    bool sqpoll = *command && !strcmp(*command, "sqpoll");
    int rc = make_ring(&p, sqpoll), kept = memfd_create("parameters", 0), n = 0;
    if (rc < 0 || kept < 0 || write(kept, &p, sizeof p) != sizeof p)
        errx(77, "no ring: %s", rc < 0 ? strerrorname_np(-rc) : strerrorname_np(errno));
    fcntl(ring.ring_fd, F_SETFD, 0);
    for (command += sqpoll; *command && n < 24; command++)
        next[n++] = *command;
    snprintf(numbers[0], sizeof numbers[0], "%d", ring.ring_fd);
    snprintf(numbers[1], sizeof numbers[1], "%d", kept);
    char *const last[] = {argv[0], argv[1], argv[2], "with", numbers[0], numbers[1], NULL};
    memcpy(next + n, last, sizeof last);
    execvp(next[0], next);
    err(1, "exec");
}

static void take_over(int fd, int kept)
{
    struct io_uring_params p;
    if (pread(kept, &p, sizeof p, 0) != sizeof p || io_uring_queue_mmap(fd, &p, &ring))
        err(1, "the ring");
}

int main(int argc, char **argv)
{
    struct io_uring_params p;
    if (argc < 3)
        return 2;
    const struct place to = place_of(argv[1], argv[2]);
    const char *how = argc > 3 ? argv[3] : "";
    if (!strcmp(how, "under"))
        return hand_on(argv, argv + 4);
    if (!strcmp(how, "with") && argc == 6)
        take_over(atoi(argv[4]), atoi(argv[5]));
    else
        by_ring = make_ring(&p, !strcmp(how, "sqpoll")) == 0;
    return fetch(&to);
}
