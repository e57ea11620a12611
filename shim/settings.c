/* Reads btns-run's environment variables once: at start, or at a call that comes before. */
#include "shim/settings.h"

#include "libapi/wire/wire.h"
#include "shim/calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct settings kept;
static bool ready;

static void read_settings_mode(struct settings *s, const char *mode)
{
    if (mode && !strcmp(mode, "prefer"))
        s->flags = BTNS_F_PREFER;
    else if (mode && !strcmp(mode, "require"))
        s->flags = BTNS_F_REQUIRE;
    else if (mode && !strcmp(mode, "bypass"))
        s->flags = BTNS_F_BYPASS | BTNS_F_OWN_POLICY;
}

static void read_settings_socket_path(struct settings *s, const char *path)
{
    s->daemon.sun_family = AF_UNIX;
    s->own_daemon = path && *path && strlen(path) < sizeof s->daemon.sun_path;
    strncpy(s->daemon.sun_path, s->own_daemon ? path : BTNS_SOCKET, sizeof s->daemon.sun_path - 1);
}

/* Whole seconds, up to a minute. Anything else in BTNS_WAIT is ignored. */
static void read_settings_soon(struct settings *s, const char *seconds)
{
    enum { DEFAULT = 1, MOST = 60 };
    size_t digits = seconds ? strspn(seconds, "0123456789") : 0;
    int n = digits && digits <= 2 && !seconds[digits] ? atoi(seconds) : 0;
    s->soon = 1000 * (n && n <= MOST ? n : DEFAULT);
}

/* systemd names the journal's socket in $JOURNAL_STREAM (device and inode). */
static bool settings_stderr_is_journal(const struct stat *st)
{
    const char *stream = secure_getenv("JOURNAL_STREAM");
    char *end;
    if (!stream || strtoull(stream, &end, 10) != st->st_dev || *end != ':')
        return false;
    return strtoull(end + 1, NULL, 10) == st->st_ino;
}

static struct identity settings_file_identity(const struct stat *st)
{
    return (struct identity){st->st_dev, st->st_ino, st->st_mode & S_IFMT};
}

static bool is_same_settings_file(const struct identity *i, const struct stat *st)
{
    return i->mode && i->dev == st->st_dev && i->ino == st->st_ino &&
           i->mode == (st->st_mode & S_IFMT);
}

static void read_settings_stderr(struct settings *s)
{
    struct stat st;
    if (fstat(STDERR_FILENO, &st) == 0 &&
        (!S_ISSOCK(st.st_mode) || settings_stderr_is_journal(&st)))
        s->err = settings_file_identity(&st);
}

static void read_settings_root(struct settings *s)
{
    struct stat st;
    if (stat("/", &st) == 0)
        s->root = settings_file_identity(&st);
}

bool settings_is_stderr(const struct stat *st)
{
    return is_same_settings_file(&settings()->err, st);
}

bool settings_other_root(void)
{
    struct stat st;
    return settings()->root.mode && stat("/", &st) == 0 &&
           !is_same_settings_file(&settings()->root, &st);
}

/*
 * A set-user-ID program ignores its caller's environment: it uses the defaults, which fail closed.
 */
static void read_settings(struct settings *s)
{
    const char *policy = secure_getenv("BTNS_POLICY");
    const char *verbose = secure_getenv("BTNS_VERBOSE"), *mark = secure_getenv("BTNS_MARK");
    read_settings_mode(s, secure_getenv("BTNS_MODE"));
    read_settings_soon(s, secure_getenv("BTNS_WAIT"));
    const char *sockets = secure_getenv("BTNS_SOCKETS");
    s->policy = policy ? strtoull(policy, NULL, 16) : 0;
    s->mark = mark ? strtoull(mark, NULL, 16) : 0;
    s->verbose = verbose && !strcmp(verbose, "1");
    read_settings_socket_path(s, secure_getenv("BTNS_SOCKET_PATH"));
    strncpy(s->program, program_invocation_short_name, sizeof s->program - 1);
    strncpy(s->sockets, sockets ? sockets : "", sizeof s->sockets - 1);
    read_settings_stderr(s);
    read_settings_root(s);
}

/*
 * Threads that call this before the constructor has run all read the same environment and write the
 * same bytes: no lock is needed, and so none can stay locked in a forked child.
 */
const struct settings *settings(void)
{
    if (__builtin_expect(__atomic_load_n(&ready, __ATOMIC_ACQUIRE), 1))
        return &kept;
    struct settings s = {0};
    read_settings(&s);
    memcpy(&kept, &s, sizeof kept);
    /* Before libc is initialised there is no environment: read it again at the next call. */
    __atomic_store_n(&ready, environ != NULL, __ATOMIC_RELEASE);
    return &kept;
}

__attribute__((constructor)) static void read_settings_at_start(void)
{
    int saved = errno;
    real_find_all();
    settings();
    errno = saved;
}
