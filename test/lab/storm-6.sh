# The storm over IPv6.
FAMILY=6
. "$BTNS_REPO/test/lab/storm.sh"
