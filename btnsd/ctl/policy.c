/* btnsctl policy: adds, removes, lists and signs policies, and blocks rules of other authors. */
#include "btnsd/base/hex.h"
#include "btnsd/ctl/about.h"
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/line/own_messages.h"
#include "btnsd/ctl/list.h"
#include "btnsd/ctl/policy_show.h"
#include "btnsd/ctl/policy_sign.h"
#include "btnsd/ctl/user.h"
#include "libapi/client/ask.h"
#include "libapi/tool/choice.h"
#include "libapi/tool/text.h"

#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_policy_answer(const struct btns_end_msg *end)
{
    struct json j = {.to = stdout};
    json_open_record(&j, NULL);
    about_json(&j, &end->about);
    json_string(&j, "error", end->error ? strerrorname_np((int)end->error) : NULL);
    json_string_or_null(&j, "text", end->text);
    json_close(&j, '}');
}

/* Sends a change. User, command and service are printed with a refusal, and always with --json. */
static int send_policy_request(const struct ctl *c, struct btns_hdr *msg, size_t len,
                               enum btns_type type, struct err *err)
{
    union btns_reply r = {.hdr = {.type = 0}};
    int rc = ask_one(c->socket, msg, len, type, BTNS_REP_END, &r, err);
    bool answered = r.hdr.type == BTNS_REP_END && r.end.about.outcome;
    int status = ctl_exit(rc);
    if (rc && answered)
        about_refusal(&r.end.about, err);
    if (answered && c->json) {
        put_policy_answer(&r.end);
        *err->text = '\0'; /* the answer says why: prints one object, not two */
    }
    return status;
}

/* ---- add ---- */

/* Gets the policy's name: NAME of .../NAME.conf. */
static void policy_name_of(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);
    if (n > 5 && !strcmp(base + n - 5, ".conf"))
        n -= 5;
    snprintf(name, size, "%.*s", (int)n, base);
}

/* Sends the text, as btnsd never opens a user's file. Returns an exit status. */
static int send_policy_text(const struct ctl *c, const char *path, const struct policy_text *text,
                            struct err *err)
{
    struct {
        struct btns_policy_add head;
        char text[BTNS_POLICY_MAX];
    } *m = calloc(1, sizeof *m);
    if (!m || text->len > sizeof m->text) {
        err_set(err, "%.300s: %s", path, m ? "too large" : "out of memory");
        free(m);
        return CTL_FAILED;
    }
    if (c->name)
        snprintf(m->head.name, sizeof m->head.name, "%s", c->name);
    else
        policy_name_of(path, m->head.name, sizeof m->head.name);
    memcpy(m->text, text->text, text->len);
    int status =
        send_policy_request(c, &m->head.hdr, sizeof m->head + text->len, BTNS_REQ_POLICY_ADD, err);
    free(m);
    return status;
}

static int add_policy(const struct ctl *c, struct err *err)
{
    struct policy_text text = {.len = 0};
    if (c->name && strlen(c->name) >= BTNS_NAME_MAX) {
        err_set(err, "--name: '%.80s...' is too long for a name", c->name);
        return CTL_USAGE;
    }
    int status = source_read_any(c->args[1], &text, err)
                     ? CTL_FAILED
                     : send_policy_text(c, c->args[1], &text, err);
    free(text.text);
    return status;
}

/* ---- remove, block, unblock ---- */

static int change_policy(const struct ctl *c, enum btns_type type, enum btns_policy_what what,
                         const char *name, struct err *err)
{
    struct btns_policy_name m = {.what = what, .uid = BTNS_UID_OWN};
    if (strlen(name) >= sizeof m.name) {
        err_set(err, "no such name: %.80s...", name);
        return CTL_UNKNOWN;
    }
    memcpy(m.name, name, strlen(name));
    if (c->user && user_parse(c->user, &m.uid, err))
        return CTL_USAGE;
    return send_policy_request(c, &m.hdr, sizeof m, type, err);
}

static int remove_policy(const struct ctl *c, struct err *err)
{
    return change_policy(c, BTNS_REQ_POLICY_REMOVE, BTNS_POLICY_THIS, c->args[1], err);
}

static int change_policy_blocks(const struct ctl *c, bool block, struct err *err)
{
    if (c->all == (c->n > 1)) {
        err_set(err, "which rule? PROGRAM/RULE, or --all");
        return CTL_USAGE;
    }
    if (c->all)
        return change_policy(c, BTNS_REQ_POLICY_BLOCK,
                             block ? BTNS_POLICY_BLOCK_ALL : BTNS_POLICY_UNBLOCK_ALL, "", err);
    return change_policy(c, BTNS_REQ_POLICY_BLOCK, block ? BTNS_POLICY_BLOCK : BTNS_POLICY_UNBLOCK,
                         c->args[1], err);
}

static int block_policy(const struct ctl *c, struct err *err)
{
    return change_policy_blocks(c, true, err);
}

static int unblock_policy(const struct ctl *c, struct err *err)
{
    return change_policy_blocks(c, false, err);
}

/* ---- list ---- */

static const char *const kinds[] = {
    [BTNS_POLICY_IS_TEXT] = "policy",          [BTNS_POLICY_IS_BLOCK] = "blocks",
    [BTNS_POLICY_IS_BLOCK_ALL] = "blocks all", [BTNS_POLICY_IS_BROKEN] = "cannot be used",
    [BTNS_POLICY_IS_SERVICE] = "service",
};

static const char *policy_kind_of(const struct btns_policy_item *i)
{
    return i->kind < sizeof kinds / sizeof *kinds && kinds[i->kind] ? kinds[i->kind] : "?";
}

static void policy_user(const struct btns_policy_item *i, char *text, size_t size)
{
    const struct passwd *pw = getpwuid(i->uid);
    if (pw)
        snprintf(text, size, "%s", pw->pw_name);
    else
        snprintf(text, size, "%u", i->uid);
}

static const char *const headings[] = {"USER", "KIND", "NAME", "RULES", "SHA-256", NULL};

static int add_policy_row(struct table *t, const union btns_reply *record)
{
    const struct btns_policy_item *i = &record->policy_item;
    char user[64], rules[16] = "-", hash[65] = "-", note[2 * BTNS_WORDS_MAX + 8];
    policy_user(i, user, sizeof user);
    if (i->kind == BTNS_POLICY_IS_TEXT) {
        snprintf(rules, sizeof rules, "%u", i->rules);
        hex_write(hash, i->hash, sizeof i->hash);
        hash[10] = '\0';
    }
    const char *const cells[TABLE_COLUMNS] = {user, policy_kind_of(i), i->name, rules, hash};
    snprintf(note, sizeof note, "%s%s%s%s", i->description, *i->vendor ? " (" : "", i->vendor,
             *i->vendor ? ")" : "");
    return table_add(t, cells, note);
}

static void put_policy_json(struct json *j, const union btns_reply *record)
{
    const struct btns_policy_item *i = &record->policy_item;
    bool text = i->kind == BTNS_POLICY_IS_TEXT;
    char hash[65];
    hex_write(hash, i->hash, sizeof i->hash);
    json_number(j, "uid", i->uid);
    json_string(j, "kind", policy_kind_of(i));
    json_string(j, "name", i->name);
    json_number_or_null(j, "rules", text ? i->rules : 0);
    json_number_or_null(j, "octets", text ? i->octets : 0);
    json_string(j, "sha256", text ? hash : NULL);
    json_string_or_null(j, "vendor", i->vendor);
    json_string_or_null(j, "description", i->description);
}

static int list_policies(const struct ctl *c, struct err *err)
{
    struct btns_policy_name m = {.what = BTNS_POLICY_THIS, .uid = BTNS_UID_OWN};
    if (c->user && user_parse(c->user, &m.uid, err))
        return CTL_USAGE;
    if (!c->user && !c->mine && !geteuid())
        m.what = BTNS_POLICY_EVERYBODY;
    const struct list items = {.ask = BTNS_REQ_POLICY_LIST,
                               .record = BTNS_REP_POLICY_ITEM,
                               .headings = headings,
                               .add = add_policy_row,
                               .json = put_policy_json,
                               .question = &m.hdr,
                               .size = sizeof m};
    return list_show(&items, c, err);
}

static int sign_policy(const struct ctl *c, struct err *err)
{
    if (c->key)
        return policy_sign(c->key, c->args[1], err)
                   ? CTL_FAILED
                   : ctl_say_done(c, "policy sign", c->args[1], "");
    err_set(err, "with which key? --key FILE");
    return CTL_USAGE;
}

/* ---- the verbs ---- */

static const struct {
    const char *name;
    ctl_command *run;
    int least, most;
    const char *usage;
} subcommands[] = {
    {"add", add_policy, 1, 1, "FILE"},
    {"remove", remove_policy, 1, 1, "NAME"},
    {"block", block_policy, 0, 1, "RULE|--all"},
    {"unblock", unblock_policy, 0, 1, "RULE|--all"},
    {"list", list_policies, 0, 0, ""},
    {"sign", sign_policy, 1, 1, "FILE --key FILE"},
    {"show", policy_show, 0, POLICY_FILES_MAX, "[--long] [FILE|DIRECTORY...]"},
};

void ctl_policy_forms(void)
{
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++)
        printf("  btnsctl policy %s %s\n", subcommands[i].name, subcommands[i].usage);
    putchar('\n');
}

int ctl_policy(const struct ctl *c, struct err *err)
{
    const struct choices known =
        CHOICES(subcommands, sizeof subcommands / sizeof *subcommands, "command", "policy ");
    int i = choice_find(&known, c->args[0], err);
    if (i < 0)
        return CTL_USAGE;
    if (c->n - 1 >= subcommands[i].least && c->n - 1 <= subcommands[i].most)
        return subcommands[i].run(c, err);
    err_set(err, "usage: btnsctl policy %s %s", subcommands[i].name,
            *subcommands[i].usage ? subcommands[i].usage : "(nothing more)");
    return CTL_USAGE;
}
