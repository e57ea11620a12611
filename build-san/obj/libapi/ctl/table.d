build-san/obj/libapi/ctl/table.o: libapi/ctl/table.c libapi/ctl/table.h \
 libapi/ctl/../wire.h libapi/ctl/../addr.h libapi/ctl/text.h
libapi/ctl/table.h:
libapi/ctl/../wire.h:
libapi/ctl/../addr.h:
libapi/ctl/text.h:
