#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Crashes: their signal, address and stack, by ptrace and by the kernel's log.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	crash=$BUILD/tests/programs/crash
}

# Lines of the stack below the crash of a process whose role is $1.
stack_of() {
	sed -n "/^shmcheck: crash: $1 /,/^shmcheck:/p" <<<"$stderr" | grep -E '^ +(at|by) '
}

assert_whole_stack() {
	local stack
	stack=$(stack_of "$1")
	shift
	[ "$(sed -E 's/^ +(at|by) ([a-z_]+) .*/\2/' <<<"$stack" | head -$#)" = "$(printf '%s\n' "$@")" ] ||
		fail "the stack is not $*" "$stderr"
	refute_stderr_line 'could not be had'
}

@test "a traced crash is told with its signal, address and whole stack" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash"
	assert_status 139
	assert_stderr_line '^shmcheck: crash: main \(crash, pid [0-9]+\) died of SIGSEGV at address 0x1230$'
	assert_whole_stack main innermost middle main
}

@test "a traced crash of a thread names the thread's functions" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" thread
	assert_status 139
	assert_whole_stack main innermost middle thread
}

@test "a child's crash is told with its role, and its parent gets its status" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" child
	assert_status 51
	assert_stderr_line '^shmcheck: crash: main@1 \(crash, pid [0-9]+\) died of SIGSEGV at address 0x1230$'
	assert_whole_stack main@1 innermost middle crash_in_child main
}

@test "a handler that raises the signal again does not hide the fault" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" again
	assert_status 139
	assert_stderr_line 'died of SIGSEGV at address 0x1230$'
	assert_whole_stack main innermost middle main
}

@test "a crash in a handler on an alternate stack: the stack that was interrupted follows" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" handler
	assert_status 139
	assert_stderr_line 'died of SIGSEGV at address 0x1230$'
	local names
	names=$(stack_of main | sed -E 's/^ +(at|by) (<[^>]*>|[a-z_0-9]+) .*/\2/' | tr '\n' ' ')
	[[ $names =~ ^'innermost middle fault_again <signal handler called> '.*(raise|gsignal)' interrupted crash_in_handler main ' ]] ||
		fail "the stack is $names" "$stderr"
	refute_stderr_line 'could not be had'
}

# The functions of the stack, from the innermost on.
functions_of_main() {
	stack_of main | sed -nE '1,20s/^ +(at|by) (<[^>]*>|[a-z_0-9]+).*/\2/p' | tr '\n' ' '
}

@test "a stack that overflowed is told, however large the frame is that it had no room for; so is one behind a handler" {
	local bytes
	for bytes in 16 2000 6000; do
		run --separate-stderr "$shmcheck" run --crash -- "$crash" overflow $bytes
		assert_status 139
		[[ $(functions_of_main) =~ ^'descend descend descend ' ]] || fail "$bytes" "$stderr"
		run --separate-stderr "$shmcheck" run --crash -- "$crash" overflow-handled $bytes
		assert_status 134
		assert_stderr_line 'died of SIGABRT$'
		[[ $(functions_of_main) =~ ' abort give_up <signal handler called> descend descend descend ' ]] ||
			fail "$bytes" "$stderr"
	done
}

@test "a fault that the program survives is no crash" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" survive
	assert_status 0
	refute_stderr_line 'crash:'
}

@test "an abort has a stack and no address" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" abort
	assert_status 134
	assert_stderr_line '^shmcheck: crash: main \(crash, pid [0-9]+\) died of SIGABRT$'
	stack_of main | grep -q 'by main ' || fail "$stderr"
}

@test "a traced program can be stopped and continued, and start others" {
	run --separate-stderr "$shmcheck" run --crash -- "$crash" stop
	assert_status 0
	run --separate-stderr "$shmcheck" run --crash -- "$crash" shell
	assert_status 0
}

@test "what lives on after a traced run is let go" {
	mkfifo gate
	run --separate-stderr "$shmcheck" run --crash --linger=0s -- sh -c '(read -r word <gate; sh -c "echo $word >word") >/dev/null 2>&1 &'
	assert_status 0
	assert_stderr_line 'still alive and left alone'
	echo through >gate
	for ((i = 0; i < 500; i++)); do
		[ -s word ] && break
		sleep 0.02
	done
	[ "$(cat word)" = through ]
}

@test "the last calls before a crash are told, whoever saw it; a program that was killed did not crash" {
	local calls='my $i = shmget(0, 4096, 0600); shmctl($i, 0, 0); shmctl($i, 0, 0) // 0; shmget(9, 1, 0) // 0; shmget(8, 1, 0) // 0'
	run --separate-stderr "$shmcheck" run --report=text --report=json:json -- perl -e "$calls; kill 'ABRT', \$\$"
	assert_status 134
	assert_stderr_line '^shmcheck: crash: main \(perl, pid [0-9]+\) died of SIGABRT$'
	[ "$(grep -A3 '^ *last calls ' <<<"$stderr" | sed -E 's/^ *(last calls +)?//')" = "shmctl(0, IPC_RMID) = 0
shmctl(0, IPC_RMID) = -1 EINVAL
shmget(0x00000009, 1, 0) = -1 ENOENT
shmget(0x00000008, 1, 0) = -1 ENOENT" ] || fail "other last calls" "$stderr"
	"$BATS_TEST_DIRNAME/valid" --lines --types=crash,segment,summary "$BATS_TEST_DIRNAME/../share/shmcheck-report.schema.json" json
	run --separate-stderr "$shmcheck" run --report=text --report=json:json -- perl -e "$calls; kill 'TERM', \$\$"
	assert_status 143
	refute_stderr_line 'crash:|last calls'
	run ! grep '"type":"crash"' json
}

@test "explore tells a crash as run does, with the point that it was seen in, once a cause" {
	run --separate-stderr "$shmcheck" explore --calls=shmat --report=json:json --report=junit:junit --report=sarif:sarif \
		--report=text:/dev/null -- "$BUILD/tests/programs/victim" compares-with-null
	assert_status 1
	"$BATS_TEST_DIRNAME/valid" --lines --types=crash,point,summary "$BATS_TEST_DIRNAME/../share/shmcheck-report.schema.json" json
	python3 - <<-'END'
		import json
		objects = [json.loads(line) for line in open("json")]
		crashes = [o for o in objects if o["type"] == "crash"]
		points = {o["id"]: o for o in objects if o["type"] == "point" and o["verdict"] == "crash"}
		assert len(points) > 1 and len(crashes) == 1, (points.keys(), crashes)
		crash = crashes[0]
		assert crash["case"] in points and crash["status"] == {"signal": "SIGSEGV"}, crash
		assert crash["address"] == "0xffffffffffffffff", crash
		assert [f["function"] for f in crash["stack"]["frames"]][:2] == ["work", "main"] and crash["stack"]["complete"], crash
		assert "shmat" in crash["calls"][-1]["call"] and crash["calls"][-1]["injected"], crash
		results = json.load(open("sarif"))["runs"][0]["results"]
		frames = [s["frames"] for r in results for s in r.get("stacks", []) if "SIGSEGV" in s["message"]["text"]]
		assert frames and frames[0][0]["location"]["logicalLocations"][0]["fullyQualifiedName"] == "work", results
	END
	grep -q 'crash  *main .* died of SIGSEGV at address 0xffffffffffffffff' junit
}

@test "a kept log holds the crash" {
	"$shmcheck" run --crash --log=log "--report=text:$PWD/report" -- "$crash" || [ $? -eq 139 ]
	run --separate-stderr "$shmcheck" report log
	grep '^shmcheck: crash:' report
	diff <(grep -A3 '^shmcheck: crash:' report) <(grep -A3 '^shmcheck: crash:' <<<"$stderr")
}

@test "without tracing the kernel's log gives the address, where it can be read" {
	[ "$(cat /proc/sys/debug/exception-trace)" = 1 ] && dd if=/dev/kmsg iflag=nonblock bs=8k count=1 of=/dev/null 2>/dev/null ||
		skip "the kernel's log cannot be read here"
	[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] || skip "the kernel's log has other process ids"
	# The kernel logs a few faults in five seconds, anybody's: more tries than that would take.
	for ((i = 0; i < 15; i++)); do
		run --separate-stderr "$shmcheck" run -- "$crash"
		assert_status 139
		! grep -q '^shmcheck: crash: .* at address' <<<"$stderr" || break
		sleep 1
	done
	assert_stderr_line '^shmcheck: crash: main \(crash, pid [0-9]+\) died of SIGSEGV at address 0x1230$'
	assert_stderr_line '^ +at +innermost \(crash.c:'
	assert_stderr_line 'the rest of the stack could not be had'
}

# Runs a command that may not trace.
write_untraced() {
	cat >untraced.c <<-'END'
		#include <errno.h>
		#include <linux/filter.h>
		#include <linux/seccomp.h>
		#include <stddef.h>
		#include <sys/prctl.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(int count, char **words)
		{
			struct sock_filter filter[] = {
				BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
				BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
			};
			struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
			if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
			    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
				return 99;
			execvp(words[1], words + 1);
			return 98;
		}
	END
	gcc -o untraced untraced.c
	./untraced true || skip "no seccomp filters here"
}

# bats test_tags=without-tsan
@test "where nobody may trace explore finds a crash all the same, and says of which process it cannot know" {
	write_untraced
	cat >careless.c <<-'END'
		#include <string.h>
		#include <sys/shm.h>
		#include <sys/wait.h>
		#include <unistd.h>
		int main(int count, char **words)
		{
			int id = shmget(IPC_PRIVATE, 4096, 0600), is_child = count > 1 && fork() == 0;
			if (count == 1 || is_child) {
				char *memory = shmat(id, NULL, 0);
				memory[5] = 1;
				shmdt(memory);
			}
			if (is_child)
				_exit(0);
			while (count > 1 && wait(NULL) < 0)
				continue;
			shmctl(id, IPC_RMID, NULL);
			return words[0] == NULL;
		}
	END
	gcc -g -o careless careless.c
	local options=(explore --calls=shmat --errnos=ENOMEM --mode=once)
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # LeakSanitizer traces
	run --separate-stderr ./untraced "$shmcheck" "${options[@]}" -- ./careless
	assert_status 1
	assert_stderr_line 'error: crash: shmat fails with ENOMEM'
	assert_stderr_line 'again +deterministic'
	refute_stderr_line 'inconclusive|broken'
	as_user
	chmod 755 untraced careless
	[ "${#user[@]}" -eq 1 ] || user=("${user[@]:0:4}" ./untraced ./shmcheck)
	run --separate-stderr "${user[@]}" "${options[@]}" -- ./careless child
	[ "$status" -eq 1 ] && assert_stderr_line 'error: misuse: .*' || {
		assert_status 3
		assert_stderr_line 'inconclusive: .* a process may have crashed, which only ptrace\(2\) shows'
	}
}

@test "a child that crashes and leaves its segment does so each time: explore does not take it for flaky" {
	cat >careless.c <<-'END'
		#include <sys/shm.h>
		#include <sys/wait.h>
		#include <unistd.h>
		int main(int count, char **words)
		{
			int status;
			(void)words;
			if (fork() == 0) {
				int id = shmget(IPC_PRIVATE, 4096, 0600);
				char *memory = shmat(id, NULL, 0);
				memory[0] = 1;
				shmdt(memory);
				shmctl(id, IPC_RMID, NULL);
				_exit(0);
			}
			wait(&status);
			if (count > 1) /* the baseline crashes by itself */
				*(volatile char *)0x1230 = 1;
			return status != 0;
		}
	END
	gcc -g -o careless careless.c
	for words in '' itself; do
		run --separate-stderr "$shmcheck" explore --calls=shmat --errnos=ENOMEM --mode=once -- ./careless $words
		assert_status 1
		assert_stderr_line 'again +deterministic'
		refute_stderr_line 'flaky'
		assert_stderr_line 'crash +main@1 \(careless, pid [0-9]+\) died of SIGSEGV at address 0xffffffffffffffff$'
	done
	# nor for something else than a fork did
	run --separate-stderr "$shmcheck" explore --fork-server --calls=shmat --errnos=ENOMEM --mode=once -- ./careless
	assert_status 1
	assert_stderr_line 'again +deterministic'
	refute_stderr_line 'flaky|tried again'
}

# bats test_tags=without-tsan
@test "who is killed while it looks whether it may trace leaves nobody behind" {
	cat >dies.c <<-'END'
		#include <signal.h>
		long ptrace(int request, ...)
		{
			return raise(SIGKILL) + request;
		}
	END
	gcc -shared -fPIC -o dies.so dies.c
	run -137 setsid --wait bash -c 'echo $$ >session; exec env LD_PRELOAD="$PWD/dies.so" "$@" >told 2>&1' of "$shmcheck" run --crash -- true
	local i
	for ((i = 0; i < 500; i++)); do
		pgrep --session "$(<session)" >/dev/null || break
		sleep 0.01
	done
	! pkill -KILL --session "$(<session)" || fail "somebody was left"
}
