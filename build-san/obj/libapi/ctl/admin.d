build-san/obj/libapi/ctl/admin.o: libapi/ctl/admin.c libapi/ctl/ask.h \
 libapi/ctl/../../btnsd/err.h libapi/ctl/../wire.h libapi/ctl/../addr.h \
 libapi/ctl/commands.h libapi/ctl/../key.h
libapi/ctl/ask.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/commands.h:
libapi/ctl/../key.h:
