# SPDX-License-Identifier: MIT
# shmcheck: the one Makefile. `make help` lists the targets.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CC = gcc
VERSION = 0.1.0

# Debian packages: what the build needs, and what the tests use on top of it.
BUILD_PACKAGES = gcc make libc6-dev pkg-config libdw-dev libelf-dev libjansson-dev
TEST_PACKAGES = check bats

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Werror
COMMON = -std=gnu11 $(WARNINGS) -I. -D_GNU_SOURCE -DSHMCHECK_VERSION='"$(VERSION)"' -MMD -MP
SANITIZE ?=

# Sources by stage. Each list is the folder's table of contents.
PROTOCOL_SOURCES = protocol/call.c protocol/arena.c protocol/session.c
SHIM_SOURCES =
LAUNCH_SOURCES =
LOG_SOURCES =
ANALYZE_SOURCES =
REPORT_SOURCES =
FRONT_SOURCES = harness/options.c harness/options_explore.c harness/error.c harness/duration.c harness/conclude.c harness/command_run.c harness/command_report.c \
	harness/command_doctor.c harness/command_list.c

HARNESS_SOURCES = $(PROTOCOL_SOURCES) $(LAUNCH_SOURCES) $(LOG_SOURCES) $(ANALYZE_SOURCES) $(REPORT_SOURCES) \
	$(FRONT_SOURCES)
LIBRARIES = -ldw -lelf -ljansson -lpthread -lz

COMMAND = $(BUILD)/shmcheck
SHIM = $(BUILD)/libshmcheck.so
HARNESS_LIBRARY = $(BUILD)/libharness.a

TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))
PROGRAMS = $(patsubst tests/programs/%.c,$(BUILD)/tests/programs/%,$(wildcard tests/programs/*.c))
BATS = $(wildcard tests/*.bats)

.PHONY: all
all: $(COMMAND) $(SHIM)

# What runs in somebody else's program: no heap, no stdio, hidden symbols. Optimised even in a debug build.
SHIM_FLAGS = -fPIC -fvisibility=hidden -fno-plt -ftls-model=initial-exec -fno-stack-protector -fomit-frame-pointer \
	-fasynchronous-unwind-tables -U_FORTIFY_SOURCE
SHIM_LINK = -shared -Wl,-z,initfirst -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,nodelete -Wl,--version-script=shim/exports.map \
	-Wl,-soname,libshmcheck.so -Wl,--no-undefined -Wl,-z,defs

$(BUILD)/shim/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(CFLAGS) -O2 $(SHIM_FLAGS) -c -o $@ $<

$(BUILD)/harness/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(CFLAGS) $(SANITIZE) -c -o $@ $<

$(SHIM): $(patsubst %.c,$(BUILD)/shim/%.o,$(PROTOCOL_SOURCES) $(SHIM_SOURCES)) shim/exports.map
	$(CC) $(SHIM_LINK) -o $@ $(filter %.o,$^)

$(HARNESS_LIBRARY): $(patsubst %.c,$(BUILD)/harness/%.o,$(HARNESS_SOURCES))
	@rm -f $@
	$(AR) rcs $@ $^

$(COMMAND): $(BUILD)/harness/harness/main.o $(HARNESS_LIBRARY)
	$(CC) $(SANITIZE) -o $@ $^ $(LIBRARIES)

# Tests are found: tests/test_*.c (libcheck), tests/*.bats, and the small programs that they run.
$(BUILD)/tests/programs/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -Wall -Wextra -D_GNU_SOURCE -O1 -g -o $@ $< -lpthread

$(BUILD)/tests/test_%: tests/test_%.c $(HARNESS_LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(COMMON) -DBUILD='"$(abspath $(BUILD))"' $(CFLAGS) $(SANITIZE) -o $@ $< $(HARNESS_LIBRARY) \
		$(LIBRARIES) $$(pkg-config --cflags --libs check)

.PHONY: build-tests
build-tests: all $(TESTS) $(PROGRAMS)

.PHONY: run-tests
run-tests: build-tests
	BUILD=$(abspath $(BUILD)) tests/run $(TESTS) -- $(BATS)

.PHONY: check
check: packages-check
	$(MAKE) run-tests

.PHONY: packages packages-check
packages:
	@tools/packages $(BUILD_PACKAGES)
packages-check:
	@tools/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
