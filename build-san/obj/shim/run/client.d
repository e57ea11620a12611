build-san/obj/shim/run/client.o: shim/run/client.c \
 shim/run/../../libapi/ctl/ask.c shim/run/../../libapi/ctl/ask.h \
 shim/run/../../libapi/ctl/../../btnsd/err.h \
 shim/run/../../libapi/ctl/../wire.h shim/run/../../libapi/ctl/../addr.h \
 shim/run/../../libapi/ctl/explain.c shim/run/../../libapi/ctl/explain.h \
 shim/run/../../libapi/ctl/find.c shim/run/../../libapi/ctl/find.h \
 shim/run/../../libapi/ctl/options.c shim/run/../../libapi/ctl/options.h \
 shim/run/../../libapi/ctl/target.c shim/run/../../libapi/ctl/target.h \
 shim/run/../../libapi/ctl/../addr.h shim/run/../../libapi/ctl/text.c \
 shim/run/../../libapi/ctl/text.h
shim/run/../../libapi/ctl/ask.c:
shim/run/../../libapi/ctl/ask.h:
shim/run/../../libapi/ctl/../../btnsd/err.h:
shim/run/../../libapi/ctl/../wire.h:
shim/run/../../libapi/ctl/../addr.h:
shim/run/../../libapi/ctl/explain.c:
shim/run/../../libapi/ctl/explain.h:
shim/run/../../libapi/ctl/find.c:
shim/run/../../libapi/ctl/find.h:
shim/run/../../libapi/ctl/options.c:
shim/run/../../libapi/ctl/options.h:
shim/run/../../libapi/ctl/target.c:
shim/run/../../libapi/ctl/target.h:
shim/run/../../libapi/ctl/../addr.h:
shim/run/../../libapi/ctl/text.c:
shim/run/../../libapi/ctl/text.h:
