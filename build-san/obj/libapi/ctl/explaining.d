build-san/obj/libapi/ctl/explaining.o: libapi/ctl/explaining.c \
 libapi/ctl/commands.h libapi/ctl/../../btnsd/err.h libapi/ctl/explain.h \
 libapi/ctl/ask.h libapi/ctl/../wire.h libapi/ctl/../addr.h \
 libapi/ctl/find.h libapi/ctl/json.h libapi/ctl/target.h \
 libapi/ctl/../addr.h libapi/ctl/text.h
libapi/ctl/commands.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/explain.h:
libapi/ctl/ask.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/find.h:
libapi/ctl/json.h:
libapi/ctl/target.h:
libapi/ctl/../addr.h:
libapi/ctl/text.h:
