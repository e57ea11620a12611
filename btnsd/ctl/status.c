/* btnsctl status: prints the daemon's state on one screen. */
#include "btnsd/ctl/commands.h"
#include "libapi/client/conversation.h"
#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

#include "libapi/wire/key.h"

#include <inttypes.h>
#include <time.h>

static uint64_t uptime(const struct btns_status_msg *s)
{
    uint64_t now = (uint64_t)time(NULL);
    return now > s->started ? now - s->started : 0; /* the clock may have been set back */
}

static void print_json(const struct btns_status_msg *s, const char *key)
{
    struct json j = {.to = stdout};
    json_open(&j, NULL, '{');
    json_string(&j, "version", s->version);
    json_number(&j, "pid", s->pid);
    json_number(&j, "started", s->started);
    json_number(&j, "uptime", uptime(s));
    json_string(&j, "key", key);
    json_number_or_null(&j, "charon_pid", s->charon_pid);
    json_number(&j, "rules", s->rules);
    json_number(&j, "generation", s->generation);
    json_string_or_null(&j, "refused", s->refused);
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

static void print_text(const struct btns_status_msg *s, const char *key)
{
    char system[sizeof s->system * 4 + 32];
    char version[BTNS_NAME_MAX * 4 + 32], up[TEXT_DURATION], since[TEXT_TIME];

    printf("btnsd %s\n", text_clean(version, sizeof version, s->version));
    printf("  pid:      %" PRIu32 ", up %s (since %s)\n", s->pid, text_duration(uptime(s), up),
           text_time(s->started, since));
    printf("  host key: %s\n", key);
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

/* Warns about faults that the user should mend. */
static void warn(const struct btns_status_msg *s)
{
    char refused[BTNS_TEXT_MAX * 4 + 32];
    if (*s->refused)
        fprintf(stderr,
                "btnsctl: warning: the newest policy was refused, the rules of generation %" PRIu64
                " stay in force: %s\n",
                s->generation, text_clean(refused, sizeof refused, s->refused));
    if (!s->charon_pid && !s->charon_off)
        fprintf(stderr, "btnsctl: warning: the IKE daemon (charon) is not running: no new "
                        "protection can be had; btnsd's log says why\n");
}

int ctl_status(const struct ctl *c, struct err *err)
{
    struct btns_hdr msg;
    union btns_reply r;
    char text[BTNS_KEY_STR];

    int rc = ask_one(c->socket, &msg, sizeof msg, BTNS_REQ_STATUS, BTNS_REP_STATUS, &r, err);
    if (rc)
        return ctl_exit(rc);
    const struct btns_key key = btns_key_of(r.status.key, false);
    (c->json ? print_json : print_text)(&r.status, btns_key_str(&key, text));
    fflush(stdout); /* so that the warning comes after the output */
    warn(&r.status);
    return CTL_OK;
}
