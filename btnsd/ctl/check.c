/* btnsctl check: compiles policies and looks for mistakes in them; needs no btnsd. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/lint/lint.h"
#include "btnsd/ctl/lint/show.h"
#include "btnsd/ctl/policy_files.h"
#include "btnsd/rules/files/layers.h"

/* Checks owners and modes, but only of files in btnsd's own policy directory. */
static void check_file_owners(struct lint *l)
{
    struct err err = {""};
    struct policy_text *text = NULL;
    int n = layers_read(&policy_places, &text, &err);
    if (n < 0) {
        struct lint_finding *f = finding_add(l, finding_check_named(l, "refused"), l->files, 0);
        snprintf(f->why, sizeof f->why, "%.300s", err.text);
    } else {
        source_texts_free(text, (unsigned)n);
    }
}

static int check_by_lint(const struct ctl *c, struct policy_files *t, struct err *err)
{
    struct lint l = {.checks = lint_checks, .text = t->text, .files = t->n};
    lint_files(&l);
    if (!c->n)
        check_file_owners(&l);
    if (!c->n || !c->offline)
        lint_fleet_files(&l);
    lint_revoked_names(&l);
    if (!c->offline) {
        lint_programs(&l);
        lint_host(&l, c->socket);
        lint_unknown_names(&l);
        lint_unknown_peers(&l, c->socket);
    }
    lint_accept(&l);
    lint_sort(&l);
    int status = CTL_FAILED;
    if (l.out_of_memory)
        err_set(err, "out of memory");
    else if (!(c->json ? show_findings_json(&l) : show_findings(&l, c->verbose)))
        status = CTL_OK;
    lint_free(&l);
    return status;
}

int ctl_check(const struct ctl *c, struct err *err)
{
    struct policy_files t;
    int rc = policy_files_read(&t, c->args, c->n, err);
    int status = rc ? CTL_USAGE : check_by_lint(c, &t, err);
    source_texts_free(t.text, t.n);
    return status;
}
