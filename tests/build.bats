#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The tools around the code: the runner's counting, the packages script, installation.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	root=$BATS_TEST_DIRNAME/..
}

# Writes an executable that prints TEXT and ends with STATUS.
write_runner() {
	printf '#!/bin/sh\ncat <<"END"\n%s\nEND\nexit %s\n' "$2" "$3" >"$1"
	chmod +x "$1"
}

last_line() {
	tail -n 1 <<<"$output"
}

@test "the runner adds up Check's and bats' own counts" {
	write_runner one "100%: Checks: 4, Failures: 0, Errors: 0" 0
	write_runner two $'100%: Checks: 2, Failures: 0, Errors: 0\n100%: Checks: 1, Failures: 0, Errors: 0' 0
	printf '@test "a" { true; }\n@test "b" { true; }\n' >some.bats
	run "$root/tests/run" ./one ./two -- some.bats
	assert_status 0
	[ "$(last_line)" = "9 passed, 0 failed, 0 skipped" ]
}

@test "the runner goes on after a failure and names it" {
	write_runner bad $'50%: Checks: 2, Failures: 1, Errors: 0\nx.c:3:F:core:a_name:0: why' 1
	write_runner good "100%: Checks: 1, Failures: 0, Errors: 0" 0
	printf '@test "wrong" { false; }\n' >wrong.bats
	run "$root/tests/run" ./bad ./good -- wrong.bats
	assert_status 1
	[ "$(last_line)" = "2 passed, 2 failed, 0 skipped" ]
	assert_output_line '^  bad: x.c:3:F:core:a_name'
	assert_output_line '^  wrong.bats: wrong$'
}

@test "a runner that crashes, lies or runs nothing is a failure" {
	printf '#!/bin/sh\nkill -9 $$\n' >crash
	chmod +x crash
	write_runner lie "100%: Checks: 2, Failures: 0, Errors: 0" 3
	write_runner nothing "" 0
	: >empty.bats
	for runner in ./crash ./lie ./nothing; do
		run "$root/tests/run" "$runner"
		assert_status 1
	done
	run "$root/tests/run" -- empty.bats
	assert_status 1
	run "$root/tests/run"
	assert_status 1
}

@test "a skipped test is counted, and fails with CI=true" {
	printf '@test "later" { skip "no such thing here"; }\n@test "a" { true; }\n' >skips.bats
	write_runner one $'SKIP: a_name: why\n100%: Checks: 2, Failures: 0, Errors: 0' 0
	CI='' run "$root/tests/run" ./one -- skips.bats
	assert_status 0
	assert_output_line '^2 passed, 0 failed, 2 skipped$'
	CI=true run "$root/tests/run" ./one -- skips.bats
	assert_status 1
}

@test "the packages script installs nothing when nothing is missing" {
	mkdir bin
	printf '#!/bin/sh\necho installed\n' >bin/dpkg-query
	printf '#!/bin/sh\ntouch called\n' >bin/apt-get
	chmod +x bin/*
	PATH=$PWD/bin:$PATH run "$root/tools/packages" one two
	assert_status 0
	[ ! -e called ]
}

@test "the packages script installs just what is missing, and notices when that did not help" {
	mkdir bin
	printf '#!/bin/sh\n[ "$3" = there ] && echo installed || [ ! -e helped ] || echo installed\n' >bin/dpkg-query
	printf '#!/bin/sh\necho "$*" >>called\n[ ! -e help ] || touch helped\n' >bin/apt-get
	printf '#!/bin/sh\necho 0\n' >bin/id
	chmod +x bin/*
	PATH=$PWD/bin:$PATH run "$root/tools/packages" there absent
	assert_status 1
	assert_output_line 'still missing after apt-get: absent'
	touch help
	PATH=$PWD/bin:$PATH run "$root/tools/packages" there absent
	assert_status 0
	grep -q 'install .*absent' called
	run ! grep -q there called
}

@test "without root the packages script says what to type" {
	mkdir bin
	printf '#!/bin/sh\nexit 1\n' | tee bin/dpkg-query bin/sudo >bin/apt-get
	printf '#!/bin/sh\necho 1000\n' >bin/id
	chmod +x bin/*
	PATH=$PWD/bin:$PATH run "$root/tools/packages" absent
	assert_status 1
	assert_output_line 'sudo apt-get install --no-install-recommends absent'
}

@test "the installed command works and uninstall leaves no file" {
	make -s -C "$root" "BUILD=$BUILD" "DESTDIR=$PWD/stage" PREFIX=/usr install
	run --separate-stderr stage/usr/bin/shmcheck run -- perl -e "$perl_leak"
	assert_status 23
	make -s -C "$root" "BUILD=$BUILD" "DESTDIR=$PWD/stage" PREFIX=/usr uninstall
	[ -z "$(find stage -type f)" ]
}

@test "make shows a short line for what it builds, the command with V=1, and nothing with -s" {
	build_one() {
		rm -rf o
		make --no-print-directory -C "$root" "BUILD=$PWD/o" "$@" "$PWD/o/harness/harness/words.o"
	}
	unset MAKEFLAGS MAKELEVEL V
	run build_one
	[ "$output" = "  CC    $PWD/o/harness/harness/words.o" ]
	run build_one V=1
	[[ $output == gcc*harness/words.c ]]
	run build_one -s
	[ -z "$output" ]
}

@test "every target that help names exists" {
	run make -s -C "$root" help
	assert_status 0
	for target in all demo check check-asan check-ubsan check-tsan lint format format-check coverage bench fuzz install \
		uninstall clean help; do
		assert_output_line "^$target "
	done
}

@test "every option of run and report stands in the manual page, and every command" {
	for command in run report; do
		"$BUILD/shmcheck" "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '\-\-[a-z-]+' | sort -u >options
		[ "$(wc -l <options)" -ge 8 ]
		while read -r option; do
			case $option in --help | --usage) continue ;; esac
			grep -qF -- "${option//-/\\-}" "$root/docs/shmcheck.1" || fail "$option of $command is not in shmcheck.1"
		done <options
	done
	"$BUILD/shmcheck" --help | sed -nE 's/^  shmcheck ([a-z]+) .*/\1/p' >commands
	while read -r command; do
		grep -qE "^\\.(B|BR|SS|.*fB.*) *\"?$command|shmcheck $command" "$root/docs/shmcheck.1" || fail "$command is not in shmcheck.1"
	done <commands
}

@test "the harness is a whole without the command's main: fuzzers and tests link all of it" {
	local libraries
	read -r -a libraries <<<"$(sed -n 's/^LIBRARIES = //p' "$root/Makefile")"
	echo 'int main(void) { return 0; }' >alone.c
	gcc -o alone alone.c -Wl,--whole-archive "$BUILD/libharness.a" -Wl,--no-whole-archive "${libraries[@]}"
	./alone
}
