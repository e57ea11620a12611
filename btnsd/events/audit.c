/* The audit log: writes events as lines of JSON, which a separate process puts into the file. */
#include "btnsd/events/audit.h"

#include "btnsd/base/hex.h"
#include "btnsd/base/journal.h"
#include "btnsd/base/log.h"
#include "btnsd/base/loop.h"
#include "libapi/tool/json.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS 10000

/* ---- the writer ---- */

static void run_audit_writer(struct audit *a)
{
    int fd[2];
    a->fd = -1;
    a->retry = loop_now() + RETRY_MS;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd))
        return;
    a->pid = fork();
    if (!a->pid)
        audit_write(fd[1], a->path);
    close(fd[1]);
    if (a->pid > 0) {
        a->fd = fd[0];
    } else {
        close(fd[0]);
        log_warning("the audit log's writer cannot be started: %s", strerror(errno));
    }
}

static bool send_audit_line(struct audit *a, const char *line, size_t len)
{
    if (a->fd < 0 && loop_now() >= a->retry)
        run_audit_writer(a);
    if (a->fd < 0)
        return false;
    if (send(a->fd, line, len, MSG_NOSIGNAL) == (ssize_t)len)
        return true;
    if (errno == EPIPE || errno == ECONNRESET) {
        close(a->fd);
        a->fd = -1;
    }
    return false;
}

static void audit_lost_lines(struct audit *a)
{
    char line[200];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int n = snprintf(line, sizeof line,
                     "{\"time\":%lld,\"event\":\"lost\",\"lines\":%llu,\"generation\":%llu}\n",
                     (long long)now.tv_sec, (unsigned long long)a->lost,
                     (unsigned long long)a->generation);
    if (send_audit_line(a, line, (size_t)n))
        a->lost = 0;
}

/* ---- lines ---- */

struct line {
    struct json json; /* first */
    char *text;
    size_t len;
};

static bool begin_audit_line(struct audit *a, struct line *l, const char *event)
{
    *l = (struct line){.text = NULL};
    l->json.to = a->path ? open_memstream(&l->text, &l->len) : NULL;
    if (!l->json.to) {
        a->lost += a->path != NULL;
        return false;
    }
    json_open(&l->json, NULL, '{');
    json_number(&l->json, "time", (uint64_t)time(NULL));
    json_string(&l->json, "event", event);
    return true;
}

/* fields: lines for the journal, which follow the line of JSON; or "". */
static void end_audit_line_with(struct audit *a, struct line *l, const char *fields)
{
    json_number(&l->json, "generation", a->generation);
    json_string_or_null(&l->json, "rules_sha256", a->hash);
    json_close(&l->json, '}');
    fputs(fields, l->json.to);
    bool good = !fclose(l->json.to) && l->len && l->len <= AUDIT_LINE;
    if (a->lost)
        audit_lost_lines(a);
    if (!good || !send_audit_line(a, l->text, l->len))
        a->lost++;
    free(l->text);
}

static void end_audit_line(struct audit *a, struct line *l)
{
    end_audit_line_with(a, l, "");
}

static void put_audit_hash(struct json *j, const char *key, const uint8_t *hash)
{
    char text[65];
    if (hash)
        hex_write(text, hash, 32);
    json_string(j, key, hash ? text : NULL);
}

static void put_audit_address(struct json *j, const char *key, const struct btns_addr *a)
{
    char text[BTNS_ADDR_STR];
    json_string(j, key, a->family ? btns_addr_str(a, text) : NULL);
}

/* ---- events and decisions ---- */

static const char *audit_event_word(const struct event *e)
{
    static const char *const words[BTNS_EVENTS] = {
        [BTNS_E_BROKEN] = "latch-broken",   [BTNS_E_RECOVERED] = "latch-recovered",
        [BTNS_E_CLOSED] = "latch-closed",   [BTNS_E_UNPROTECTED] = "unprotected",
        [BTNS_E_PEER_NEW] = "peer-new",     [BTNS_E_PEER_REFUSED] = "peer-refused",
        [BTNS_E_MANAGER_LOST] = "ike-lost", [BTNS_E_MANAGER_BACK] = "ike-back",
    };
    if (e->kind == BTNS_E_CLOSED && e->reason == BTNS_R_ENDED)
        return NULL; /* the program had finished with the connection */
    return e->kind < BTNS_EVENTS ? words[e->kind] : NULL;
}

static void on_audited_event(struct subscriber *s, const struct event *e)
{
    struct audit *a = (struct audit *)s;
    struct line l;
    char key[BTNS_KEY_STR];
    const char *word = audit_event_word(e);
    if (!word || !begin_audit_line(a, &l, word))
        return;
    json_number(&l.json, "uid", e->uid);
    json_number(&l.json, "pid", (uint64_t)e->pid);
    json_string_or_null(&l.json, "program", e->program);
    put_audit_address(&l.json, "local", &e->local);
    put_audit_address(&l.json, "remote", &e->remote);
    json_string(&l.json, "key", e->key ? btns_key_str(e->key, key) : NULL);
    json_string_or_null(&l.json, "rule", e->rule);
    json_string_or_null(&l.json, "why", e->text);
    end_audit_line(a, &l);
}

static const struct policy_origin *find_audited_rule_origin(const struct rules *r, const char *file)
{
    for (size_t i = 0; r && i < r->origins; i++)
        if (!strcmp(r->origin[i].file, file))
            return &r->origin[i];
    return NULL;
}

static void audit_policy_file(struct audit *a, const char *change, const struct policy_origin *o)
{
    struct line l;
    if (!begin_audit_line(a, &l, "rule-file"))
        return;
    json_string(&l.json, "change", change);
    json_string(&l.json, "file", o->file);
    json_string(&l.json, "author", o->author);
    put_audit_hash(&l.json, "sha256", o->hash);
    end_audit_line(a, &l);
}

void audit_rules(struct audit *a, const struct rules *old, const struct rules *now)
{
    struct line l;
    a->generation = now->generation;
    hex_write(a->hash, now->hash, sizeof now->hash);
    for (size_t i = 0; i < now->origins; i++) {
        const struct policy_origin *o = &now->origin[i],
                                   *was = find_audited_rule_origin(old, o->file);
        if (!was || memcmp(was->hash, o->hash, sizeof o->hash))
            audit_policy_file(a, was ? "changed" : "added", o);
    }
    for (size_t i = 0; old && i < old->origins; i++)
        if (!find_audited_rule_origin(now, old->origin[i].file))
            audit_policy_file(a, "removed", &old->origin[i]);
    if (!begin_audit_line(a, &l, "rules-in-force"))
        return;
    json_number(&l.json, "rules", now->n);
    json_number(&l.json, "mandatory", now->mandatory);
    end_audit_line(a, &l);
}

void audit_refused(struct audit *a, const char *why)
{
    struct line l;
    if (!begin_audit_line(a, &l, "rules-refused"))
        return;
    json_string(&l.json, "why", why);
    end_audit_line(a, &l);
}

void audit_user(struct audit *a, uid_t by, uid_t uid, const char *change, const char *name,
                const uint8_t *hash)
{
    struct line l;
    if (!begin_audit_line(a, &l, "user-policy"))
        return;
    json_string(&l.json, "change", change);
    json_number(&l.json, "uid", uid);
    json_number(&l.json, "by", by);
    json_string(&l.json, "name", name);
    put_audit_hash(&l.json, "sha256", hash);
    end_audit_line(a, &l);
}

/* An id like those of the events (event_log.c), with a number above theirs. */
#define ID_DENIED "8f5b1f4e2a6d4d0c9e37b7c15a90c680"
#define ID_OTHER  "8f5b1f4e2a6d4d0c9e37b7c15a90c681"

/* The decision as fields for the journal. */
static void write_audit_fields(const struct audit_decision *what, char *fields, size_t size)
{
    char address[BTNS_ADDR_STR];
    bool denied = !strcmp(what->verdict, "denied"), accepts = what->point == POINT_ACCEPT;
    const struct journal_field field[] = {
        {"MESSAGE_ID", denied ? ID_DENIED : ID_OTHER},
        {"BTNS_EVENT", "decision"},
        {"BTNS_VERDICT", what->verdict},
        {"BTNS_RULE", what->rule ? what->rule_text : NULL},
        {"BTNS_PROGRAM", what->program},
        {accepts ? "BTNS_LOCAL" : "BTNS_REMOTE",
         what->address->family ? btns_addr_str(what->address, address) : NULL},
    };
    size_t len = 0;
    fields[0] = '\0';
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        len = journal_add_field(fields, size, len, field[i].name, field[i].value);
}

void audit_decision(struct audit *a, const struct audit_decision *what)
{
    struct line l;
    char place[320], fields[AUDIT_FIELDS];
    const struct rule *rule = what->rule;
    if (!begin_audit_line(a, &l, "decision"))
        return;
    json_string(&l.json, "verdict", what->verdict);
    json_string(&l.json, "error", what->error ? strerrorname_np(what->error) : NULL);
    json_string(&l.json, "at", point_name(what->point));
    json_number(&l.json, "uid", what->uid);
    json_number(&l.json, "pid", (uint64_t)what->pid);
    json_string(&l.json, "program", what->program);
    put_audit_address(&l.json, "address", what->address);
    if (rule)
        snprintf(place, sizeof place, "%s/%s (%s:%u)", rule->program, rule->name, rule->file,
                 rule->line);
    json_string(&l.json, "rule", rule ? place : NULL);
    json_string(&l.json, "author", rule ? rule->author : NULL);
    json_string(&l.json, "rank", rule ? rank_name(rule->rank) : NULL);
    json_string(&l.json, "why", what->text);
    write_audit_fields(what, fields, sizeof fields);
    end_audit_line_with(a, &l, fields);
}

/* ---- start and end ---- */

void audit_start(struct audit *a, struct events *es, const char *path)
{
    *a = (struct audit){.subscriber = {.event = on_audited_event}, .path = path, .fd = -1};
    if (path) {
        event_subscribe(es, &a->subscriber);
        run_audit_writer(a);
    }
}

void audit_end(struct audit *a)
{
    if (a->fd >= 0)
        close(a->fd); /* the writer finishes what it was given, and ends */
    a->fd = -1;
    a->path = NULL;
}

void audit_reopen(struct audit *a)
{
    if (a->path)
        send_audit_line(a, AUDIT_REOPEN, sizeof AUDIT_REOPEN - 1);
}

bool audit_reaped(struct audit *a, pid_t pid)
{
    if (!a->pid || pid != a->pid)
        return false;
    a->pid = 0;
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
    if (a->path)
        log_warning("the audit log's writer has ended; another is started with the next line");
    return true;
}
