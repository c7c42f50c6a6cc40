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

@test "the harness's memory does not grow with the number of calls" {
	local few many
	few=$(memory_of 100000)
	many=$(memory_of "${SHMCHECK_MEMORY_CALLS:-1000000}")
	[ "$many" -lt $((few + 20480)) ] || fail "$few KiB after 100000 calls, $many KiB after more"
}
