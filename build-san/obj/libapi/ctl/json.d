build-san/obj/libapi/ctl/json.o: libapi/ctl/json.c libapi/ctl/json.h \
 libapi/ctl/text.h
libapi/ctl/json.h:
libapi/ctl/text.h:
