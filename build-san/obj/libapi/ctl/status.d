build-san/obj/libapi/ctl/status.o: libapi/ctl/status.c libapi/ctl/ask.h \
 libapi/ctl/../../btnsd/err.h libapi/ctl/../wire.h libapi/ctl/../addr.h \
 libapi/ctl/commands.h libapi/ctl/json.h libapi/ctl/text.h \
 libapi/ctl/../key.h
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/commands.h:
libapi/ctl/json.h:
libapi/ctl/text.h:
libapi/ctl/../key.h:
