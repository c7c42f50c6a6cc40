#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The API as a user meets it: what the library exports, the headers alone, C++, a Check suite with and without the command.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	flags=(-g -O1 -Wall -Wextra -Werror "-I$root/include")
	libraries=("-L$BUILD" -lshmcheck "-Wl,-rpath,$BUILD")
	suite=$root/tests/suites/guilty.c
}

build_suite() {
	# shellcheck disable=SC2046 # words
	gcc "${flags[@]}" -o twins "$suite" "${libraries[@]}" $(pkg-config --cflags --libs check)
}

# The line of the suite on which COMMENT stands.
line_of() {
	grep -n "/\* $1 \*/" "$suite" | cut -d: -f1
}

@test "the library exports the calls, what it stands in front of, and the API of its header: nothing else" {
	nm -D --defined-only "$BUILD/libshmcheck.so" | awk '{ print $3 }' | sort >exported
	{
		sed -nE 's/.*\bX\(([a-zA-Z_0-9]+)\).*/&/p' "$root/shim/real.h" | grep -oE '\bX\([a-zA-Z_0-9]+\)' | sed -E 's/X\((.*)\)/\1/'
		printf '%s\n' execv execvp execl execlp execle
		grep -oE '^[a-z].*\bshmcheck_[a-z_]+\(' "$root/include/shmcheck.h" | grep -oE 'shmcheck_[a-z_]+\($' | tr -d '('
	} | sort -u | grep -vxE 'X|clock_gettime' >wanted # that one is only looked up
	diff wanted exported
}

@test "each header stands alone, in C99 and C++, with all warnings, and that of programs in C90" {
	printf '#include <shmcheck.h>\nint main(void) { return shmcheck_hits(0) != -1; }\n' >alone.c
	gcc -std=c99 -pedantic "${flags[@]}" -Wconversion -Wstrict-prototypes -o alone alone.c "${libraries[@]}"
	on_own_host ./alone
	gcc -std=c90 "${flags[@]}" -c alone.c
	cp alone.c alone.cc
	g++ -std=c++11 -pedantic "${flags[@]}" -Wconversion -o alone alone.cc "${libraries[@]}"
	on_own_host ./alone
	printf '#include <shmcheck-check.h>\nint main() { return 0; }\n' >check.cc
	# shellcheck disable=SC2046 # words
	g++ -std=c++11 "${flags[@]}" $(pkg-config --cflags check) -c check.cc
	sed 's/main()/main(void)/' check.cc >check.c
	# shellcheck disable=SC2046 # words
	gcc -std=c99 "${flags[@]}" $(pkg-config --cflags check) -c check.c
}

@test "a point costs a program that is not linked with the library nothing, and harms it not" {
	printf '#include <shmcheck.h>\nint main(void) { SHMCHECK_POINT("here"); return 0; }\n' >point.c
	gcc "${flags[@]}" -o point point.c
	./point
	LD_PRELOAD=$BUILD/libshmcheck.so ./point
}

@test "a key that the program means to stay is none of the command's leaks either; another one is" {
	cat >keeps.c <<-'END'
		#include <shmcheck.h>
		#include <stdlib.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>

		int main(int argc, char **argv)
		{
		        (void)argc;
		        if (shmcheck_expect_persistent(0x5e1f))
		                return 2;
		        return shmget((key_t)strtol(argv[1], NULL, 0), 4096, IPC_CREAT | 0600) == -1;
		}
	END
	gcc "${flags[@]}" -o keeps keeps.c "${libraries[@]}"
	run "$shmcheck" run --verbose --log=log -- ./keeps 0x5e1f
	assert_status 0
	run "$shmcheck" report log
	assert_status 0
	run "$shmcheck" run -- ./keeps 0x5e20
	assert_status 23
	assert_output_line 'error: segment-leak'
	run on_own_host ./keeps 0x5e1f
	assert_status 0
}

@test "the suite is C++ as well" {
	# shellcheck disable=SC2046 # words
	g++ -x c++ "${flags[@]}" -o twins "$suite" "${libraries[@]}" $(pkg-config --cflags --libs check)
	run on_own_host ./twins
	assert_status 0
	run on_own_host ./twins guilty
	assert_output_line '^12%: Checks: 8, Failures: 7, Errors: 0$'
}

@test "an innocent Check suite passes, with CK_FORK=yes and no, bare, preloaded and under the command" {
	build_suite
	LD_PRELOAD=$BUILD/libshmcheck.so SHMCHECK_LOG=$PWD/log run on_own_host ./twins
	assert_status 0
	for fork in yes no; do
		CK_FORK=$fork run on_own_host ./twins
		assert_status 0
		assert_output_line '^100%: Checks: 8, Failures: 0, Errors: 0$'
		CK_FORK=$fork run on_own_host "$shmcheck" run --report=text:report -- ./twins
		assert_status 0
	done
}

@test "each guilty twin fails, at the line that did it, and its neighbours pass" {
	build_suite
	for fork in yes no; do
		for command in '' "$shmcheck run --report=text:report --"; do
			# shellcheck disable=SC2086 # words
			CK_FORK=$fork run on_own_host $command ./twins guilty
			assert_status 1
			assert_output_line '^12%: Checks: 8, Failures: 7, Errors: 0$'
			assert_output_line "guilty.c:$(line_of segment):.:twins:segment:0: shmcheck: 1 left behind"
			assert_output_line "guilty.c:$(line_of attachment):.:twins:attachment:0: shmcheck: 1 left behind"
			assert_output_line "guilty.c:$(line_of segment):.:twins:childs_segment:0: shmcheck: 1 left behind"
			assert_output_line "guilty.c:$(line_of asserted):F:twins:asserted:0: shmcheck: 1 left behind"
			assert_output_line "twins:unused_rule:0: shmcheck: the rule 'shmat:error=ENOMEM:when=1' had no effect"
			assert_output_line "guilty.c:$(line_of 'wrong rule'):F:twins:wrong_rule:0: .*did you mean 'ENOMEM'"
			assert_output_line "twins:keyed_segment:0: shmcheck: 1 left behind"
			assert_output_line '^segment [0-9]+ \(8192 bytes, key 0x00007b7b\) made by pid '
		done
	done
}

@test "what a guilty suite left is taken away: the next program finds nothing of it" {
	build_suite
	on_own_host sh -c './twins guilty >/dev/null; ipcs -m' | grep -c 0x >left || true
	[ "$(cat left)" -eq 0 ]
}

@test "suites that run at the same time in one namespace do not see each other's segments" {
	build_suite
	# shellcheck disable=SC2016 # for the inner shell
	run on_own_host sh -c '
		for i in 1 2 3 4 5 6; do (while [ ! -e stop ]; do ./twins guilty 0x70$i >/dev/null; done) & done
		ipcmk -M 4096 >/dev/null
		for i in $(seq 20); do ./twins innocent 0x7b7b || touch failed; done
		touch stop
		wait
		ipcs -m | grep -c 0x'
	[ ! -e failed ] || fail "an innocent suite was blamed" "$output"
	[ "${lines[-1]}" -eq 1 ]
	[ "$(grep -c '^100%: Checks: 8' <<<"$output")" -eq 20 ]
}
