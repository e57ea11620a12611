/* All checks in one table. */
#include "btnsd/ctl/lint/lint.h"

#include <string.h>

const struct lint_check lint_checks[] = {
    {"refused", "refused", LINT_ERROR, NULL, "btnsd would refuse the file, and with it all others"},
    {"Ua", "nobody", LINT_ERROR, lint_nobody, "a remote address that no host can have"},
    {"Ua", "everything-clear", LINT_WARNING, lint_everything_clear,
     "bypass or prefer for every address and every port"},
    {"Ua", "anybody-clear", LINT_NOTE, lint_anybody_clear,
     "bypass or prefer towards every address, on some ports"},
    {"Ua", "one-family", LINT_WARNING, lint_one_family,
     "every address of IPv4 but none of IPv6, or the reverse"},
    {"Ua", "host-alone", LINT_WARNING, lint_host_alone,
     "bypass for single hosts whatever the service"},
    {"Ua", "dynamic-ports", LINT_WARNING, lint_dynamic_ports,
     "ports that the kernel hands out to clients"},
    {"Ua", "shadowed", LINT_WARNING, lint_shadowed,
     "a rule that never decides, and an earlier one does otherwise"},
    {"Ua", "repeated", LINT_NOTE, lint_repeated,
     "a rule that never decides, and an earlier one does the same"},
    {"Ua", "link", LINT_WARNING, NULL, "match names a symbolic link, which never matches"},
    {"Ua", "elsewhere", LINT_WARNING, NULL, "match names no file, but there is one elsewhere"},
    {"Ua", "absent", LINT_NOTE, NULL, "match names only files that are not on this host"},
    {"Ub", "two-suites", LINT_WARNING, lint_two_suites,
     "one service of one host is asked for with two suites"},
    {"Uc", "impatient", LINT_NOTE, lint_impatient,
     "a timeout that is shorter than one lost packet of the key exchange"},
    {"Uc", "manual", LINT_ERROR, lint_manual,
     "keys made by hand, and nobody has said that replayed packets are accepted"},
    {"Ud", "two-identities", LINT_WARNING, lint_two_identities,
     "one service of one host is asked for with two kinds of identity"},
    {"Ue", "login-any-key", LINT_WARNING, lint_login_any_key,
     "a program that changes to another user trusts whatever key"},
    {"Uf", "any-key-out", LINT_WARNING, lint_any_key_out,
     "what must be protected goes to whoever answers"},
    {"Uf", "whoever", LINT_WARNING, lint_whoever,
     "whomever the system's IKE daemon lets in is believed"},
    {"Uf", "shared-key", LINT_WARNING, NULL, "a key that signs for more than one peer"},
    {"Ug", "any-key-in", LINT_WARNING, lint_any_key_in, "whoever has any key may come in"},
    {"Ug", "any-of-ca", LINT_WARNING, NULL, "whoever has a certificate of the authority will do"},
    {"Uf", "ca-date", LINT_ERROR, NULL, "the authority's certificate is not valid now"},
    {"Uh", "ike-version", LINT_NOTE, lint_ike_version,
     "the version of IKE is what the system's IKE daemon says it is"},
    {"Ui", "kernel", LINT_ERROR, NULL, "this kernel has no ESP, or not with the suite"},
    {"Ui", "unprobed", LINT_NOTE, NULL, "whether the kernel has ESP could not be tried"},
    {"Ui", "nat", LINT_WARNING, NULL, "this kernel cannot carry ESP in UDP, as a NAT needs it"},
    {"Ui", "charon", LINT_ERROR, NULL, "the IKE daemon is not installed"},
    {"Ui", "ike-port", LINT_ERROR, NULL, "another program has the IKE port"},
    {"Ui", "link-local", LINT_WARNING, lint_link_local,
     "protection of link-local addresses, which cannot be had"},
    {"Uo", "multicast", LINT_ERROR, lint_multicast, "a multicast or broadcast address"},
    {"Uo", "loopback", LINT_NOTE, lint_loopback, "protection of what never leaves the host"},
    {"Uo", "bgp", LINT_WARNING, lint_bgp, "BGP with whoever calls: it has a pair of hosts"},
    {"Uo", "tunnel", LINT_WARNING, NULL, "the default route already leads through a tunnel"},
    {0},
};

const struct lint_check *lint_check_named(const char *name)
{
    const struct lint_check *check = lint_checks;
    while (check->code && strcmp(check->name, name))
        check++;
    return check;
}
