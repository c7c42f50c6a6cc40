#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2010,SC2030,SC2031
# The library as a guest: what it exports, that it is inert without its variables, and who else is preloaded.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	library=$BUILD/libshmcheck.so
}

# A program that makes a segment; with "leak" it leaves it, with "overflow" it writes behind an array.
write_program() {
	cat >program.c <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		int main(int argc, char **argv)
		{
			const char *what = argc > 1 ? argv[1] : "";
			int id = shmget(IPC_PRIVATE, 4096, 0600);
			char *place = shmat(id, NULL, 0), *array = malloc(4);
			shmdt(place);
			if (strcmp(what, "leak") != 0)
				shmctl(id, IPC_RMID, NULL);
			if (strcmp(what, "overflow") == 0)
				array[argc + 2] = 1;
			free(array);
			puts("done");
			return 0;
		}
	END
}

@test "who makes a segment with IPC_CREAT alone has made it, who finds it has not" {
	run --separate-stderr "$shmcheck" run -- perl -e 'defined(shmget(0x51, 4096, 01600)) or die for 0, 1'
	assert_status 23
	assert_stderr_line 'SUMMARY: 1 error \(segment-leak\).* 1 segment made, 0 removed, 1 left'
}

@test "what the library exports is what its list says, and every call of the table is there" {
	nm -D --defined-only "$library" | awk '{ print $3 }' | grep -v '^shmcheck_' | sort >exported
	sed -n '/^global:/,/^local:/p' "$BATS_TEST_DIRNAME/../shim/exports.map" | grep -oE '[a-z_A-Z0-9]+ *;' | tr -d ' ;' | grep -v '^shmcheck_' | sort >listed
	grep -qx shmget exported
	diff exported listed
	"$shmcheck" list calls | awk 'NR > 1 { print $1 }' | sed 's/[^a-z].*//' | grep -E '^(ftok|shm)' | sort -u >named
	[ "$(wc -l <named)" -ge 5 ]
	[ -z "$(comm -13 exported named)" ]
}

@test "without its variables the library only looks on: no mapping, no descriptor, the same result" {
	run env "LD_PRELOAD=$library" perl -e 'my $id = shmget(0, 4096, 0600); shmctl($id, 0, 0) or die; open M, "</proc/self/maps"; print grep /shmcheck-/, <M>; print "id $id"'
	[ "$status" -eq 0 ]
	[[ $output == "id "* ]]
}

@test "a library that is initialised before ours is watched from its first call" {
	cat >early.c <<-'END'
		#include <stddef.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		__attribute__((constructor)) static void make(void) { shmget(IPC_PRIVATE, 8192, 0600); }
	END
	gcc -shared -fPIC -Wl,-z,initfirst -o libearly.so early.c
	printf 'int main(void) { return 0; }\n' >main.c
	gcc -o main main.c -L. -Wl,--no-as-needed -learly "-Wl,-rpath,$PWD"
	run --separate-stderr "$shmcheck" run -- ./main
	assert_status 23
	assert_stderr_line 'segment-leak'
	assert_stderr_line 'libearly'
}

@test "the calls of constructors, destructors and atexit handlers are watched" {
	cat >around.c <<-'END'
		#include <stdlib.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		static int id = -1;
		__attribute__((constructor)) static void make(void) { id = shmget(IPC_PRIVATE, 8192, 0600); }
		__attribute__((destructor)) static void take(void) { if (!getenv("LEAK")) shmctl(id, IPC_RMID, 0); }
		int main(void) { return 0; }
	END
	gcc -o around around.c
	run --separate-stderr "$shmcheck" run -- ./around
	assert_status 0
	run --separate-stderr env LEAK=1 "$shmcheck" run -- ./around
	assert_status 23
}

# The program of that name, alone and below a shell, guilty and innocent.
assert_sanitized() {
	run --separate-stderr "$shmcheck" run -- "$1"
	assert_status 0
	[ "$output" = "done" ]
	run --separate-stderr "$shmcheck" run -- "$1" leak
	assert_status 23
	run --separate-stderr "$shmcheck" run -- sh -c "$1; true"
	assert_status 0
	[ "$output" = "done" ]
	run --separate-stderr "$shmcheck" run -- sh -c "$1 leak; true"
	assert_status 23
}

@test "programs built with gcc's sanitizers run as without us, also below a shell" {
	write_program
	for sanitizer in address undefined thread leak; do
		gcc -g "-fsanitize=$sanitizer" -o "gcc-$sanitizer" program.c
		assert_sanitized "./gcc-$sanitizer"
	done
	gcc -g -fsanitize=address -static-libasan -o gcc-static program.c
	assert_sanitized ./gcc-static
	run --separate-stderr "$shmcheck" run -- sh -c "./gcc-address overflow; echo \$?"
	assert_status 0
	assert_stderr_line 'AddressSanitizer: heap-buffer-overflow'
	assert_output_line '^1$'
}

@test "programs built with clang's sanitizers run as without us" {
	command -v clang >/dev/null || skip "no clang here"
	write_program
	for sanitizer in address undefined thread; do
		clang -g "-fsanitize=$sanitizer" -o "clang-$sanitizer" program.c
		"./clang-$sanitizer" >/dev/null || continue
		assert_sanitized "./clang-$sanitizer"
	done
}

# bats test_tags=without-tsan
@test "the user's own LD_PRELOAD stays, ours before it, a sanitizer's runtime before ours" {
	printf '#include <stdio.h>\n__attribute__((constructor)) static void say(void) { puts("theirs"); }\n' >theirs.c
	gcc -shared -fPIC -o theirs.so theirs.c
	run --separate-stderr env "LD_PRELOAD=$PWD/theirs.so" "$shmcheck" run --quiet -- true
	assert_status 0
	[ "$(grep -c theirs <<<"$output")" -ge 2 ] # in shmcheck itself, and in the program
	run --separate-stderr env "LD_PRELOAD=$PWD/theirs.so" "$shmcheck" run -- printenv LD_PRELOAD
	assert_output_line "^$library:$PWD/theirs.so\$"
	run --separate-stderr env ASAN_OPTIONS=detect_leaks=0 "LD_PRELOAD=libasan.so.8:$PWD/theirs.so" "$shmcheck" run -- printenv LD_PRELOAD
	assert_output_line "^libasan.so.8:$library:$PWD/theirs.so\$"
}

@test "a program with no standard descriptors keeps none, and no file of ours takes their place" {
	run --separate-stderr bash -c '"$1" run --log=log -- sh -c "echo x 2>/dev/null >&2; exit 3" 0<&- 1>&- 2>&-; echo $?' _ "$shmcheck"
	[ "$output" = 3 ]
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	run bash -c '"$1" run --quiet -- ls -l /proc/self/fd 0<&- 2>/dev/null | grep -cE " [02] ->"' _ "$shmcheck"
	bare=$(ls -l /proc/self/fd 0<&- 2>/dev/null | grep -cE ' [02] ->')
	[ "$output" = "$bare" ]
}
