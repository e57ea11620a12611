/*
 * The private charon as a process: it has its own mount namespace, inherits nothing, and is ended
 * only if it really is our charon. TAP. Needs root.
 */
#include "btnsd/ike/vici/vici.h"
#include "test/unit/ike/charon/charon_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define BINARY "/usr/lib/ipsec/charon"

static char dir[80], run[100];
static const struct charon_paths paths = {.run = run, .binary = BINARY};

/* ---- its files in /proc ---- */

static bool proc_has(pid_t pid, const char *file, const char *what)
{
    char path[64], text[8192];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, what);
}

static bool link_is(pid_t pid, const char *name, const char *want)
{
    char path[64], to[300];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    ssize_t n = readlink(path, to, sizeof to - 1);
    to[n > 0 ? n : 0] = '\0';
    return !strcmp(to, want);
}

static bool exists(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", run, name);
    return !access(path, F_OK);
}

static mode_t mode_of(const char *name)
{
    struct stat st;
    char path[200];
    snprintf(path, sizeof path, "%s/%s", run, name);
    return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static bool same_namespace(pid_t pid, const char *ns)
{
    char path[64], ours[100] = "", theirs[100] = "";
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, ns);
    ssize_t n = readlink(path, theirs, sizeof theirs - 1);
    snprintf(path, sizeof path, "/proc/self/ns/%s", ns);
    return n > 0 && readlink(path, ours, sizeof ours - 1) == n && !strcmp(ours, theirs);
}

static pid_t start(void)
{
    static struct talk t;
    struct err err = {""};
    pid_t pid = charon_start(&paths, &err);
    if (pid < 0) {
        printf("# %s\n", err.text);
        return pid;
    }
    t = (struct talk){0};
    bool ready = connect_talk(&t, run, pid);
    vici_conn_free(t.conn);
    return ready ? pid : -EIO;
}

/* ---- the checks ---- */

static void isolation(void)
{
    int leak = open("/etc/passwd", O_RDONLY); /* a descriptor without close-on-exec */
    int high = fcntl(leak, F_DUPFD, 700);
    pid_t pid = start();
    check(pid > 0, "charon starts, and its socket takes connections");
    check(mode_of("charon.conf") == 0600 && mode_of(CHARON_LOG) == 0600 && mode_of("") == 0700,
          "its files are for root alone");
    check(exists(CHARON_PID) && exists(CHARON_SOCKET), "they are where they were wanted");
    check(access("/run/" CHARON_PID, F_OK) && access("/run/" CHARON_SOCKET, F_OK),
          "and the host's /run has none of them");
    check(!same_namespace(pid, "mnt") && same_namespace(pid, "net"),
          "it has its own mounts, and our network");
    check(link_is(pid, "fd/0", "/dev/null") && link_is(pid, "fd/2", "/run/" CHARON_LOG),
          "standard descriptors are its own");
    char name[20];
    snprintf(name, sizeof name, "fd/%d", high);
    check(!link_is(pid, name, "/etc/passwd"), "a descriptor of ours is closed");
    check(getsid(pid) == pid && link_is(pid, "cwd", "/"), "session and directory are its own");
    check(proc_has(pid, "limits", "Max file size             16777216"), "its log has a limit");
    close(leak);
    close(high);
    charon_end_stale(&paths);
    check(waitpid(pid, NULL, WNOHANG) == pid && !exists(CHARON_PID), "it is ended by its pid file");
}

/* Under systemd btnsd's directory is /run, with the host's /run below it. */
static void own_run(void)
{
    char out[FILE_PATH];
    const struct charon_paths here = {.run = "/run"};
    check(charon_run_is_ours(&here) && !charon_run_is_ours(&paths), "whose /run it is");
    check(!strcmp(charon_host_path(&here, "/run/charon.vici", out), "/run/host/charon.vici"),
          "the host's files are in /run/host then");
    check(!strcmp(charon_host_path(&here, "/runs/a", out), "/runs/a") &&
              !strcmp(charon_host_path(&paths, "/run/charon.vici", out), "/run/charon.vici"),
          "and others are where they are");
}

/*
 * Run in charon's place (STRONGSWAN_CONF is in the environment): reports how charon would find its
 * surroundings.
 */
static int probe(void)
{
    char line[200];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "SigBlk", 6) || !strncmp(line, "SigIgn", 6) ||
            !strncmp(line, "Umask", 5))
            fputs(line, stderr);
    return f == NULL;
}

static void inheritance(void)
{
    struct charon_paths self = {.run = run, .binary = "/proc/self/exe"};
    struct err err = {""};
    sigset_t set;
    char tail[300];
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    setenv("LD_LIBRARY_PATH", "/nonexistent", 1);
    pid_t pid = charon_start(&self, &err);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    int status = -1;
    check(pid > 0 && waitpid(pid, &status, 0) == pid && !status, "another in its place %s",
          err.text);
    charon_log_tail(&self, tail, sizeof tail);
    /* 32 and 33 are the C library's own: the process that started the tests may ignore them */
    unsigned long long ignored = 0;
    int got = sscanf(tail, "Umask:\t0077; SigBlk:\t0000000000000000; SigIgn:\t%llx", &ignored);
    check(got == 1 && (ignored & ~0x180000000ull) == 0x1000000,
          "no signal is blocked or ignored, but XFSZ (%s)", tail);
    unsetenv("LD_LIBRARY_PATH");
}

static void orphan(void)
{
    int report[2];
    pid_t pid = -1;
    if (pipe(report))
        return;
    pid_t parent = fork();
    if (!parent) {
        pid_t child = start();
        _exit(write(report[1], &child, sizeof child) != sizeof child);
    }
    waitpid(parent, NULL, 0);
    check(read(report[0], &pid, sizeof pid) == sizeof pid && pid > 0 && link_is(pid, "exe", BINARY),
          "charon outlives who started it");
    pid_t next = start();
    check(next > 0 && next != pid && !link_is(pid, "exe", BINARY) && exists(CHARON_LOG ".old"),
          "the next start ends it, and keeps its log");
    charon_end_stale(&paths);
    check(!link_is(next, "exe", BINARY), "this one is ended, too");
    kill(next, SIGKILL);
    waitpid(next, NULL, 0);
}

static void write_pid(const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/" CHARON_PID, run);
    unlink(path);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static void others_are_spared(void)
{
    static const char *const texts[] = {"", "x", "0", "1", "-1", "99999999999", "12 34"};
    pid_t victim = fork();
    if (!victim) {
        pause();
        _exit(0);
    }
    char text[20];
    snprintf(text, sizeof text, "%d\n", (int)victim);
    write_pid(text);
    charon_end_stale(&paths);
    check(!waitpid(victim, NULL, WNOHANG), "a pid file that names another process ends nobody");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_pid(texts[i]);
        charon_end_stale(&paths);
    }
    check(!waitpid(victim, NULL, WNOHANG), "nor does one that names none");
    snprintf(text, sizeof text, "%d\n", (int)getpid());
    write_pid(text); /* a living process that is not charon; charon itself would refuse to start */
    pid_t pid = start();
    check(pid > 0, "and it does not keep charon from starting");
    charon_end_stale(&paths);
    waitpid(pid, NULL, 0);
    kill(victim, SIGKILL);
    waitpid(victim, NULL, 0);
}

static void stubborn(void)
{
    pid_t pid = start();
    kill(pid, SIGSTOP);
    charon_end_stale(&paths);
    int status = 0;
    check(waitpid(pid, &status, WNOHANG) == pid && WIFSIGNALED(status) &&
              WTERMSIG(status) == SIGKILL,
          "one that does not end is killed");
}

static void failures(void)
{
    struct err err = {""};
    struct charon_paths none = {.run = run, .binary = "/nonexistent/charon"};
    check(charon_start(&none, &err) == -ENOENT && strstr(err.text, "/nonexistent/charon: No such"),
          "no binary: %s", err.text);
    none = (struct charon_paths){.run = "/nonexistent/run", .binary = BINARY};
    check(charon_start(&none, &err) == -ENOENT && strstr(err.text, "/nonexistent/run"),
          "no directory: %s", err.text);
}

int main(void)
{
    if (getenv("STRONGSWAN_CONF"))
        return probe();
    /* shared mounts, as on a systemd host, so that a mount could leak to the host */
    if (geteuid() || unshare(CLONE_NEWNET | CLONE_NEWNS) ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("none", "/", NULL, MS_REC | MS_SHARED, NULL)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(run, sizeof run, "%s/run", dir);
    own_run();
    isolation();
    inheritance();
    orphan();
    others_are_spared();
    stubborn();
    failures();
    scratch_remove(dir);
    return check_end();
}
