/* btnsctl status: prints the daemon's state on one screen. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/translated.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

#include "libapi/wire/inner_address.h"
#include "libapi/wire/key_words.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t status_uptime(const struct btns_status_msg *s)
{
    uint64_t now = (uint64_t)time(NULL);
    return now > s->started ? now - s->started : 0; /* the clock may have been set back */
}

static void put_status_lines(struct json *j, const char *key, const char *lines)
{
    char line[BTNS_WRONG_MAX];
    json_open(j, key, '[');
    for (size_t n; (n = strcspn(lines, "\n")); lines += n + (lines[n] == '\n')) {
        snprintf(line, sizeof line, "%.*s", (int)n, lines);
        json_string(j, NULL, line);
    }
    json_close(j, ']');
}

static void print_status_json(const struct btns_status_msg *s, const char *key, const char *words,
                              const char *inner)
{
    struct json j = {.to = stdout};
    json_open_record(&j, NULL);
    json_string(&j, "version", s->version);
    json_number(&j, "pid", s->pid);
    json_number(&j, "started", s->started);
    json_number(&j, "uptime", status_uptime(s));
    json_string(&j, "key", key);
    json_string(&j, "words", words);
    json_string(&j, "inner_address", inner);
    json_number_or_null(&j, "charon_pid", s->charon_pid);
    json_number(&j, "rules", s->rules);
    json_number(&j, "generation", s->generation);
    json_string_or_null(&j, "refused", s->refused);
    json_string_or_null(&j, "in_force", s->in_force);
    put_status_lines(&j, "wrong", s->wrong);
    json_number(&j, "peers", s->peers);
    json_number(&j, "guards", s->guards);
    json_number(&j, "latches", s->latches);
    json_string(&j, "charon", s->charon_off ? "none" : s->charon_pid ? "running" : "not running");
    json_string_or_null(&j, "system", s->system);
    json_number(&j, "guards_private", s->guards_of[0]);
    json_number(&j, "guards_system", s->guards_of[1]);
    json_number(&j, "guards_manual", s->guards_of[2]);
    json_string(&j, "latching", s->latching_off ? "off" : "on");
    json_close(&j, '}');
}

static void print_status(const struct btns_status_msg *s, const char *key, const char *words,
                         const char *inner)
{
    char system[sizeof s->system * 4 + 32];
    char version[BTNS_NAME_MAX * 4 + 32], up[TEXT_DURATION], since[TEXT_TIME];

    printf("btnsd %s\n", text_clean(version, sizeof version, s->version));
    printf("  pid:      %" PRIu32 ", up %s (since %s)\n", s->pid,
           text_duration(status_uptime(s), up), text_time(s->started, since));
    printf("  host key: %s\n", key);
    printf("  in words: %s\n", words);
    printf("  inner:    %s\n", inner);
    if (s->charon_pid)
        printf("  charon:   pid %" PRIu32 "\n", s->charon_pid);
    else
        printf("  charon:   %s\n", s->charon_off ? "none, as told" : "not running");
    printf("  system:   %s\n", text_clean(system, sizeof system, s->system));
    printf("  rules:    %" PRIu32 " (generation %" PRIu64 ")\n", s->rules, s->generation);
    printf("  peers:    %" PRIu32 " known\n", s->peers);
    printf("  guards:   %" PRIu32 " (keys: private %" PRIu32 ", system %" PRIu32 ", manual %" PRIu32
           ")\n",
           s->guards, s->guards_of[0], s->guards_of[1], s->guards_of[2]);
    printf("  latches:  %" PRIu32 "%s\n", s->latches,
           s->latching_off ? " (switched off: btnsd --no-latching)" : "");
}

/* Gets the next of several lines, made printable for a terminal; false: there is none. */
static bool next_status_line(const char **at, char *line, size_t size)
{
    char part[BTNS_WRONG_MAX];
    size_t n = strcspn(*at, "\n");
    if (!n)
        return false;
    snprintf(part, sizeof part, "%.*s", (int)n, *at);
    *at += n + ((*at)[n] == '\n');
    text_clean(line, size, part);
    return true;
}

/* Warns about faults that the user should mend. */
static void print_status_warnings(const struct btns_status_msg *s)
{
    char text[BTNS_WRONG_MAX * 4 + 32], rules[32];
    const char *wrong = s->wrong;
    snprintf(rules, sizeof rules, "generation %" PRIu64, s->generation);
    if (*s->refused)
        fprintf(stderr,
                "btnsctl: warning: the newest policy was refused, the rules of %s stay in force: "
                "%s\n",
                rules, text_clean(text, sizeof text, s->refused));
    if (*s->in_force)
        fprintf(stderr, "btnsctl: warning: in force: %s\n",
                text_clean(text, sizeof text, s->in_force));
    while (next_status_line(&wrong, text, sizeof text))
        fprintf(stderr, "btnsctl: warning: %s\n", text);
    if (!s->charon_pid && !s->charon_off)
        fprintf(stderr,
                "btnsctl: warning: the IKE daemon (charon) is not running: no new connection "
                "can be protected; btnsd's log says why\n");
}

static void warn_status_translated(void *arg, const char *text)
{
    char clean[TRANSLATOR_TEXT * 4];
    (void)arg;
    fprintf(stderr, "btnsctl: warning: %s: " TRANSLATED_WHAT "; " TRANSLATED_INSTEAD "\n",
            text_clean(clean, sizeof clean, text));
}

static unsigned count_status_lines(const char *text)
{
    unsigned n = 0;
    for (size_t len; (len = strcspn(text, "\n")); text += len + (text[len] == '\n'))
        n++;
    return n;
}

/* Prints one line for monitoring: all is well, or the first thing to mend. */
static int check_status_line(const struct ctl *c, const struct btns_status_msg *s, struct err *err)
{
    char clean[BTNS_NAME_MAX * 4 + 32];
    const bool charon = s->charon_pid || s->charon_off;
    const char *all[] = {charon ? "" : "the IKE daemon (charon) is not running", s->refused,
                         s->in_force, s->wrong};
    const char *first = "";
    unsigned wrong = count_status_lines(s->wrong);
    for (size_t i = 4; i--;) {
        first = *all[i] ? all[i] : first;
        wrong += i < 3 && *all[i];
    }
    if (wrong) {
        err_set(err, "%u to mend: %.*s", wrong, (int)strcspn(first, "\n"), first);
        return CTL_FAILED;
    }
    text_clean(clean, sizeof clean, s->version);
    if (!c->json)
        printf("ok: btnsd %s, %" PRIu32 " rules, %" PRIu32 " peers, %" PRIu32 " latches\n", clean,
               s->rules, s->peers, s->latches);
    return CTL_OK;
}

int ctl_status(const struct ctl *c, struct err *err)
{
    struct btns_hdr msg;
    union btns_reply r;
    char text[BTNS_KEY_STR], words[BTNS_KEY_WORDS], inner[INNER_ADDRESS_STR];

    int rc = ask_one(c->socket, &msg, sizeof msg, BTNS_REQ_STATUS, BTNS_REP_STATUS, &r, err);
    if (rc)
        return ctl_exit(rc);
    const struct btns_key key = btns_key_of(r.status.key, false);
    if (c->check && !c->json)
        return check_status_line(c, &r.status, err);
    (c->json ? print_status_json : print_status)(&r.status, btns_key_str(&key, text),
                                                 btns_key_words(&key, words),
                                                 inner_address_str(&key, inner));
    fflush(stdout); /* so that the warning comes after the output */
    if (c->check)
        return check_status_line(c, &r.status, err);
    print_status_warnings(&r.status);
    char why[256];
    if (!geteuid() && !translated_each(warn_status_translated, NULL, why, sizeof why))
        fprintf(stderr, "btnsctl: warning: %s\n", why);
    return CTL_OK;
}
