/* Writes the private charon's strongswan.conf anew at each start. */
#include "btnsd/base/file.h"
#include "btnsd/ike/charon/charon_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * The plugins are named one by one: no stroke (ipsec.conf, ipsec.secrets), no bypass-lan, nothing
 * that reads the administrator's files. Everything comes over VICI.
 */
static const char conf[] =
    "# Written by btnsd at each start of its private charon; changes are lost.\n"
    "charon {\n"
    "    load = random nonce openssl kdf pem pkcs1 pkcs8 pubkey x509 constraints "
    "kernel-netlink socket-default "
    "vici\n"
    /*
     * Each exchange of ours that waits for its peer occupies one: more than LIMIT_EXCHANGES and
     * LIMIT_CLOSES have for all users and root.
     */
    "    threads = 160\n"
    "    install_routes = no\n"
    "    install_virtual_ip = no\n"
    "    routing_table = 0\n" /* without it charon adds a routing rule for table 220 to the host */
    /*
     * charon gives up a silent peer after 1 + 1.1 + 1.21 + 1.33 + 1.46 + 1.61 s. A peer that comes
     * back meanwhile is soon asked again.
     */
    "    retransmit_tries = 5\n"
    "    retransmit_timeout = 1.0\n"
    "    retransmit_base = 1.1\n"
    /*
     * When many exchanges are half open, charon asks for cookies; one address may not take all
     * places.
     */
    "    half_open_timeout = 15\n"
    "    cookie_threshold = 100\n"
    "    cookie_threshold_ip = 20\n"
    "    block_threshold = 50\n"
    /* Some 200 MB of IKE SAs: the last resort if strangers make them faster than they are ended. */
    "    ikesa_limit = 16384\n"
    "    filelog {\n"
    "        stderr {\n"
    "            time_format = %Y-%m-%dT%H:%M:%S\n"
    "            ike_name = yes\n"
    "            flush_line = yes\n"
    "            default = 1\n"
    "            ike = 1\n"
    "            knl = 1\n"
    "            cfg = 1\n"
    "            enc = 0\n" /* the packets' contents would be logged line after line */
    "        }\n"
    "    }\n"
    "    plugins {\n"
    "        vici {\n"
    "            socket = unix:///run/" CHARON_SOCKET "\n"
    "        }\n"
    "        kernel-netlink {\n"
    "            set_proto_port_transport_sa = yes\n"
    "            xfrm_acq_expires = 10\n"
    "            roam_events = no\n" /* a latch's addresses never change */
    "        }\n"
    "    }\n"
    "}\n";

/*
 * Read after the lines above, which it overrides. A charon agrees to BEET mode only with a charon,
 * and it must hear of a change of address to move its SAs.
 */
static const char beet_conf[] = "charon {\n"
                                "    send_vendor_id = yes\n"
                                "    plugins {\n"
                                "        kernel-netlink {\n"
                                "            roam_events = yes\n"
                                "        }\n"
                                "    }\n"
                                "}\n";

int charon_conf_write(const struct charon_paths *paths, struct err *err)
{
    char path[FILE_PATH], text[sizeof conf + sizeof beet_conf];
    int len = snprintf(text, sizeof text, "%s%s", conf, paths->beet ? beet_conf : "");
    int error = file_path(path, paths->run, strrchr(CHARON_CONF, '/') + 1);
    if (!error && mkdir(paths->run, 0700) && errno != EEXIST)
        error = -errno;
    if (!error)
        error = file_write(path, text, (size_t)len, 0600, true);
    if (error)
        err_set(err, "%s: charon.conf: %s", paths->run, strerror(-error));
    return error;
}
