/* The steps that must succeed before the program is started. */
#include "shim/run/plan.h"

#include "shim/run/daemon.h"
#include "shim/run/exits.h"
#include "shim/run/servers.h"
#include "shim/supervise/filter.h"
#include "shim/supervise/launch.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static int plan_step_shim(struct plan *p, struct err *err)
{
    if (shim_find(&p->shim, err))
        return EXIT_OWN_FAILURE;
    err_set(err, "%.500s", p->shim.path);
    return 0;
}

static int plan_step_program(struct plan *p, struct err *err)
{
    int status = program_examine(&p->program, p->wish->argv[0], p->shim.machine, err);
    const char *path = p->program.path, *image = p->program.image;
    if (!status && !strcmp(path, image))
        err_set(err, "%.500s", path);
    else if (!status)
        err_set(err, "%.240s, which runs %.240s", path, image);
    return status;
}

/*
 * Within another btns-run the outer mode applies: the inner one may make it stricter, not weaker.
 */
static int plan_step_mode(struct plan *p, struct err *err)
{
    p->orders = environment_inherited();
    p->orders.verbose = p->orders.verbose || p->wish->verbose;
    bool weaker = p->wish->mode == MODE_PREFER || p->wish->mode == MODE_BYPASS;
    if (weaker && p->orders.mode == MODE_REQUIRE) {
        err_set(err, "--%s: this runs under a btns-run --require, which it cannot weaken",
                environment_mode_name(p->wish->mode));
        return EXIT_OWN_FAILURE;
    }
    if (p->wish->mode != MODE_RULES)
        p->orders.mode = p->wish->mode;
    const char *mode = environment_mode_name(p->orders.mode);
    err_set(err, "%s", mode ? mode : "as the rules say");
    return 0;
}

/*
 * Decides what covers the program: the shim, a supervisor, or both. The kernel allows only one
 * supervisor: under an outer btns-run's, the program is covered by that one, unless it would have
 * to be stricter.
 */
static int plan_step_cover(struct plan *p, struct err *err)
{
    char reason[REASON_MAX];
    const bool require = p->orders.mode == MODE_REQUIRE;
    const enum filter_found outer = filter_find(p->orders.mark);
    p->shimmed = !refuse_shim(&p->program.evidence, reason);
    p->supervised = require || p->wish->supervise || !p->shimmed;
    if (!p->supervised && !outer) {
        p->orders.mark = 0;
        err_set(err, "the shim");
        return 0;
    }
    if (outer == FILTER_OF_RULES && require) {
        err_set(err, "--require: this runs under a btns-run that supervises it without --require, "
                     "and the kernel allows one supervisor only: give the outer one --require");
        return EXIT_OWN_FAILURE;
    }
    p->supervised = !outer;
    if (!outer)
        p->orders.mark = launch_draw_mark(err);
    if (!p->orders.mark)
        return EXIT_OWN_FAILURE;
    /* A supervised program without privileges runs with no_new_privs; root's does not. */
    const char *privilege =
        p->supervised && geteuid() ? "; set-user-ID programs gain nothing under it" : "";
    const char *who = outer ? "the outer btns-run as supervisor" : "btns-run as supervisor";
    if (p->shimmed)
        err_set(err, "the shim, and %s for what it does not reach%s%s", who,
                require ? " (--require)" : "", privilege);
    else
        err_set(err, "%s: %s%s", who, reason, privilege);
    return 0;
}

/*
 * Does the program do the work itself? Work that another process does is not covered. If the
 * program clears the environment, its children lose the shim, and only a supervisor still sees
 * them.
 */
static int plan_step_work(struct plan *p, struct err *err)
{
    char where[200];
    struct started s = starters_judge(p->wish->argv);
    if (s.kind == STARTER_SERVER && !servers_find(&s, where, sizeof where))
        s.kind = STARTER_NONE;
    const bool covered = s.kind == STARTER_BARE && p->orders.mark;
    if (s.kind == STARTER_NONE || covered) {
        err_set(err,
                covered ? "what %s starts has the supervisor, not the shim" : "the program's own",
                s.name);
        return 0;
    }
    if (s.kind == STARTER_BARE) {
        err_set(err,
                "%s clears the environment, and what it starts has no shim then: btns-run "
                "within it (%s btns-run ...), or --supervise",
                s.name, s.name);
        return STEP_WARNS;
    }
    err_set(err, "%s has the work done by %s%s%s%s, which btns-run does not cover: %s", s.name,
            s.who, s.kind == STARTER_SERVER ? " (" : "", s.kind == STARTER_SERVER ? where : "",
            s.kind == STARTER_SERVER ? ")" : "",
            s.kind == STARTER_SERVER ? "end that first, or give the command another socket"
                                     : "put btns-run into what is started there (a service: "
                                       "btnsctl cover)");
    return p->orders.mode == MODE_REQUIRE ? EXIT_CANNOT_RUN : STEP_WARNS;
}

/*
 * Looks at the sockets that the program inherits. Under an outer btns-run they were asked about
 * before. The shim asks about them before the program runs. Without the shim the supervisor sees
 * what a listener accepts, but not an inherited connection, nor the datagrams that arrive.
 */
static int plan_step_sockets(struct plan *p, struct err *err)
{
    int alone = p->orders.nested ? 0 : sockets_list(p->orders.sockets);
    err_set(err, "%s",
            *p->orders.sockets ? "the program inherits sockets, and asks about them"
                               : "no socket of TCP or UDP is inherited");
    if (alone >= 0 && (p->shimmed || !alone))
        return 0;
    if (alone < 0)
        err_set(err, "the program inherits more sockets than can be asked about: close some");
    else
        err_set(err, "the program inherits a connection or a UDP socket, and has no shim to ask "
                     "whether that is protected");
    return p->orders.mode == MODE_PREFER ? STEP_WARNS : EXIT_CANNOT_RUN;
}

static int plan_step_btnsd(struct plan *p, struct err *err)
{
    struct btns_status_msg s;
    p->btnsd = !daemon_status(&s, err);
    if (p->btnsd) {
        err_set(err, "answers: pid %" PRIu32 ", %" PRIu32 " rules (generation %" PRIu64 ")%s%.250s",
                s.pid, s.rules, s.generation, *s.refused ? "; the newest policy was refused: " : "",
                s.refused);
        return 0;
    }
    /*
     * Without btnsd a policy cannot be submitted and so not be enforced, which --prefer does not
     * permit.
     */
    return p->orders.mode == MODE_PREFER && !p->wish->policy ? STEP_WARNS : EXIT_OWN_FAILURE;
}

static int plan_step_policy(struct plan *p, struct err *err)
{
    if (p->wish->policy && daemon_policy(p->wish->policy, &p->orders.policy, err))
        return EXIT_OWN_FAILURE;
    if (p->wish->policy)
        err_set(err, "%.400s is in force for this program", p->wish->policy);
    else
        err_set(err, "%s", p->orders.policy ? "that of the outer btns-run" : "the system's");
    return 0;
}

/* The mode comes first, because failures of the later steps depend on it. */
const struct step plan_steps[] = {
    {"mode", plan_step_mode, false},
    {"shim", plan_step_shim, true},
    {"program", plan_step_program, true},
    {"cover", plan_step_cover, true},
    {"work", plan_step_work, false},
    {"sockets", plan_step_sockets, false},
    {"btnsd", plan_step_btnsd, false},
    {"policy", plan_step_policy, true},
    {0},
};
