# Latches over SAs that btnsd did not make: states made by hand, and the administrator's strongSwan.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/managers-manual.sh"
