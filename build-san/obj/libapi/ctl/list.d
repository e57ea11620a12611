build-san/obj/libapi/ctl/list.o: libapi/ctl/list.c libapi/ctl/list.h \
 libapi/ctl/ask.h libapi/ctl/../../btnsd/err.h libapi/ctl/../wire.h \
 libapi/ctl/../addr.h libapi/ctl/commands.h libapi/ctl/json.h \
 libapi/ctl/table.h
libapi/ctl/list.h:
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/commands.h:
libapi/ctl/json.h:
libapi/ctl/table.h:
