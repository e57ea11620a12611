/*
 * Recognises programs that hand their work to another process, by their command line. The table
 * covers what people usually write; it is no barrier, since a program can ask any service to work
 * for it. Programs that run the command in their arguments (nice, env, sh -c) are looked through.
 */
#include "shim/run/starters.h"

#include <string.h>

/* The first words, or options, with which a starter starts nothing. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, "--help", "--version", NULL})

static const struct row {
    const char *name;
    enum starter kind;
    const char *who;
    /*
     * with one of these words it starts nothing; STARTER_BARE: the options that clear the
     * environment, NULL: it always does
     */
    const char *const *words;
} rows[] = {
    {"systemctl", STARTER_ELSE, "systemd",
     WORDS("status", "show", "cat", "is-active", "is-enabled", "is-failed", "list-units",
           "list-unit-files", "list-jobs", "list-timers", "stop", "disable", "mask",
           "daemon-reload")},
    {"service", STARTER_ELSE, "the service manager", WORDS("--status-all", "-h")},
    {"invoke-rc.d", STARTER_ELSE, "the service manager", WORDS("-h")},
    {"systemd-run", STARTER_ELSE, "systemd", WORDS("-h")},
    {"machinectl", STARTER_ELSE, "systemd", WORDS("list", "list-images", "status", "show")},
    {"at", STARTER_ELSE, "atd", WORDS("-l", "-c", "-d", "-r", "-V")},
    {"batch", STARTER_ELSE, "atd", WORDS("-V")},
    {"docker", STARTER_ELSE, "dockerd",
     WORDS("ps", "images", "inspect", "logs", "stop", "rm", "info", "version", "-v")},
    {"docker-compose", STARTER_ELSE, "dockerd", WORDS("ps", "logs", "stop", "down", "version")},
    {"nerdctl", STARTER_ELSE, "containerd", WORDS("ps", "images", "inspect", "logs", "stop", "rm")},
    {"podman", STARTER_ELSE, "a container, with a network of its own,",
     WORDS("ps", "images", "inspect", "logs", "stop", "rm", "info", "version", "-v")},
    {"emacsclient", STARTER_ELSE, "the Emacs that runs", WORDS("-V")},
    {"tmux", STARTER_SERVER, "the tmux server that runs", WORDS("-V", "ls", "list-sessions")},
    {"ssh", STARTER_SERVER, "an ssh master that runs", WORDS("-V", "-Q", "-G")},
    {"scp", STARTER_SERVER, "an ssh master that runs", NULL},
    {"sftp", STARTER_SERVER, "an ssh master that runs", NULL},
    {"sudo", STARTER_BARE, NULL, NULL},
    {"doas", STARTER_BARE, NULL, NULL},
    {"pkexec", STARTER_BARE, NULL, NULL},
    {"su", STARTER_BARE, NULL, (const char *const[]){"-", "-l", "--login", NULL}},
    {"runuser", STARTER_BARE, NULL, (const char *const[]){"-", "-l", "--login", NULL}},
    {"env", STARTER_BARE, NULL, (const char *const[]){"-i", "-", "--ignore-environment", NULL}},
};

/* These run the command in their arguments, perhaps behind options, settings and numbers. */
static const char *const wrappers[] = {"env",  "nice", "nohup",  "setsid",  "timeout",
                                       "time", "sudo", "ionice", "stdbuf",  "setpriv",
                                       "doas", "exec", "chrt",   "taskset", NULL};
static const char *const shells[] = {"sh", "bash", "dash", "zsh", "ksh", NULL};

enum { WORD_MAX = 64 };

static bool is_in_starters_words(const char *const *list, const char *word)
{
    for (; *list; list++)
        if (!strcmp(*list, word))
            return true;
    return false;
}

static const char *starter_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* May the word stand before the command: an option, a setting (NAME=VALUE) or a number? */
static bool is_before_started_command(const char *word)
{
    return *word == '-' || strchr(word, '=') || (*word >= '0' && *word <= '9');
}

static bool starter_starts_nothing(const struct row *r, char *const *arguments)
{
    if (!r->words || !*arguments)
        return false;
    char *const *verb = arguments;
    while (*verb && **verb == '-')
        verb++;
    return is_in_starters_words(r->words, *arguments) ||
           (*verb && is_in_starters_words(r->words, *verb));
}

static bool starter_clears_environment(const struct row *r, char *const *arguments)
{
    for (; r->words && *arguments && is_before_started_command(*arguments); arguments++)
        if (is_in_starters_words(r->words, *arguments))
            return true;
    return !r->words;
}

static struct started judge_started(char *const *argv)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (strcmp(r->name, starter_base_name(argv[0])))
            continue;
        bool applies = r->kind == STARTER_BARE ? starter_clears_environment(r, argv + 1)
                                               : !starter_starts_nothing(r, argv + 1);
        if (applies)
            return (struct started){r->kind, r->name, r->who, argv};
    }
    return (struct started){STARTER_NONE, NULL, NULL, NULL};
}

static struct started worse_started(struct started a, struct started b)
{
    return b.kind > a.kind ? b : a;
}

/*
 * Judges the command's words in a shell's text. Words that the shell would expand are not
 * understood.
 */
static struct started judge_started_shell_text(const char *text)
{
    struct started worst = {STARTER_NONE, NULL, NULL, NULL};
    bool begins = true;
    while (*text) {
        size_t len = strcspn(text, " \t\n;|&(){}`");
        char word[WORD_MAX], *argv[] = {word, NULL};
        if (begins && len && len < sizeof word) {
            memcpy(word, text, len);
            word[len] = '\0';
            struct started s = judge_started(argv);
            s.argv = NULL;
            worst = worse_started(worst, s);
            begins = is_before_started_command(word) || is_in_starters_words(wrappers, word);
        } else if (len) {
            begins = false;
        }
        text += len;
        begins = begins || (*text && !strchr(" \t", *text));
        text += *text != '\0';
    }
    return worst;
}

/*
 * Finds the command behind a wrapper's own words. An option's value may look like a command, so the
 * words behind it are tried as well.
 */
static char *const *starters_wrapped_command(char *const *argv)
{
    char *const *a = argv + 1;
    while (*a && is_before_started_command(*a))
        a++;
    return a;
}

static struct started judge_started_command(char *const *argv, int depth)
{
    struct started s = judge_started(argv);
    const char *name = starter_base_name(argv[0]);
    for (char *const *a = argv + 1; is_in_starters_words(shells, name) && *a && **a == '-'; a++)
        if ((*a)[1] != '-' && strchr(*a, 'c') && a[1])
            return worse_started(s, judge_started_shell_text(a[1]));
    if (!depth || !is_in_starters_words(wrappers, name))
        return s;
    char *const *command = starters_wrapped_command(argv);
    if (!*command)
        return s;
    s = worse_started(s, judge_started_command(command, depth - 1));
    bool value = command[-1][0] == '-' && strlen(command[-1]) == 2 && command[1];
    return value ? worse_started(s, judge_started_command(command + 1, depth - 1)) : s;
}

struct started starters_judge(char *const *argv)
{
    return judge_started_command(argv, 4);
}
