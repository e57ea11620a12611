/* btns-run: starts a program with the shim preloaded, or says why it cannot. */
#include "libapi/client/ask.h"
#include "libapi/tool/options.h"
#include "libapi/tool/text.h"
#include "shim/run/check.h"
#include "shim/run/exits.h"
#include "shim/run/plan.h"
#include "shim/supervise/launch.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum row { REQUIRE, PREFER, BYPASS, SUPERVISE, POLICY, VERBOSE, CHECK, TO, VERSION, HELP };
static const struct option_row options[] = {
    [REQUIRE] = {"require", 0, NULL, "Protect or fail, even where a rule allows less."},
    [PREFER] = {"prefer", 0, NULL,
                "Go in the clear rather than fail, where a rule may be weakened."},
    [BYPASS] = {"bypass", 0, NULL,
                "Go in the clear, unless a rule discards. Needs root or CAP_NET_ADMIN."},
    [SUPERVISE] = {"supervise", 0, NULL, "Supervise the program even if the shim can be loaded."},
    [POLICY] = {"policy", 0, "FILE", "Add the rules in FILE for this program."},
    [VERBOSE] = {"verbose", 0, NULL, "Report each step, and what the shim does in the program."},
    [CHECK] = {"check", 0, NULL, "Report what would happen, and run nothing."},
    [TO] = {"to", 0, "HOST:PORT", "With --check: report on a connection to HOST:PORT."},
    [VERSION] = {"version", 0, NULL, "Show the version."},
    [HELP] = {"help", 'h', NULL, "Show this text."},
    {0},
};

enum { GO_ON = -1 };

static void print_run_message(const char *kind, const char *text)
{
    struct err err;
    char clean[4 * sizeof err.text + 32];
    fprintf(stderr, "btns-run: %s%s\n", kind, text_clean(clean, sizeof clean, text));
}

static int show_run_version(void)
{
    printf("btns-run %s\n", BTNS_VERSION);
    return 0;
}

static int show_run_help(void)
{
    printf("usage: btns-run [OPTION...] [--] PROGRAM [ARG...]\n\n"
           "Runs PROGRAM so that btnsd protects its connections.\n\nOptions:\n");
    options_help(options);
    printf(
        "\nExit status: PROGRAM's; 125 btns-run itself failed, 126 PROGRAM cannot be run, 127 it "
        "was\nnot found. See btns-run(1).\n");
    return 0;
}

/* Applies one option. Returns GO_ON or an exit status. */
static int take_run_option(int row, const char *arg, struct wish *w, struct err *err)
{
    switch (row) {
    case REQUIRE:
    case PREFER:
    case BYPASS: {
        enum mode mode = row == REQUIRE ? MODE_REQUIRE : row == PREFER ? MODE_PREFER : MODE_BYPASS;
        if (w->mode != MODE_RULES && w->mode != mode) {
            err_set(err, "--require, --prefer and --bypass exclude each other");
            return EXIT_OWN_FAILURE;
        }
        w->mode = mode;
        return GO_ON;
    }
    case SUPERVISE:
        w->supervise = true;
        return GO_ON;
    case POLICY:
        w->policy = arg;
        return GO_ON;
    case VERBOSE:
        w->verbose = true;
        return GO_ON;
    case CHECK:
        w->check = true;
        return GO_ON;
    case TO:
        w->to = arg;
        return GO_ON;
    case VERSION:
        return show_run_version();
    default:
        return show_run_help();
    }
}

static int parse_run_command_line(int argc, char **argv, struct wish *w, struct err *err)
{
    const char *arg;
    int row;
    while ((row = options_next(options, true, argc, argv, &arg, err)) >= 0) {
        int status = take_run_option(row, arg, w, err);
        if (status != GO_ON)
            return status;
    }
    if (row != OPTIONS_DONE)
        return EXIT_OWN_FAILURE;
    if (w->to && !w->check) {
        err_set(err, "--to goes with --check only");
        return EXIT_OWN_FAILURE;
    }
    w->argv = argv + optind;
    if (!w->argv[0]) {
        err_set(err, "which PROGRAM?");
        return EXIT_OWN_FAILURE;
    }
    return GO_ON;
}

/* Runs the steps until one fails. Returns 0 or an exit status. */
static int prepare_run(struct plan *p)
{
    for (const struct step *s = plan_steps; s->name; s++) {
        struct err err = {0};
        char kind[32];
        int status = s->run(p, &err);
        if (status >= EXIT_OWN_FAILURE) {
            print_run_message("", err.text);
            return status;
        }
        snprintf(kind, sizeof kind, "%s: ", s->name);
        if (status == STEP_WARNS)
            print_run_message("warning: the program's traffic may go in the clear: ", err.text);
        else if (p->orders.verbose)
            print_run_message(kind, err.text);
    }
    return 0;
}

static void fill_supervision(struct plan *p)
{
    static const uint32_t flags[] = {[MODE_RULES] = 0,
                                     [MODE_PREFER] = BTNS_F_PREFER,
                                     [MODE_REQUIRE] = BTNS_F_REQUIRE,
                                     [MODE_BYPASS] = BTNS_F_BYPASS};
    p->supervision = (struct supervision){.mark = p->orders.mark,
                                          .require = p->orders.mode == MODE_REQUIRE,
                                          .verbose = p->orders.verbose,
                                          .flags = flags[p->orders.mode],
                                          .policy = p->orders.policy,
                                          .socket = ask_socket()};
}

static int exec_program(struct plan *p)
{
    int status = prepare_run(p);
    if (status)
        return status;
    static char **env; /* static, so that leak checkers find the memory reachable until exec */
    env = environment_make(&p->orders, fails_over_shim(&p->program.evidence) ? NULL : p->shim.path);
    if (!env) {
        print_run_message("", strerror(ENOMEM));
        return EXIT_OWN_FAILURE;
    }
    struct err err;
    status = EXIT_CANNOT_RUN;
    if (p->supervised) {
        static const struct start_failures as = {EXIT_OWN_FAILURE, EXIT_CANNOT_RUN};
        fill_supervision(p);
        status = launch_program(&p->supervision, p->program.path, p->wish->argv, env, &as, &err);
    } else {
        execve(p->program.path, p->wish->argv, env);
        err_set(&err, "%.400s: %s", p->program.path, strerror(errno));
    }
    print_run_message("", err.text);
    return status;
}

int main(int argc, char **argv)
{
    static struct plan plan;
    struct wish wish = {0};
    struct err err = {0};

    int status = parse_run_command_line(argc, argv, &wish, &err);
    if (status == GO_ON) {
        plan.wish = &wish;
        return wish.check ? check_report(&plan) : exec_program(&plan);
    }
    if (status) {
        print_run_message("", err.text);
        fprintf(stderr, "Try 'btns-run --help'.\n");
    }
    return status;
}
