/* The table of btnsctl's commands. */
#include "btnsd/ctl/line/tables.h"

#define B(option) OPT_BIT(OPT_##option)
#define FILES     255 /* a directory has no more */

const struct ctl_row ctl_rows[] = {
    {"status", ctl_status, 0, 0, B(CHECK), "", "Show the daemon, its key, rules and counts."},
    {"latches", ctl_latches, 0, 0, B(PROGRAM) | B(PID) | B(USER) | B(PEER) | B(STATE) | B(PORT), "",
     "List the latches: program, peer and state."},
    {"peers", ctl_peers, 0, 4, B(SELF) | B(VERBOSE), "[pin|name|forget|... ARG...]",
     "List, pin, name, forget, export, import peers."},
    {"keyscan", ctl_keyscan, 1, FILES, 0, "HOST...", "Ask hosts for their keys (root)."},
    {"key", ctl_key, 1, 1, 0, "rotate", "Replace the host key by a new one (root)."},
    {"explain", ctl_explain, 2, 3, B(ACCEPT) | B(USER) | B(CGROUP) | B(VERBOSE),
     "PROGRAM [PROTO] HOST:PORT", "Show what btnsd would decide, and why."},
    {"check", ctl_check, 0, FILES, B(OFFLINE) | B(VERBOSE), "[FILE|DIRECTORY...]",
     "Report faults in policy files; needs no btnsd."},
    {"audit", ctl_audit, 1, 1, B(HERE), "tcp", "Attack a throw-away connection: is TCP hardened?"},
    {"verify", ctl_verify, 1, 2, B(ACCEPT), "RULE [HOST:PORT]",
     "Prove a rule by trying it (root)."},
    {"watch", ctl_watch, 0, 0, 0, "", "Show events as they happen; ^C ends."},
    {"metrics", ctl_metrics, 0, 0, 0, "", "Write btnsd's numbers as Prometheus text."},
    {"graph", ctl_graph, 0, 0, 0, "", "Draw who talks to whom, for dot(1)."},
    {"policy", ctl_policy, 1, FILES, B(USER) | B(NAME) | B(ALL) | B(MINE) | B(KEY) | B(LONG),
     "add|remove|list|...", "Show policies, change your own, block others."},
    {"cover", ctl_cover, 1, 1, B(DRY_RUN) | B(ROOT), "UNIT",
     "Run a service of systemd's under btns-run."},
    {"uncover", ctl_uncover, 1, 1, B(DRY_RUN) | B(ROOT), "UNIT", "Run it as before (root)."},
    {"reload", ctl_reload, 0, 0, 0, "", "Read the policy files again (root)."},
    {"forget", ctl_forget, 1, 1, 0, "PEER", "Forget a peer, and end what is latched to it."},
    {"nolatch", ctl_nolatch, 2, 2, 0, "KEY on|off", "Forbid or allow latches to a peer (root)."},
    {"help", NULL, 0, 1, 0, "[COMMAND]", "Show this text, or a command's."},
};
const size_t ctl_rows_n = sizeof ctl_rows / sizeof *ctl_rows;
