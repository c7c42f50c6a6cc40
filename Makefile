# SPDX-License-Identifier: MIT
# shmcheck: the one Makefile. `make help` lists the targets.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CC = gcc
VERSION = 0.1.0

# Debian packages: what the build needs, and what the tests use on top of it.
BUILD_PACKAGES = gcc make libc6-dev binutils pkg-config libdw-dev libelf-dev libjansson-dev libxml2-dev zlib1g-dev libcyaml-dev libyaml-dev
DEMO_PACKAGES = perl util-linux fio
DEB_PACKAGES = debhelper build-essential
TEST_PACKAGES = check bats procps mount libcap2-bin strace valgrind stress-ng \
	automake autoconf cmake meson ninja-build g++ clang libclang-rt-dev $(DEB_PACKAGES) \
	python3 python3-jsonschema python3-yaml libxml2-utils mandoc shellcheck \
	postgresql php-cli xvfb x11-utils x11-apps $(DEMO_PACKAGES)
LINT_PACKAGES = clang-tidy clang-format-14 cppcheck shellcheck mandoc
COVERAGE_PACKAGES = gcovr
FUZZ_PACKAGES = clang

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Werror
COMMON = -std=gnu11 $(WARNINGS) -I. -D_GNU_SOURCE -DSHMCHECK_VERSION='"$(VERSION)"' \
	-DSHMCHECK_MULTIARCH='"$(MULTIARCH)"' -MMD -MP
SANITIZE ?=
# What the libraries of the harness need to be found by the compiler.
HARNESS_FLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null)

# Loaded when a report needs it, by the name of the one that is built against.
XML_SONAME := $(shell objdump -p "$$($(CC) -print-file-name=libxml2.so)" 2>/dev/null | awk '$$1 == "SONAME" { print $$2 }')
HARNESS_FLAGS += -DXML_SONAME='"$(or $(XML_SONAME),libxml2.so.2)"'

# A line for each thing that is built; the whole command with V=1, nothing with make -s.
V ?=
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-5s %s\n' $(1) $@;)

# Sources by stage: each list is a folder's table of contents.
PROTOCOL_SOURCES = $(addprefix protocol/,$(addsuffix .c, \
	call arena signal_frame session order errno_name errno_table signal_name \
	plan plan_check plan_decide plan_error plan_evaluate plan_expression plan_glob plan_key plan_operator \
	plan_parse plan_print plan_sift plan_text plan_value plan_world))

SHIM_SOURCES = $(addprefix shim/,$(addsuffix .c, \
	start server real self environment append room watch calls ftok ranges bystanders sleep life exec order \
	stubs_x86_64 stubs_aarch64 stubs_portable \
	inject inject_caller inject_site inject_key inject_limit inject_denied inject_planted inject_world \
	plain plain_environment plain_file \
	string loader stack stack_reach stack_view module \
	api api_rules api_ask ask book book_compare book_kernel))

LAUNCH_SOURCES = $(addprefix harness/launch/,$(addsuffix .c, \
	launch sandbox session_file preload target partner supervise cast bell tree drain world \
	crash crash_stack kernel_log last_table settings birth turn station station_watch server server_look))

LOG_SOURCES = $(addprefix harness/log/,$(addsuffix .c, \
	evidence_json log_write log_read log_rules log_session log_command))

ANALYZE_SOURCES = $(addprefix harness/analyze/,$(addsuffix .c, \
	evidence kernel_table stack symbols unwind unwind_object scopes suppress suppress_parse \
	finding plan_findings judge judge_crash judge_table \
	ledger ledger_attach ledger_attach_leak ledger_fault ledger_fold ledger_habits ledger_map ledger_misuse \
	ledger_pool ledger_process ledger_query ledger_segment ledger_words))

# One run for every point.
EXPLORE_SOURCES = $(addprefix harness/explore/,$(addsuffix .c, \
	point verdict output expected expand folder watch identity identities intake remains trial worker crew worklist causes clean suspect \
	cause keep_run places progress weigh sweep baseline replay reproduce))

# Several processes from a file.
SCENARIO_SOURCES = $(addprefix harness/scenario/,$(addsuffix .c, \
	document variables check schema play point part value condition locate validate validate_expect \
	order_plan order_text order_cycle ready plant lines stage deadlock exit_watch \
	expect expect_process expect_segment work_folder explore run pool find_files tell))

REPORT_SOURCES = $(addprefix harness/report/,$(addsuffix .c, \
	report report_run keep told rules_told fingerprint say shown \
	text text_finding text_run json json_parts json_run json_event \
	junit xml tap sarif sarif_location github \
	baseline known known_subject known_put explore_report explore_table explore_text))

FRONT_SOURCES = $(addprefix harness/,$(addsuffix .c, \
	options options_value options_known options_judging options_environment options_explore options_scenario \
	commands command_run command_explore command_scenario command_report command_list command_doctor command_explain \
	clock processors compile_rules rules marked user_file list words duration error conclude publish))

HARNESS_SOURCES = $(PROTOCOL_SOURCES) $(LAUNCH_SOURCES) $(LOG_SOURCES) $(ANALYZE_SOURCES) $(EXPLORE_SOURCES) \
	$(SCENARIO_SOURCES) $(REPORT_SOURCES) $(FRONT_SOURCES)

LIBRARIES = -ldw -lelf -ljansson -lcyaml -lyaml -lpthread -lz

COMMAND = $(BUILD)/shmcheck
SHIM = $(BUILD)/libshmcheck.so
HARNESS_LIBRARY = $(BUILD)/libharness.a

TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))
PROGRAMS = $(patsubst tests/programs/%.c,$(BUILD)/tests/programs/%,$(wildcard tests/programs/*.c)) \
	$(patsubst tests/programs/%.cc,$(BUILD)/tests/programs/%,$(wildcard tests/programs/*.cc))
BATS = $(wildcard tests/*.bats)
SCENARIO_PROGRAMS = $(patsubst scenarios/%.c,$(BUILD)/scenarios/%,$(wildcard scenarios/programs/*.c))

.DEFAULT_GOAL = all

.PHONY: all
all: $(COMMAND) $(SHIM) ## build the command and its library

# What runs in somebody else's program: no heap, no stdio, hidden symbols. Optimised even in a debug build.
SHIM_FLAGS = -fPIC -fvisibility=hidden -fno-plt -ftls-model=initial-exec -fno-stack-protector -fomit-frame-pointer \
	-fasynchronous-unwind-tables -U_FORTIFY_SOURCE -fno-tree-slp-vectorize -fdata-sections
SHIM_LINK = -shared -Wl,-z,initfirst -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,nodelete -Wl,--version-script=shim/exports.map \
	-Wl,-soname,libshmcheck.so -Wl,--no-undefined -Wl,-z,defs -Wl,--sort-section=alignment

# A loop that copies must not become a call of memcpy in memcpy itself.
$(BUILD)/shim/shim/string.o: SHIM_FLAGS += -ffreestanding -fno-tree-loop-distribute-patterns

$(BUILD)/shim/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(COMMON) $(CFLAGS) -O2 $(SHIM_FLAGS) -c -o $@ $<

$(BUILD)/harness/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(COMMON) $(HARNESS_FLAGS) $(CFLAGS) $(SANITIZE) -c -o $@ $<

$(SHIM): $(patsubst %.c,$(BUILD)/shim/%.o,$(PROTOCOL_SOURCES) $(SHIM_SOURCES)) shim/exports.map
	$(call say,LINK)$(CC) $(SHIM_LINK) -o $@ $(filter %.o,$^)

$(HARNESS_LIBRARY): $(patsubst %.c,$(BUILD)/harness/%.o,$(HARNESS_SOURCES))
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

# Bound at its start: what it forks need not look the same names up again.
$(COMMAND): $(BUILD)/harness/harness/main.o $(HARNESS_LIBRARY)
	$(call say,LINK)$(CC) $(SANITIZE) -Wl,-z,now -o $@ $^ $(LIBRARIES)

# Tests are found: tests/test_*.c (libcheck), tests/*.bats, and the small programs that they run.
$(BUILD)/tests/programs/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -std=gnu11 -Wall -Wextra -D_GNU_SOURCE -O1 -g -o $@ $< -lpthread

$(BUILD)/tests/programs/%: tests/programs/%.cc
	@mkdir -p $(@D)
	$(call say,LINK)$(CXX) -std=c++17 -Wall -Wextra -O1 -g -o $@ $<

$(BUILD)/tests/test_%: tests/test_%.c $(HARNESS_LIBRARY)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(COMMON) $(HARNESS_FLAGS) -DBUILD='"$(abspath $(BUILD))"' -DTESTS='"$(abspath tests)"' $(CFLAGS) $(SANITIZE) -o $@ $< $(HARNESS_LIBRARY) \
		$(LIBRARIES) $$(pkg-config --cflags --libs check)

# The stack test has a part of the library in it, as it is built for that, with nothing but its functions to be seen; and ways
# and modules that are optimised whatever the rest is.
STACK_PART = $(BUILD)/tests/stacks/part.o
$(STACK_PART): $(addprefix $(BUILD)/shim/,$(addsuffix .o,$(addprefix shim/,stack stack_reach stack_view module string) \
	protocol/signal_frame))
	@mkdir -p $(@D)
	$(LD) -r -o $@ $^
	objcopy $(addprefix --keep-global-symbol=,stack_attach stack_capture stack_modules_changed) $@
$(BUILD)/tests/test_stack_copy: $(STACK_PART) $(BUILD)/tests/stacks/ways.o
$(BUILD)/tests/test_stack_copy: LIBRARIES := $(STACK_PART) $(BUILD)/tests/stacks/ways.o $(HARNESS_LIBRARY) $(LIBRARIES)
$(BUILD)/tests/test_stack_copy: $(BUILD)/tests/stacks/first.so $(BUILD)/tests/stacks/second.so
$(BUILD)/tests/stacks/%.so: tests/stacks/module.c
	@mkdir -p $(@D)
	$(CC) -O2 -g -fomit-frame-pointer -fPIC -shared -DINNER=$*_inner '-DPADDING=".skip 8,0x90"' -o $@ $<
$(BUILD)/tests/stacks/ways.o: tests/stacks/ways.c tests/stacks/ways.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(WARNINGS) -D_GNU_SOURCE -O2 -g -fomit-frame-pointer -c -o $@ $<

# The programs of the scenarios, found too. Always optimised: one of their bugs is an optimisation.
$(BUILD)/scenarios/programs/%: scenarios/programs/%.c $(wildcard scenarios/programs/*.h)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -std=gnu11 $(WARNINGS) -I. -D_GNU_SOURCE -O2 -g -o $@ $<

.PHONY: scenario-programs
scenario-programs: all $(SCENARIO_PROGRAMS) ## build the programs that the scenarios run

# These call the library, as a user's tests do: the fixture that they share finds what they leave.
WITH_LIBRARY = $(patsubst %,$(BUILD)/tests/test_%,api_rules api_leaks api_kernel api_explain)
$(WITH_LIBRARY): $(SHIM)
$(WITH_LIBRARY): LIBRARIES += -Iinclude -L$(BUILD) -lshmcheck -Wl,-rpath,$(abspath $(BUILD))

.PHONY: build-tests
build-tests: all $(TESTS) $(PROGRAMS) $(SCENARIO_PROGRAMS)

.PHONY: run-tests
run-tests: build-tests ## what check does, without a look for missing packages
	BUILD=$(abspath $(BUILD)) tests/run $(TESTS) -- $(BATS)

.PHONY: golden
golden: $(BUILD)/tests/test_golden $(COMMAND) ## write the golden reports in tests/golden anew; look at the difference
	SHMCHECK_TEST_GOLDEN_WRITE=1 $(BUILD)/tests/test_golden

# What a newcomer types: both install what is missing.
.PHONY: check demo
check: packages-check ## build and run every test
	$(MAKE) run-tests
demo: packages-demo ## build, then find leaks in real programs
	@echo "building $(BUILD)/shmcheck, its library and the programs of the scenarios"
	@$(MAKE) --silent V=$(V) scenario-programs
	@tools/demo $(BUILD)

# Not a part of `check`: it takes minutes, and makes the machine busy on purpose.
LOOPS ?= 50
.PHONY: check-scenarios-loop
check-scenarios-loop: packages-check scenario-programs ## run the scenarios LOOPS (50) times under load
	tools/loop-scenarios $(BUILD) $(LOOPS)

# Sanitizers watch the harness and the tests, each in its own folder. The shim stays as it is: it runs in other people's
# programs. The bats files that starve a program of memory or measure ours, that run large ones, or that build with other
# flags are left to `check`: a sanitizer keeps memory for itself.
SANITIZED_BATS = $(filter-out $(patsubst %,tests/%.bats,limits explore_many programs demo build examples package readme ci valgrind terminal),$(BATS))
SANITIZER_FLAGS = -fno-omit-frame-pointer -Wno-error=maybe-uninitialized
# At most 28 bits of mmap are random where TSan's runtime can map its shadow: some kernels use more, setarch none.
WITHOUT_ASLR = setarch $(shell uname -m) -R

.PHONY: check-asan check-ubsan check-tsan
check-asan: packages-check ## the tests under AddressSanitizer and LeakSanitizer
	CK_TIMEOUT_MULTIPLIER=5 ASAN_OPTIONS="verify_asan_link_order=0 $$ASAN_OPTIONS" $(MAKE) BUILD=$(BUILD)/asan BATS="$(SANITIZED_BATS)" \
		SANITIZE="-fsanitize=address $(SANITIZER_FLAGS)" run-tests
check-ubsan: packages-check ## the tests under UndefinedBehaviorSanitizer
	CK_TIMEOUT_MULTIPLIER=5 $(MAKE) BUILD=$(BUILD)/ubsan BATS="$(SANITIZED_BATS)" \
		SANITIZE="-fsanitize=undefined -fno-sanitize-recover=all $(SANITIZER_FLAGS)" run-tests
# TSan's runtime has a thread, memory and reservations of its own: no user namespace can be entered, no bound on memory holds,
# and another sanitizer cannot be loaded beside it. Tests that need one of these are tagged.
check-tsan: packages-check ## the tests under ThreadSanitizer
	CK_TIMEOUT_MULTIPLIER=10 BATS_TAGS='!without-tsan' SANITIZER_REPORTS=$(abspath $(BUILD))/tsan/reports \
		TSAN_OPTIONS="die_after_fork=0 atexit_sleep_ms=0 log_path=$(abspath $(BUILD))/tsan/reports/report $$TSAN_OPTIONS" \
		$(WITHOUT_ASLR) $(MAKE) BUILD=$(BUILD)/tsan BATS="$(SANITIZED_BATS)" \
		SANITIZE="-fsanitize=thread $(SANITIZER_FLAGS)" run-tests

# The shim for another architecture, and what it falls back to where there is no file for one.
CROSS_PACKAGES = gcc-aarch64-linux-gnu libc6-dev-arm64-cross
.PHONY: check-portable
check-portable: packages-check ## build the shim for aarch64, and test its portable fallback
	@tools/packages $(CROSS_PACKAGES)
	$(MAKE) BUILD=$(BUILD)/aarch64 CC=aarch64-linux-gnu-gcc $(BUILD)/aarch64/libshmcheck.so
	$(MAKE) BUILD=$(BUILD)/portable CFLAGS="-O2 -g -DSHIM_PORTABLE" BATS=tests/processes.bats TESTS= run-tests

# The sources as they lie in the folders, listed above or not.
C_SOURCES = $(sort $(wildcard protocol/*.c shim/*.c harness/*.c harness/*/*.c examples/*/*.c \
	tests/*.c tests/*/*.c bench/*.c scenarios/programs/*.c))
C_HEADERS = $(sort $(wildcard protocol/*.h shim/*.h harness/*.h harness/*/*.h include/*.h examples/*/*.h \
	tests/*.h tests/*/*.h bench/*.h scenarios/programs/*.h))
SCRIPTS = tests/run .ci/run bench/run bench/scenario bench/explore share/shmcheck.bash \
	$(addprefix tools/,demo demo-scenarios lint-shim lint-sources loop-scenarios packages picture-report readme-session) \
	$(wildcard tests/*.bats tests/*.bash)
LINTED = $(HARNESS_SOURCES) $(SHIM_SOURCES) harness/main.c $(wildcard scenarios/programs/*.c)
TIDIED = $(patsubst %.c,$(BUILD)/tidy/%.ok,$(sort $(LINTED)))

.PHONY: lint lint-tidy lint-cppcheck lint-scripts lint-sources lint-shim
lint: packages-lint ## clang-tidy, cppcheck, shellcheck and the house rules
	$(MAKE) lint-sources lint-scripts lint-shim lint-cppcheck lint-tidy
lint-tidy: $(TIDIED)
$(BUILD)/tidy/%.ok: %.c .clang-tidy $(C_HEADERS)
	@mkdir -p $(@D)
	$(call say,TIDY)clang-tidy --quiet $< -- -std=gnu11 $(HARNESS_FLAGS) -I. -D_GNU_SOURCE -DSHMCHECK_VERSION='"$(VERSION)"'
	@touch $@
lint-cppcheck:
	$(call say,LINT)cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=allocaCalled --suppress=normalCheckLevelMaxBranches -I. -D_GNU_SOURCE \
		-D__x86_64__ -D__linux__ -DSHMCHECK_VERSION='"$(VERSION)"' $(sort $(LINTED))
lint-scripts:
	$(call say,LINT)mandoc -T lint -W warning $(MAN_PAGES)
	shellcheck $(filter-out tests/%.bats tests/%.bash,$(SCRIPTS))
	shellcheck --exclude=SC2016,SC2154,SC2164 $(filter tests/%.bats tests/%.bash,$(SCRIPTS))
lint-sources:
	$(call say,LINT)tools/lint-sources $(C_SOURCES) $(C_HEADERS)
lint-shim: $(SHIM)
	tools/lint-shim $(SHIM)

CLANG_FORMAT = clang-format-14
.PHONY: format format-check
format: packages-lint ## rewrite the sources in the house's format
	$(CLANG_FORMAT) -i $(C_SOURCES) $(C_HEADERS)
format-check: packages-lint ## say where the sources are not in the house's format
	$(call say,LINT)$(CLANG_FORMAT) --dry-run -Werror $(C_SOURCES) $(C_HEADERS)

.PHONY: readme
readme: packages-demo all $(BUILD)/scenarios/programs/writer ## the README's session and picture anew, from real runs
	tools/readme-session $(BUILD) <README.md >$(BUILD)/README.md
	cat $(BUILD)/README.md >README.md
	tools/picture-report $(BUILD) | tools/picture "shmcheck explore -- ./writer --abandon" >$(BUILD)/report.svg
	mv $(BUILD)/report.svg docs/report.svg

.PHONY: coverage
coverage: packages-check ## run the tests and show which lines of the harness they reach
	@tools/packages $(COVERAGE_PACKAGES)
	$(MAKE) BUILD=$(BUILD)/coverage CFLAGS="-O0 -g" SANITIZE="--coverage" run-tests
	gcovr --root . --object-directory $(BUILD)/coverage --exclude tests/ --exclude bench/

$(BUILD)/bench/%: bench/%.c $(HARNESS_LIBRARY)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -std=gnu11 -Wall -Wextra -I. -D_GNU_SOURCE -O2 -g -o $@ $< $(HARNESS_LIBRARY) $(LIBRARIES)

.PHONY: bench
bench: packages-check all $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c)) $(BUILD)/tests/programs/many ## measure what watching costs
	bench/run $(BUILD)
	bench/scenario $(BUILD)
	bench/explore $(BUILD)

# A fuzzer feeds one reader of files that a stranger may have written; each has FUZZ_SECONDS.
FUZZ_SECONDS ?= 60
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
$(BUILD)/fuzz/%: tests/fuzz/%.c $(HARNESS_SOURCES)
	@mkdir -p $(@D)
	clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined $(HARNESS_FLAGS) -I. -D_GNU_SOURCE \
		-DSHMCHECK_VERSION='"$(VERSION)"' -o $@ $< $(HARNESS_SOURCES) $(LIBRARIES)

.PHONY: fuzz
fuzz: packages ## feed the readers of files with garbage, FUZZ_SECONDS (60) each
	@tools/packages $(FUZZ_PACKAGES)
	$(MAKE) $(FUZZERS)
	@for fuzzer in $(FUZZERS); do name=$${fuzzer##*/}; mkdir -p $(BUILD)/fuzz/found-$$name; \
		dictionary=$$(ls tests/fuzz/$$name.dict 2>/dev/null); \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=20 -artifact_prefix=$(BUILD)/fuzz/ $${dictionary:+-dict=$$dictionary} \
			$(BUILD)/fuzz/found-$$name tests/fuzz/corpus-$$name || exit 1; done

# The command looks for its library beside itself, then where it was installed; the library for the command likewise.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
LIBDIR ?= $(PREFIX)/lib$(if $(MULTIARCH),/$(MULTIARCH))
MAN_PAGES = $(wildcard docs/*.[1-8])
INSTALL_FILE = install -D -m 644

# What is installed, below DESTDIR.
INSTALLED = $(PREFIX)/bin/shmcheck $(LIBDIR)/libshmcheck.so $(LIBDIR)/pkgconfig/shmcheck.pc \
	$(PREFIX)/include/shmcheck.h $(PREFIX)/include/shmcheck-check.h \
	$(PREFIX)/share/bash-completion/completions/shmcheck $(PREFIX)/share/shmcheck/shmcheck-report.schema.json \
	$(foreach page,$(MAN_PAGES),$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

.PHONY: install uninstall
install: all ## install below DESTDIR and PREFIX (/usr/local); LIBDIR is PREFIX/lib/MULTIARCH
	install -D -m 755 $(COMMAND) $(DESTDIR)$(PREFIX)/bin/shmcheck
	$(INSTALL_FILE) $(SHIM) $(DESTDIR)$(LIBDIR)/libshmcheck.so
	for header in include/*.h; do $(INSTALL_FILE) $$header $(DESTDIR)$(PREFIX)/$$header; done
	mkdir -p $(DESTDIR)$(LIBDIR)/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' include/shmcheck.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/shmcheck.pc
	for page in $(MAN_PAGES); do \
		$(INSTALL_FILE) $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	$(INSTALL_FILE) share/shmcheck.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/shmcheck
	$(INSTALL_FILE) share/shmcheck-report.schema.json \
		$(DESTDIR)$(PREFIX)/share/shmcheck/shmcheck-report.schema.json
	[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true
uninstall: ## remove what install put there
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))

# In a copy, since what is built for a package is built apart and anew.
DEB_FOLDER = $(BUILD)/deb/shmcheck-$(VERSION)
.PHONY: deb
deb: packages ## make a Debian package in build/deb
	@tools/packages $(DEB_PACKAGES)
	rm -rf $(BUILD)/deb && mkdir -p $(DEB_FOLDER)
	tar --create --exclude=./build --exclude=./.git --exclude=./$(BUILD) . | tar --extract --directory=$(DEB_FOLDER)
	cd $(DEB_FOLDER) && env -u BUILD -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u MAKEOVERRIDES -u CFLAGS \
		dpkg-buildpackage --build=binary --no-sign --jobs=auto
	@ls $(BUILD)/deb/*.deb

# tools/packages installs what is missing, as root or by sudo; otherwise it says what to type.
.PHONY: packages packages-check packages-demo packages-lint packages-ci
packages: ## install what the build needs
	@tools/packages $(BUILD_PACKAGES)
packages-check:
	@tools/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
packages-demo:
	@tools/packages $(BUILD_PACKAGES) $(DEMO_PACKAGES)
packages-lint:
	@tools/packages $(BUILD_PACKAGES) $(LINT_PACKAGES)
packages-ci:
	@tools/packages $(BUILD_PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES) $(FUZZ_PACKAGES)

.PHONY: clean help
clean: ## remove everything that was built
	rm -rf $(BUILD)
help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 22

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
