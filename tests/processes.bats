#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How programs come, multiply and go: forks of every kind, threads, exec, kills. The books must come out even.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	programs=$BUILD/tests/programs
}

# Runs a program under shmcheck; leaves the JSON summary in $summary.
watch() {
	run --separate-stderr "$shmcheck" run "--report=json:$PWD/json" --report=text "$@"
	summary=$(tail -n 1 json)
}

# The number under NAME in a JSON object of one line.
number() {
	sed -nE "s/.*\"$1\": ?(-?[0-9]+).*/\\1/p" <<<"$2"
}

# Watches storm, which counts for itself, and compares. ARGUMENTS: PROCESSES THREADS CALLS SEED KEEP.
assert_storm_agrees() {
	watch --quiet --fail-on=never -- "$programs/storm" "$@"
	assert_status 0
	for name in segments_created segments_removed attaches detaches failed_calls processes; do
		[ "$(number $name "$output")" = "$(number $name "$summary")" ] ||
			fail "$name differs" "the program: $output" "shmcheck: $summary"
	done
	[ "$(number lost_events "$summary")" = 0 ]
	[[ $summary == *'"doubts":[]'* ]]
	[ "$(number left "$output")" = "$5" ]
	# What the kernel still has was found to be leaked, each one; the two witnesses agree.
	[ "$(grep '"id":"segment-leak"' json | sed -nE 's/.*"count":([0-9]+).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')" = "$5" ]
	run ! grep -qE '"id":"segment-(vanished|unattributed|held|pinned)"' json
}

@test "8 processes of 8 threads: the ledger, the kernel's table and the program's own counts agree" {
	assert_storm_agrees 8 8 "${SHMCHECK_STORM_CALLS:-100000}" "${SHMCHECK_STORM_SEED:-1}" 5
}

@test "they agree in a PID namespace of the program's own as well" {
	is_root || skip "needs root"
	watch --quiet --fail-on=never -- unshare --pid --fork --mount-proc "$programs/storm" 8 4 50000 3 5
	assert_status 0
	for name in segments_created segments_removed attaches detaches failed_calls; do
		[ "$(number $name "$output")" = "$(number $name "$summary")" ] || fail "$name: $output" "$summary"
	done
	[ "$(number lost_events "$summary")" = 0 ]
	run ! grep -qE '"id":"segment-(vanished|unattributed)"' json
}

@test "thousands of vfork children that exec leave the log of their parent whole" {
	watch -- "$programs/vfork_many" 3000
	assert_status 0
	[ "$(number segments_created "$summary")" = "$(number segments_removed "$summary")" ]
	[ "$(number lost_events "$summary")" = 0 ]
}

# The leak is found, its maker known to the books, and nothing is in doubt.
assert_one_known_leak() {
	[[ $summary == *'"doubts":[]'* ]] || fail "$1: $summary" "$stderr"
	grep '"id":"segment-leak"' json | grep -q '"bytes":8192' || fail "$1" "$stderr"
	run ! grep -q '"id":"segment-unattributed"' json
}

@test "a program started in any way, with an empty environment, is watched" {
	local way
	for way in execve execv execvp execvpe execl execlp execle fexecve execveat posix_spawn posix_spawnp system popen vfork; do
		watch -- "$programs/spawn" $way
		assert_one_known_leak $way
		watch -- "$programs/spawn" $way full
		assert_one_known_leak $way
	done
}

@test "a shmcheck that runs under another one watches its own program, however that one starts it" {
	local inner
	watch -- "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 23
	assert_stderr_line '^shmcheck: error: segment-leak'
	assert_stderr_line "creator +main \(perl, pid [0-9]+\)"
	assert_stderr_line 'hint: 1 program was started by another shmcheck, .*, under this one: '
	refute_stderr_line 'inconclusive'
	for inner in 'run --isolate=none --crash' explore; do
		# shellcheck disable=SC2086 # words
		watch -- "$shmcheck" $inner -- perl -e "$perl_clean"
		assert_status 0
		assert_stderr_line 'hint: [0-9]+ programs? (was|were) started by another shmcheck'
		refute_stderr_line 'inconclusive'
	done
	watch -- env SHMCHECK_SESSION="$PWD/gone" perl -e "$perl_leak" # what another run has left behind is no other run
	assert_status 23
	assert_stderr_line 'segment-leak'
}

@test "children of vfork and posix_spawn whose parent ends at once are its children, and were entered" {
	local way
	gcc -D_GNU_SOURCE -w -x c -o orphans - <<-'END'
		#include <spawn.h>
		#include <stdio.h>
		#include <unistd.h>
		extern char **environ;
		int main(int argc, char **argv)
		{
			char *leak[] = {"perl", "-e", argv[2], NULL};
			for (int i = 0; i < 5; i++) {
				pid_t child;
				if (*argv[1] == 'p')
					posix_spawn(&child, "/usr/bin/perl", NULL, NULL, leak, environ);
				else if (*argv[1] == 'v' && vfork() == 0)
					_exit(execv("/usr/bin/perl", leak));
				else if (*argv[1] == 'l')
					popen("perl -e \"$LEAK\"", "r");
			}
			return 0;
		}
	END
	for way in posix_spawn vfork libc; do
		LEAK=$perl_leak watch --fail-on=never -- ./orphans $way "$perl_leak"
		[[ $summary == *'"doubts":[]'* ]] || fail "$way: $summary" "$stderr"
		[ "$(grep -c '"id":"segment-leak"' json)" -ge 1 ]
		run ! grep -q 'main@0' json
	done
}

@test "a raw execve with the program's own environment is watched too" {
	watch -- "$programs/spawn" raw_execve full
	assert_one_known_leak raw_execve
}

@test "system and popen from several threads at a time do no harm" {
	watch -- "$programs/spawn" threads 8
	assert_status 0
	[[ $summary == *'"doubts":[]'* ]] || fail "$summary"
	watch -- env -i "$programs/spawn" threads 8
	assert_status 0
	[[ $summary == *'"doubts":[]'* ]] || fail "$summary"
}

# The largest resident size of a run, in KiB.
memory_of() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$shmcheck" run --quiet --fail-on=never "--report=json:$PWD/json" -- \
		"$programs/storm" 2 2 "$1" 5 0
	[ "$(number lost_events "$(tail -n 1 json)")" = 0 ]
}

# bats test_tags=without-tsan
@test "the harness's memory does not grow with the number of calls" {
	local few many
	few=$(memory_of 100000)
	many=$(memory_of "${SHMCHECK_MEMORY_CALLS:-1000000}")
	[ "$many" -lt $((few + 20480)) ] || fail "$few KiB after 100000 calls, $many KiB after more"
}

# The findings of program life in that way, one id a line, as often as it was counted; crash-window left out.
findings_of() {
	watch --show=note --fail-on=never -- "$programs/life" "$@"
	assert_status 0
	[[ $summary == *'"doubts":[]'* ]] || fail "$*: $summary"
	[ "$(number lost_events "$summary")" = 0 ] || fail "$*: $summary"
	found=$(sed -nE '/"id":"crash-window"/d; s/^\{"type":"finding".*"id":"([a-z-]+)","severity":"([a-z]+)".*/\1 \2/p' json | sort | paste -sd,)
}

@test "what a child attaches on its parent's memory belongs to its parent" {
	for way in vfork clone_vm; do
		findings_of $way
		[ -z "$found" ] || fail "$way: $found"
		findings_of $way guilty
		[ "$found" = "attach-leak note" ] || fail "$way: $found"
	done
}

@test "a child of fork, _Fork or a raw clone has its parent's attachments" {
	for way in fork _Fork raw_clone; do
		findings_of $way
		[ -z "$found" ] || fail "$way: $found"
		findings_of $way guilty
		[ "$found" = "bad-detach warning" ] || fail "$way: $found"
	done
}

@test "munmap, MAP_FIXED, SHM_REMAP and mremap end attachments; those that stay are a warning" {
	findings_of unmap
	[ -z "$found" ] || fail "$found"
	findings_of unmap guilty
	[ "$found" = "attach-leak warning" ] || fail "$found"
}

@test "a signal handler that cleans up in the middle of another call is seen to" {
	findings_of handler
	[ -z "$found" ] || fail "$found"
	findings_of handler guilty
	[ "$found" = "attach-leak note,segment-leak error" ] || fail "$found"
}

@test "handlers that jump out of calls hold up nothing" {
	findings_of jump
	[ -z "$found" ] || fail "$found"
	findings_of jump guilty
	[ "$found" = "segment-leak error" ] || fail "$found"
}

@test "pids that come again are other processes" {
	is_root || skip "needs root, for a PID namespace with few pids"
	[ "$(printf '6.14\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.14 ] || skip "pid_max is the whole machine's before Linux 6.14"
	findings_of many
	[ "$found" = "attach-leak note" ] || fail "$found"
	cat >few <<-'END'
		echo 320 >/proc/sys/kernel/pid_max || exit 77
		exec "$@"
	END
	run --separate-stderr unshare --pid --fork --mount-proc sh few "$shmcheck" run --show=note "--report=json:$PWD/json" -- "$programs/life" many guilty
	assert_status 23
	[ "$(number processes "$(tail -n 1 json)")" = 1501 ]
	[ "$(grep -c '"id":"segment-leak"' json)" = 1 ]
	grep '"id":"segment-leak"' json | grep -q '"count":1,'
	run ! grep -qE '"id":"segment-(vanished|unattributed)"' json
}

@test "a program that is stopped while it waits for room has not waited: nothing is lost" {
	cat >many.c <<-'END'
		#include <stdio.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		int main(void)
		{
			for (int i = 0; i < 40000; i++) {
				struct shmid_ds status;
				int id = shmget(IPC_PRIVATE, 4096, 0600);
				if (i == 0)
					puts("begun"), fflush(stdout), getchar(), puts("going"), fflush(stdout);
				if (id < 0 || shmctl(id, IPC_STAT, &status) || shmctl(id, IPC_RMID, NULL))
					return 1;
			}
			return 0;
		}
	END
	gcc -w -o many many.c
	mkfifo in out
	"$shmcheck" run --log=log -- ./many <in >out 2>err &
	shmcheck_pid=$!
	exec 7>in 8<out
	read -r word <&8
	[ "$word" = begun ]
	program_pid=$(pgrep -P "$shmcheck_pid" many)
	kill -STOP "$shmcheck_pid"
	echo >&7
	read -r word <&8
	[ "$word" = going ] # from now on it sleeps only where it waits for room
	until grep -q '^State:.S' "/proc/$program_pid/status"; do :; done
	kill -STOP "$program_pid"
	sleep 2.2 # longer than a call waits
	kill -CONT "$program_pid" # and there is no room yet
	until grep -q '^State:.[SZ]' "/proc/$program_pid/status"; do :; done
	kill -CONT "$shmcheck_pid"
	wait "$shmcheck_pid" || status=$?
	exec 7>&- 8<&-
	stderr=$(cat err)
	[ "${status:-0}" = 0 ] || fail "status $status" "$stderr"
	assert_stderr_line '40000 segments made, 40000 removed'
	refute_stderr_line inconclusive
}
