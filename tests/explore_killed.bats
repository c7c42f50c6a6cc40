#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031 # each test has an exploration of its own
# shmcheck explore: what is killed, or told to end, in the midst of it: nothing runs on, nothing is blamed on the program.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export FOLDER=$PWD
	mkdir tmp
	# its failing call makes it tell its pid, and wait until it may end
	cat >waits.pl <<-'END'
		my $id = shmget(0, 4096, 0600);
		if (!defined $id || $ARGV[0] eq "always") {
			$SIG{TERM} = "IGNORE";
			kill "SEGV", $$ if $ARGV[0] eq "crashes" && mkdir "crashed";
			open F, ">>", "$ENV{FOLDER}/pids";
			syswrite F, "$$\n";
			select undef, undef, undef, 0.01 until -e "$ENV{FOLDER}/go";
			exit 7;
		}
		shmctl($id, 0, 0) or exit 8;
	END
}

teardown() {
	touch "$BATS_TEST_TMPDIR/go"
	local pid
	for pid in "${explorer:-}" "${waiting:-}"; do
		[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
	done
}

# Starts an exploration and waits until the program waits: $explorer, its $worker, the $program.
start_exploration() {
	rm -f pids go
	TMPDIR=$PWD/tmp "$shmcheck" explore --timeout=100s --calls=shmget --mode=once "$@" 2>report &
	explorer=$!
	eventually test -s pids
	program=$(head -n 1 pids)
	worker=$(parent_of "$program")
}

parent_of() {
	ps -o ppid= -p "$1" | tr -d ' '
}

eventually() {
	local i
	for ((i = 0; i < 1000; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	fail "never: $*"
}

is_gone() {
	! ps -o stat= -p "$1" | grep -qv '^Z'
}

end_exploration() {
	status=0
	touch go
	wait "$explorer" || status=$?
	explorer=
	# shellcheck disable=SC2034 # read by assert_stderr_line
	stderr=$(cat report)
}

@test "a worker that is killed takes its program with it, and the other points are tried" {
	local server
	mkdir copied && cp waits.pl copied
	for server in --jobs=1 --jobs=2 --fork-server --copy=copied; do
		start_exploration --jobs=1 "$server" -- perl waits.pl
		kill -KILL "$worker"
		eventually is_gone "$program"
		end_exploration
		assert_status 3
		assert_stderr_line 'inconclusive: .* could not be tried: the process that made the run died'
		assert_stderr_line 'SUMMARY: .*handled'
		[ -z "$(ls tmp)" ]
	done
}

# The program that another worker has had loaded, and that has done nothing so far.
find_waiting() {
	waiting=
	for other in $(pgrep -P "$explorer"); do
		[ "$other" = "$worker" ] || waiting=$(pgrep -P "$other" -x perl) || continue
		[ -z "$waiting" ] || return 0
	done
	return 1
}

@test "what waits for its turn when its worker is killed ends with it, and has done nothing" {
	[ "$(nproc)" -gt 1 ] || skip "there is one worker with one processor"
	start_exploration --jobs=1 -- perl waits.pl
	eventually find_waiting
	kill -KILL "$other"
	eventually is_gone "$waiting"
	run ! is_gone "$program"
	end_exploration
	assert_status 3
	run ! grep -qx "$waiting" pids
}

@test "while the program of a killed worker runs the other worker's waits" {
	[ "$(nproc)" -gt 1 ] || skip "there is one worker with one processor"
	start_exploration --jobs=1 -- perl waits.pl
	eventually find_waiting
	kill -STOP "$explorer" # which would end it
	kill -KILL "$worker"
	for _ in {1..25}; do # it has all the time to begin
		run ! grep -qx "$waiting" pids
		sleep 0.02
	done
	kill -CONT "$explorer"
	eventually is_gone "$program"
	end_exploration
	assert_status 3
	grep -qx "$waiting" pids
}

@test "nobody waits for the turn of a worker that was killed with shmcheck" {
	[ "$(nproc)" -gt 1 ] || skip "there is one worker with one processor"
	local too
	for too in '' "and what waits"; do
		start_exploration --jobs=1 -- perl waits.pl
		eventually find_waiting
		kill -KILL "$explorer" "$worker" ${too:+"$waiting"}
		eventually is_gone "$other"
		eventually is_gone "$waiting"
		run ! grep -qx "$waiting" pids
		touch go
		eventually is_gone "$program"
	done
}

@test "what waits for its turn when its worker and shmcheck are killed ends, and has done nothing" {
	[ "$(nproc)" -gt 1 ] || skip "there is one worker with one processor"
	start_exploration --jobs=1 -- perl waits.pl
	eventually find_waiting
	kill -KILL "$explorer" "$other"
	eventually is_gone "$waiting"
	eventually is_gone "$program"
	run ! grep -qx "$waiting" pids
}

@test "with shmcheck itself killed nothing goes on, and no session stays" {
	local server pids
	for server in --jobs=1 --fork-server; do
		start_exploration --jobs=1 "$server" -- perl waits.pl
		mapfile -t pids < <(pgrep -P "$explorer")
		kill -KILL "$explorer"
		for pid in "$program" "${pids[@]}"; do
			eventually is_gone "$pid"
		done
		[ -z "$(ls tmp)" ]
		[ "$(sort -u pids)" = "$program" ]
	done
}

@test "a run that SIGTERM ended is no hang" {
	start_exploration --jobs=1 -- perl waits.pl
	kill -TERM "$worker"
	eventually is_gone "$program"
	end_exploration
	assert_status 3
	assert_stderr_line 'inconclusive: 1 points? could not be tried: SIGTERM ended the run'
	refute_stderr_line 'hang'
}

@test "an exploration can be interrupted in a run without a fault" {
	start_exploration --jobs=1 -- perl waits.pl always
	kill -INT "$explorer"
	local status=0
	wait "$explorer" || status=$?
	explorer=
	is_gone "$program"
	assert_status 3
	grep -q 'interrupted in a run without a fault' report
}

@test "a traced run that is interrupted ends, whatever the program makes of SIGTERM" {
	start_exploration --jobs=1 --errnos=ENOSPC -- perl waits.pl crashes
	kill -INT "$explorer"
	eventually is_gone "$program"
	end_exploration
	assert_stderr_line 'ended early'
}

# Starts a scenario of one program, which waits (always), or whose exploration makes it wait (once).
start_scenario() {
	cat >scenario.yaml <<-END
		name: waits
		processes:
		  - {name: a, command: [perl, $PWD/waits.pl, $1]}
		$([ "$1" = always ] || echo 'explore: {processes: [a], mode: once}')
		timeout: 100s
	END
	rm -f pids go
	TMPDIR=$PWD/tmp "$shmcheck" scenario scenario.yaml &>report &
	explorer=$!
	eventually test -s pids
	program=$(head -n 1 pids)
	worker=$(parent_of "$program")
}

@test "a scenario that is interrupted ends, and its exploration too, whatever the programs make of SIGTERM" {
	local how
	for how in always once; do
		start_scenario "$how"
		kill -INT "$explorer"
		eventually is_gone "$program"
		eventually is_gone "$explorer"
		end_exploration
		assert_status 3
		assert_stderr_line 'interrupted'
		assert_stderr_line ' 0 passed, 0 failed'
		[ "$(wc -l <pids)" -eq 1 ]
	done
}

@test "a scenario whose shmcheck is killed ends, and its exploration too, and leaves nothing" {
	local how child
	for how in always once; do
		start_scenario "$how"
		child=$(pgrep -P "$explorer")
		kill -KILL "$explorer"
		for pid in "$program" "$worker" "$child"; do
			eventually is_gone "$pid"
		done
		[ -z "$(ls tmp)" ]
		[ "$(wc -l <pids)" -eq 1 ]
	done
}

@test "what the killed worker of a scenario, or of its exploration, has started ends with it" {
	local how
	for how in always once; do
		start_scenario "$how"
		kill -KILL "$(pgrep -P "$explorer")"
		eventually is_gone "$program"
		end_exploration
		assert_status 3
		assert_stderr_line 'inconclusive: the process that ran it broke'
		[ -z "$(ls tmp)" ]
		[ "$(wc -l <pids)" -eq 1 ]
	done
}

@test "an idle worker that is killed is replaced" {
	cat >other.pl <<-'END'
		my $id = shmget(0, 4096, 0600);
		print defined $id ? "one\n" : "two\n";
		shmctl($id, 0, 0) and exit if defined $id;
		open F, ">>", "pids";
		syswrite F, "$$\n";
		select undef, undef, undef, 0.01 until -e "go";
	END
	start_exploration --jobs=2 --errnos=ENOSPC -- perl other.pl
	local idle
	for idle in $(pgrep -P "$explorer"); do
		[ "$idle" = "$worker" ] || kill -KILL "$idle"
	done
	end_exploration
	assert_status 1
	assert_stderr_line 'error: wrong-output: '
	refute_stderr_line 'inconclusive|broke'
}
