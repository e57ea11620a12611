/* The words of policy files for actions, identities, points and the like. */
#include "btnsd/rules/model/names.h"

#include "btnsd/rules/model/rules.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>

static const char *const policy_actions[] = {
    [ACTION_BYPASS] = "bypass",   [ACTION_PREFER] = "prefer",  [ACTION_PROTECT] = "protect",
    [ACTION_DISCARD] = "discard", [ACTION_DISCARD + 1] = NULL,
};
const char *const policy_identities[] = {
    [IDENTITY_ANY_KEY] = "any-key",    [IDENTITY_KNOWN_KEY] = "known-key",
    [IDENTITY_NAMED] = "named",        [IDENTITY_CERTIFICATE] = "certificate",
    [IDENTITY_CERTIFICATE + 1] = NULL,
};
static const char *const policy_points[] = {
    [POINT_CONNECT] = "connect",
    [POINT_ACCEPT] = "accept",
    [POINT_ACCEPT + 1] = NULL,
};
const char *const policy_seen[] = {
    [SEEN_ANY] = "any",
    [SEEN_NEW] = "new",
    [SEEN_KNOWN] = "known",
    [SEEN_KNOWN + 1] = NULL,
};

const char *const policy_keys[] = {
    [KEYS_PRIVATE] = "private",
    [KEYS_SYSTEM] = "system",
    [KEYS_MANUAL] = "manual",
    [KEYS_MANUAL + 1] = NULL,
};

const char *const policy_sign_auths[] = {
    [SIGN_MD5] = "md5",
    [SIGN_AO] = "ao",
    [SIGN_AO + 1] = NULL,
};
const char *const policy_ao_algorithms[] = {
    [AO_HMAC_SHA_1_96] = "hmac-sha-1-96",
    [AO_AES_128_CMAC_96] = "aes-128-cmac-96",
    [AO_AES_128_CMAC_96 + 1] = NULL,
};

const uint8_t rule_protocols[] = {IPPROTO_TCP, IPPROTO_UDP, 0};

unsigned rule_protocol_bit(int protocol)
{
    for (unsigned i = 0; rule_protocols[i]; i++)
        if (rule_protocols[i] == protocol)
            return 1u << i;
    return 0;
}

static const char *const policy_ranks[] = {
    [RANK_MANDATORY] = "mandatory", [RANK_USER] = "user",      [RANK_PACKAGE] = "package",
    [RANK_DEFAULT] = "default",     [RANK_DEFAULT + 1] = NULL,
};

static const char *name_in(const char *const *names, unsigned i)
{
    for (unsigned k = 0; names[k]; k++)
        if (k == i)
            return names[k];
    return "?";
}

const char *action_name(enum action a)
{
    return name_in(policy_actions, (unsigned)a);
}

const char *rule_actions(const struct rule *r, char buf[RULE_ACTIONS])
{
    snprintf(buf, RULE_ACTIONS, "%s%s%s%s", action_name(r->action), r->sign ? ", sign" : "",
             r->random_port ? ", random-port" : "", r->no_downgrade ? ", no-downgrade" : "");
    return buf;
}

const char *identity_name(enum identity i)
{
    return name_in(policy_identities, (unsigned)i);
}

const char *point_name(enum point p)
{
    return name_in(policy_points, (unsigned)p);
}

const char *rank_name(enum rank r)
{
    return name_in(policy_ranks, (unsigned)r);
}

const char *keys_name(enum keys k)
{
    return name_in(policy_keys, (unsigned)k);
}

const char *seen_name(enum seen s)
{
    return name_in(policy_seen, (unsigned)s);
}
