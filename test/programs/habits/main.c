/*
 * Unusual things that programs do with descriptors and processes, each under a name. Prints the
 * result.
 *
 *     habits NAME HOST PORT
 */
#include "test/programs/habits/habits.h"

struct place server;
char **arguments;

int highest(void)
{
    int top = -1;
    for (int fd = 3; fd < 1100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            top = fd;
    return top;
}

void connect_wait_for_guard(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid || status)
        printf("child: %d\n", status);
}

const char *name_of(long rc)
{
    return rc < 0 ? strerrorname_np(errno) : "ok";
}

static const struct {
    const char *name;
    void (*run)(void);
} habits[] = {
    {"counts", counts},
    {"closes-all", closes_all},
    {"dups-over-all", dups_over_all},
    {"forks", forks},
    {"forks-by-number", forks_by_number},
    {"vforks", vforks},
    {"connects-in-vfork", connects_in_vfork},
    {"execs", execs},
    {"lists", lists},
    {"clears-environment", clears_environment},
    {"closes-standard", closes_standard},
    {"replaces-stderr", replaces_stderr},
    {"has-socket-as-stderr", has_socket_as_stderr},
    {"breaks-stderr", breaks_stderr},
    {"has-none-left", has_none_left},
    {"has-few", has_few},
    {"grows-no-file", grows_no_file},
    {"leaves-its-network", leaves_its_network},
    {"binds-oddly", binds_oddly},
    {"clones-into-another-network", clones_into_another_network},
    {"pipes-where-stderr-was", pipes_where_stderr_was},
    {"opens-late", opens_late},
    {"listens-late", listens_late},
    {"calls-by-number", calls_by_number},
    {"runs-remotely", runs_remotely},
    {"is-sandboxed", is_sandboxed},
    {"changes-root", changes_root},
    {"changes-root-and-closes", changes_root_and_closes},
    {"changes-root-in-a-child", changes_root_in_a_child},
    {"changes-user-namespace", changes_user_namespace},
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 4)
        errx(2, "usage: habits NAME HOST PORT");
    arguments = argv;
    server = place_of(argv[2], argv[3]);
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (!strcmp(argv[1], habits[i].name)) {
            habits[i].run();
            return 0;
        }
    errx(2, "what is %s?", argv[1]);
}
