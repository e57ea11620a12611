# Builds btns into build/. `make help` lists what there is.
PREFIX ?= /usr
DESTDIR ?=
CC = gcc
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)' $@)
BUILD ?= build
VERSION := 0.1.0

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
       -Wvla -Wformat=2 -Wno-format-truncation -Werror
BASE = -std=gnu11 -D_GNU_SOURCE -fstack-protector-strong -fno-strict-aliasing -MMD -MP \
       -DBTNS_VERSION='"$(VERSION)"' $(WARN)
SHIM_CFLAGS = $(BASE) $(CFLAGS) -fPIC -fvisibility=hidden
# The shim goes into other people's programs, which are not sanitized: it never is.
ifeq ($(SAN),1)
BUILD := build-san
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
ALL_CFLAGS = $(BASE) $(CFLAGS) $(SANFLAGS)

COMMON = libapi/addr.c libapi/key.c
BTNSD = $(wildcard btnsd/*.c btnsd/*/*.c) $(COMMON)
CTL = $(wildcard libapi/ctl/*.c) $(COMMON)
RUN = $(wildcard shim/run/*.c) libapi/addr.c
SHIM = $(wildcard shim/*.c) libapi/addr.c
UNITS = $(patsubst test/unit/%.c,%,$(wildcard test/unit/*.c))

objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PROGRAMS = $(BUILD)/btnsd $(BUILD)/btnsctl $(BUILD)/btns-run $(BUILD)/libbtns-shim.so
LIBS_BTNSD = -lmnl -lconfuse -lcrypto

all: $(PROGRAMS)

$(BUILD)/btnsd: $(call objs,$(BTNSD))
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_BTNSD)
$(BUILD)/btnsctl: $(call objs,$(CTL))
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto
$(BUILD)/btns-run: $(call objs,$(RUN))
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^
$(BUILD)/libbtns-shim.so: $(patsubst %.c,$(BUILD)/pic/%.o,$(SHIM)) shim/exports.map
	$(call say,CC)
	$(Q)$(CC) $(SHIM_CFLAGS) $(LDFLAGS) -shared -Wl,--version-script=shim/exports.map -Wl,-z,defs -Wl,-z,now \
	  -o $@ $(filter %.o,$^)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(SHIM_CFLAGS) -c -o $@ $<

# Unit tests: one program a file, linked with all of btnsd but its main.
UNIT_OBJS = $(filter-out $(BUILD)/obj/btnsd/main.o,$(call objs,$(BTNSD)))
$(BUILD)/unit/%: $(BUILD)/obj/test/unit/%.o $(UNIT_OBJS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_BTNSD)
unit: $(addprefix $(BUILD)/unit/,$(UNITS))

# Small programs the tests run under btns-run.
HELPERS = $(patsubst test/programs/%.c,$(BUILD)/programs/%,$(wildcard test/programs/*.c))
$(BUILD)/programs/%: test/programs/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(BASE) $(CFLAGS) -o $@ $< -lpthread
programs: $(HELPERS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all unit programs
.SECONDARY:
