/*
 * Connects COUNT times and prints the outcome of each.
 *
 *     visitor HOST PORT [OPTION=VALUE...]
 *
 * count=N   between=COMMAND (before each connection but the first)   bind=1 (to HOST first)
 * mark=1 (route option)   nonblock=1   look=error|connect|close (how that one's outcome is learnt)
 * protocol=N   later=N (protocol, from the second connection on)   fastopen=1 timeout=MILLISECONDS
 * (SO_SNDTIMEO)   full=1 (PORT does not matter: to a listener of its own whose queue is full, and
 * which does not answer)
 */
#include "test/shim/tool.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>

static struct {
    const char *between, *look;
    int count, bind, mark, nonblock, protocol, later, fastopen, timeout, full;
} options = {.look = "error", .count = 1};

static void parse(const char *option)
{
    static const struct {
        const char *name;
        int *number;
        const char **text;
    } table[] = {
        {"count", &options.count, NULL},       {"between", NULL, &options.between},
        {"bind", &options.bind, NULL},         {"mark", &options.mark, NULL},
        {"nonblock", &options.nonblock, NULL}, {"look", NULL, &options.look},
        {"protocol", &options.protocol, NULL}, {"later", &options.later, NULL},
        {"fastopen", &options.fastopen, NULL}, {"timeout", &options.timeout, NULL},
        {"full", &options.full, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t len = strlen(table[i].name);
        if (strncmp(option, table[i].name, len) || option[len] != '=')
            continue;
        if (table[i].number)
            *table[i].number = atoi(option + len + 1);
        else
            *table[i].text = option + len + 1;
        return;
    }
    errx(2, "what is %s?", option);
}

static int prepare(const struct place *p)
{
    int fd = socket(p->ss.ss_family, SOCK_STREAM, options.protocol), on = 1;
    struct place own = *p;
    struct timeval limit = {options.timeout / 1000, options.timeout % 1000 * 1000L};
    ((struct sockaddr_in *)&own.ss)->sin_port = 0;
    if (fd < 0)
        err(1, "socket");
    if (options.bind && bind(fd, (struct sockaddr *)&own.ss, own.len) < 0)
        err(1, "bind");
    if (options.mark && setsockopt(fd, SOL_SOCKET, SO_DONTROUTE, &on, sizeof on) < 0)
        err(1, "SO_DONTROUTE");
    if (options.timeout && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
        err(1, "SO_SNDTIMEO");
    if (options.nonblock)
        fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static const char *name(int rc)
{
    return rc < 0 ? strerrorname_np(errno) : "ok";
}

static void print_so_error(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    printf("SO_ERROR %s\n", error ? strerrorname_np(error) : "0");
}

static void look_at_outcome(int fd, const struct place *p)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    printf("poll %d\n", poll(&poller, 1, 120000));
    if (!strcmp(options.look, "error"))
        print_so_error(fd);
    else if (!strcmp(options.look, "connect"))
        printf("%s\n", name(connect_place(fd, p)));
}

static void once(const struct place *p)
{
    int fd = prepare(p);
    int rc = options.fastopen ? (int)sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
                                            (const struct sockaddr *)&p->ss, p->len)
                              : connect_place(fd, p);
    printf("%s\n", name(rc));
    if (options.nonblock)
        look_at_outcome(fd, p);
    close(fd);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3)
        errx(2, "usage: visitor HOST PORT [OPTION=VALUE...]");
    for (int i = 3; i < argc; i++)
        parse(argv[i]);
    struct place p = options.full ? full_listener() : place_of(argv[1], argv[2]);
    for (int i = 0; i < options.count; i++) {
        if (i && options.between && system(options.between))
            errx(1, "%s failed", options.between);
        once(&p);
        options.protocol = options.later ? options.later : options.protocol;
    }
    return 0;
}
