#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Call stacks of every kind of program: whole, with the right names, and marked where they end early.

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	local sources=$BATS_TEST_DIRNAME/stacks
	gcc -O2 -g -fomit-frame-pointer -o pie "$sources/program.c" -lpthread -ldl
	gcc -O2 -g -fomit-frame-pointer -no-pie -o fixed "$sources/program.c" -lpthread -ldl
	strip -o stripped pie
	strip -o fixed-stripped fixed
	objcopy --only-keep-debug pie linked.debug
	objcopy --strip-all --add-gnu-debuglink=linked.debug pie linked
	gcc -O2 -g -fomit-frame-pointer -Wno-infinite-recursion -o alternate "$sources/alternate.c" -lpthread
	g++ -O2 -g -fomit-frame-pointer -o exceptions "$sources/program.cc"
	gcc -O2 -g -fomit-frame-pointer -fPIC -shared -DINNER=first_inner '-DPADDING=".skip 8,0x90"' -o first.so "$sources/module.c"
	gcc -O2 -g -fomit-frame-pointer -fPIC -shared -DINNER=second_inner '-DPADDING=".skip 8,0x90"' -o second.so "$sources/module.c"
}

setup() {
	cd "$BATS_FILE_TMPDIR"
}

# The creation stacks of what PROGRAM leaves, innermost frame first, a line each: "complete function function …", and in
# a file of their own the offsets.
stacks_of() {
	"$shmcheck" run --show=note --report=json -- "$@" 2>report.json >/dev/null || true
	perl -MJSON::PP -e '
		open(my $offsets, ">", "offsets"); open(my $report, "<", "report.json");
		for (<$report>) {
			my $o = eval { decode_json($_) } or next;
			next unless $o->{type} eq "finding" && $o->{id} eq "segment-leak";
			my $stack = $o->{segment}{creation}{stack};
			print join(" ", $stack->{complete} ? "whole" : "part", map { $_->{function} // "??" } @{$stack->{frames}}), "\n";
			print $offsets join(" ", map { $_->{inlined} ? () : $_->{object} =~ /libc/ ? () : sprintf("%x", $_->{offset}) } @{$stack->{frames}}), "\n";
		}'
}

# One stack, whole, from the innermost function to the entry of the program or of a thread.
assert_stack() {
	local found
	found=$(stacks_of "${@:2}")
	[[ $found =~ ^$1$ ]] || fail "found: $found" "wanted: $1" "$(cat report.json)"
}

# without the C library's debugging information its inner functions have no names
start="main [^ ]+ [^ ]+ _start"

@test "-O2 without frame pointers, position-independent and not" {
	for program in pie fixed; do
		assert_stack "whole make chain chain chain chain chain chain $start" "./$program" plain
		assert_stack "whole make compare .*qsort_r $start" "./$program" callback
	done
}

@test "a buffer on the stack may be larger than all the rest; what lies beyond 16 KiB is marked" {
	assert_stack "whole make chain chain chain with_buffer $start" ./pie buffer:100
	assert_stack "whole make chain chain chain with_buffer $start" ./pie buffer:14000
	assert_stack "part make chain chain chain with_buffer" ./pie buffer:30000
}

@test "a stripped program has the same places, and the names that are certain" {
	for program in pie fixed; do
		local stripped=${program/pie/stripped}
		stripped=${stripped/fixed/fixed-stripped}
		stacks_of "./$program" plain
		mv offsets wanted
		assert_stack "whole \?\? \?\? \?\? \?\? \?\? \?\? \?\? $start" "./$stripped" plain
		diff wanted offsets
	done
}

@test "a stripped program's stack that ends early has no main, whoever the outermost is that libc calls" {
	assert_stack "part \?\? \?\? .*qsort_r \?\?" ./stripped callback:30000
}

@test "names and lines come from a file that the debuglink names" {
	assert_stack "whole make chain chain chain chain chain chain $start" ./linked plain
	grep -q '"file": *"[^"]*program.c"' report.json
}

@test "signal handlers, on the thread's stack and on one of their own" {
	for way in handler altstack; do
		assert_stack "whole make chain chain chain on_signal <signal handler called> .*raise_it in_handler $start" ./pie "$way"
	done
}

# what raise is called inside the C library, and whether its functions have names, is not ours
signal='<signal handler called>'
raised="$signal .*raise_it"

@test "handlers on an alternate stack: the stack that was interrupted follows" {
	for way in plain disarmed; do
		assert_stack "whole make on_signal $raised chain chain chain $start" ./alternate "$way"
	done
	for way in nested nested-outside; do
		assert_stack "whole make on_signal $signal .*on_first $raised chain chain chain $start" ./alternate "$way"
	done
	assert_stack "whole make on_signal $raised chain chain in_thread start_thread [^ ]*clone3?" ./alternate thread
	assert_stack "whole make on_signal $raised chain chain with_local $start" ./alternate local
	stacks_of ./alternate ways >list
	for way in first_way second_way; do
		grep -qE "^whole make on_signal $raised $way chain chain $start$" list || fail "$(cat list)"
	done
}

@test "handlers on an alternate stack: faults, each with its place, and a stack that overflowed" {
	for way in fault "leaf:leaf_fault call_leaf"; do
		stacks_of ./alternate "${way%:*}" >list
		grep -qE "^whole make on_fault $signal ${way#*:} chain chain in_faults $start$" list || fail "$(cat list)"
		grep -qE "^whole make on_fault $signal ${way#*:} chain chain chain in_faults $start$" list || fail "$(cat list)"
		[ "$(wc -l <list)" -eq 2 ] || fail "$(cat list)"
	done
	assert_stack "part make on_fault $signal( overflow)+" ./alternate overflow
}

@test "handlers on an alternate stack: what cannot be had is marked" {
	assert_stack "part make on_signal $raised chain chain coroutine [^ ]+" ./alternate coroutine
	for way in unmapped high odd; do
		stacks_of ./alternate "$way" | sort -u >list
		diff <(echo "part make on_fault $signal without_stack") list || fail "$(cat report.json)"
	done
}

@test "handlers on an alternate stack: explore finds a call in one again at once" {
	run --separate-stderr "$shmcheck" explore -- ./alternate plain
	assert_stderr_line 'SUMMARY: clean: 6 handled, 6 runs in '
}

@test "a thread with a stack of 16 KiB" {
	assert_stack "whole make chain chain chain small_thread start_thread [^ ]*clone3?" ./pie thread
}

@test "a frame-pointer register that holds garbage, or points to a false frame" {
	assert_stack "whole make with_frame_pointer $start" ./pie garbage
	assert_stack "whole make with_frame_pointer $start" ./pie false-frame
}

@test "C++: destructors while an exception is on its way, and its handler" {
	stacks_of ./exceptions >list
	local maker='place::Maker::make\(int\)( \[clone [^]]*\])?' handle='handle\(\)( \[clone [^]]*\])?'
	grep -qE "^whole $maker place::Maker::~Maker\(\) .*place::fail<.*>\(.*\) $handle $start$" list || fail "$(cat list)"
	grep -qE "^whole $maker $handle $start$" list || fail "$(cat list)"
}

@test "modules that are unloaded, and others loaded in their place" {
	stacks_of ./pie modules "$PWD/first.so" "$PWD/second.so" "$PWD/first.so" >list
	# the first one's two stacks are one finding if it came back to the same place
	[ "$(sed 's/ in_modules .*//' list | head -2)" = "whole make first_inner enter
whole make second_inner enter" ] || fail "$(cat list)"
	! sed 1,2d list | grep -v '^whole make first_inner enter in_modules ' || fail "$(cat list)"
}

@test "a Perl extension" {
	perl -MIPC::SysV -e 1 || skip "perl has no IPC::SysV"
	run --separate-stderr "$shmcheck" run -v -- perl -MIPC::SysV=ftok -e 'ftok("/", 0)'
	assert_stderr_line '^ +at .*SysV\.so\+0x'
	assert_stderr_line '^ +by main \(/usr/bin/perl'
	refute_stderr_line 'could not be had'
}

@test "what cannot be had is marked, and nothing is invented behind it" {
	assert_stack "part make" ./pie jit
	[[ $(stacks_of ./pie deep) =~ ^part\ make(\ chain)+$ ]] || fail "$(cat report.json)"
	assert_stack "part make chain chain chain coroutine [^ ]+" ./pie context
}

@test "a program that was built anew since its log was written lends it no names, with a build-id or without" {
	local id source=$'#include <sys/shm.h>\nint main(void) { return shmget(IPC_PRIVATE, 4096, 0600) < 0; }'
	for id in sha1 none; do
		# built by what is run: after its begin, and yet the same
		on_own_host "$shmcheck" run --quiet --log=log -- bash -c '
			for ((since = $(date +%s); $(date +%s) <= since + 1;)); do sleep 0.1; done
			gcc -O1 -g "-Wl,--build-id=$0" -x c -o rebuilt - <<<"$1" && ./rebuilt' $id "$source" || true
		run --separate-stderr "$shmcheck" report log
		assert_stderr_line 'created +at main \(<stdin>:2\)'
		for ((since = $(date +%s); $(date +%s) <= since + 3;)); do sleep 0.1; done # a file's time of change in seconds
		gcc -O1 -g -Wl,--build-id=$id -x c -o rebuilt - <<<$'int other(int x) { return x * 3; }\n'"$source"
		run --separate-stderr "$shmcheck" report log
		assert_stderr_line 'created +at \?\? \(.*/rebuilt\+0x'
	done
}

@test "functions that were inlined are told, and where" {
	printf '%s\n' '#include <sys/shm.h>' 'static inline __attribute__((always_inline)) int inner(void)' '{ return shmget(0, 4096, 0600); }' \
		'static inline __attribute__((always_inline)) int outer(void)' '{ return inner(); }' \
		'int main(void)' '{ return outer() < 0; }' >inlined.c
	gcc -O2 -g -o inlined inlined.c
	assert_stack "whole inner outer $start" ./inlined
	run --separate-stderr "$shmcheck" run -- ./inlined
	assert_stderr_line 'at inner \(inlined.c:3\) inlined$'
	assert_stderr_line 'by outer \(inlined.c:5\) inlined$'
	assert_stderr_line 'by main \(inlined.c:7\)$'
}

@test "functions inlined within each other, each in several pieces, take no time" {
	local inner='static inline __attribute__((always_inline)) int' level
	{
		printf '%s\n' '#include <sys/shm.h>' '__attribute__((cold, noinline)) void cold(int n) { __asm__ volatile("" : : "r"(n)); }' \
			"$inner f0(int x) { return shmget(0, x, 0600); }"
		for ((level = 1; level <= 20; level++)); do
			printf "$inner f%d(int x) { if (x == %d) cold(x); x = f%d(x + 1); if (x == -%d) cold(x); return x; }\n" \
				$level $level $((level - 1)) $level
		done
		printf '%s\n' 'int main(int count, char **words) { (void)words; return f20(count * 4000) < 0; }'
	} >deep.c
	gcc -O2 -g -o deep deep.c
	run timeout 20 "$shmcheck" run -- ./deep
	[ "$status" -eq 23 ]
	assert_output_line 'at f0 \(deep.c:3\) inlined$'
	assert_output_line 'by f11 \(deep.c:14\) inlined$'
}

@test "a program whose segments have holes between them" {
	printf '%s\n' '#include <sys/shm.h>' '__attribute__((section("apart"), aligned(65536), noinline)) int far(void)' \
		'{ return shmget(0, 4096, 0600); }' 'int main(void)' '{ return far() < 0; }' >holes.c
	for way in "" -no-pie; do
		# shellcheck disable=SC2086 # none, or one word
		gcc -O1 -g $way -o holes holes.c
		readelf -lW holes | grep -q 'LOAD.*R E 0x10000' || fail "the linker left no hole"
		assert_stack "whole far $start" ./holes
	done
}

@test "what the program has on its stack beside frames is not kept" {
	printf '%s\n' '#include <string.h>' '#include <sys/shm.h>' \
		'static void use(char *secret) { __asm__ volatile("" : : "r"(secret) : "memory"); }' \
		'int main(void)' '{ char secret[256]; strcpy(secret, "Xs3cr3t-w0rdX"); for (int i = 13; i < 243; i++) secret[i] = secret[i - 13];' \
		'use(secret); register long kept __asm__("rbx") = 0x4252743372633373; __asm__ volatile("" : "+r"(kept));' \
		'int id = shmget(0, 4096, 0600); __asm__ volatile("" : : "r"(kept)); use(secret); return id < 0; }' >secret.c
	gcc -O1 -g -w -o secret secret.c
	"$shmcheck" run --quiet --log=log "--report=text:$PWD/report" -- ./secret || [ $? -eq 23 ]
	grep -q 'at main' report
	! grep -aqE 's3cr3t|w0rd' log || fail "the log holds what the program had on its stack"
}

@test "a new stack takes few system calls: the program's and libc's headers are looked at once" {
	local calls
	ASAN_OPTIONS=detect_leaks=0 "$shmcheck" run --report=text:/dev/null -- \
		strace -f -o calls -e trace=rt_sigprocmask "$BUILD/tests/programs/many" 50
	calls=$(wc -l <calls)
	[ "$calls" -gt 0 ] && [ "$calls" -lt 1200 ] || fail "$calls for 200 stacks"
}
