#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Signals, terminals and stopped processes: as without us, and the report comes all the same.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	# Makes a segment, says so, and waits; tidies up on SIGINT and SIGTERM when asked to.
	cat >waits.pl <<-'END'
		my $id = shmget(0, 8192, 0600) // die;
		if (@ARGV) {
			$SIG{$_} = sub { shmctl($id, 0, 0); print "tidied up\n"; exit 4 } for qw(INT TERM);
		}
		$| = 1;
		$SIG{CONT} = sub { print "goes on\n" };
		print "ready\n";
		sleep 1 while 1;
	END
}

# A terminal of its own; the words before -- are its steps.
in_terminal() {
	run python3 "$BATS_TEST_DIRNAME/terminal.py" "$@"
}

@test "Ctrl-C at a terminal kills the program, and the leak is reported" {
	in_terminal '=ready' '+\x03' -- "$shmcheck" run -- perl waits.pl
	assert_output_line '^status 130$'
	assert_output_line 'segment-leak'
	assert_output_line 'SUMMARY: .*died of SIGINT'
}

@test "a program that handles Ctrl-C gets it once, and is clean" {
	in_terminal '=ready' '+\x03' -- "$shmcheck" run -- perl waits.pl tidy
	assert_output_line '^status 4$'
	[ "$(grep -c 'tidied up' <<<"$output")" -eq 1 ]
	assert_output_line 'SUMMARY: .* 0 left'
}

@test "Ctrl-Z stops shmcheck with the program, and fg lets both go on" {
	in_terminal '=ask> ' "+$shmcheck run -- perl waits.pl tidy\\n" '=ready' '+\x1a' '=Stopped' '+fg\n' '=goes on' '+\x03' '=tidied up' \
		'=ask> ' '+exit $?\n' -- env 'PS1=ask> ' bash --norc -i
	assert_output_line '^status 4$'
	assert_output_line 'SUMMARY: .*exited 4'
}

@test "a shell with jobs of its own has the terminal to itself" {
	# Ctrl-C is typed only when the job says that it runs: before that, bash itself may lose what was typed with it.
	in_terminal '=ask> ' '+sh -c "echo wor""king; exec sleep 100"\n' '=working' '+\x03' '=ask> ' '+echo al""ive\n' '=alive' '+exit 5\n' -- \
		"$shmcheck" run -- env 'PS1=ask> ' bash --norc -i
	assert_output_line '^status 5$'
	assert_output_line 'SUMMARY: .*exited 5'
}

# A program that makes a segment and takes its time about it: $1 seconds.
explore_slowly() {
	"$shmcheck" explore --jobs=1 "${@:2}" -- perl -e 'my $i = shmget(0, 4096, 0600); select undef, undef, undef, shift; defined $i and shmctl($i, 0, 0)' "$1"
}

@test "an exploration shows how far it is: a bar on a terminal, which goes before the report" {
	in_terminal -- bash -c "$(declare -f explore_slowly); shmcheck=$shmcheck; explore_slowly 0.1"
	local bar='[#.]{24} ([0-9]+) of ([0-9]+) points, 0 causes of findings, ([0-9]+) runs a second, ([0-9]+)s left'
	tr '\r' '\n' <<<"$output" | grep -aoE "$bar" >bars
	[ "$(wc -l <bars)" -ge 3 ]
	# what there is between the first and the last bar went forward, and no more points were done than there are
	[[ $(head -n 1 bars) =~ $bar ]]
	local first=${BASH_REMATCH[1]}
	[[ $(tail -n 1 bars) =~ $bar ]]
	[ "$first" -lt "${BASH_REMATCH[1]}" ]
	[ "${BASH_REMATCH[1]}" -le "${BASH_REMATCH[2]}" ]
	[ "${BASH_REMATCH[3]}" -le 10 ]
	assert_output_line "coverage: .*${BASH_REMATCH[2]} points"
	in_terminal -- bash -c "$(declare -f explore_slowly); shmcheck=$shmcheck; explore_slowly 0.1 --quiet"
	run ! grep 'runs a second,' <<<"$output"
}

@test "an exploration shows how far it is: a line now and then where there is no terminal, and no more time left than its budget has" {
	run --separate-stderr explore_slowly 1 --points=all --errnos=all --budget=12s
	local lines
	lines=$(grep -c 'shmcheck:  *[0-9]* of [0-9]* points, 0 causes of findings, [01] runs a second, [0-2]s left$' <<<"$stderr")
	[ "$lines" -eq 1 ]
	refute_stderr_line $'\r'
}

# Sends SIGNAL to shmcheck when the program is ready; leaves its status, and the report in a file.
signal_it() {
	local signal=$1
	shift
	mkfifo fifo
	"$shmcheck" run "--report=text:$PWD/report" -- perl waits.pl "$@" >fifo 2>/dev/null 3>&- &
	exec 9<fifo
	read -r _ <&9
	kill -"$signal" $!
	status=0
	wait $! || status=$?
	exec 9<&-
	rm fifo
}

@test "a signal that is sent to shmcheck is passed on, and the report comes" {
	for signal in TERM INT; do
		signal_it $signal tidy
		assert_status 4
		grep -q 'SUMMARY: .* 0 left' report
	done
	signal_it TERM
	assert_status 143
	grep -q segment-leak report
	signal_it USR1
	assert_status $((128 + $(kill -l USR1)))
}

@test "a signal that the program sends to its process group reaches it once, and does not end shmcheck" {
	gcc -w -x c -o group - <<-'END'
		#include <signal.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <unistd.h>
		static volatile int count, is_over;
		static void take(int number)
		{
			is_over |= number == SIGUSR2;
			count += number != SIGUSR2;
		}
		int main(int argc, char **argv)
		{
			sigset_t all, none;
			sigfillset(&all);
			sigemptyset(&none);
			sigprocmask(SIG_BLOCK, &all, NULL);
			signal(SIGUSR2, take);
			signal(atoi(argv[1]), take);
			kill(0, atoi(argv[1]));
			while (sigsuspend(&none) && !count)
				;
			printf("%d\n", getppid());
			fclose(stdout);
			while (sigsuspend(&none) && !is_over)
				;
			return 10 + count;
		}
	END
	mkfifo out
	for signal in 1 10 26 40; do # HUP, USR1, VTALRM, and a real-time one
		# a process that is no leader of a group becomes one: nobody else gets the signal
		setsid "$shmcheck" run --report=text:report -- ./group $signal >out &
		read -r pid <out
		kill -USR2 "$pid" # what came before is passed on before, or at once with it
		wait $! && status=0 || status=$?
		[ "$status" = 11 ] || fail "$signal: $status"
		grep -q 'SUMMARY: clean' report
	done
}

@test "the deadline kills stopped processes too" {
	run --separate-stderr "$shmcheck" run --timeout=500ms -- sh -c 'sh -c "kill -STOP \$\$" & kill -STOP $$'
	assert_status 124
	run --separate-stderr "$shmcheck" run --timeout=500ms --show=note -- perl -e \
		'defined(shmget(0, 8192, 0600)) or die; fork; setpgrp; kill STOP => $$'
	assert_status 124
	assert_stderr_line 'left-at-timeout'
	refute_stderr_line 'segment-leak'
}

@test "what stands at the deadline is a note; what was removed before it is nothing" {
	run --separate-stderr "$shmcheck" run --timeout=500ms --show=note -- perl -e "$perl_clean; sleep 60"
	assert_status 124
	refute_stderr_line 'left-at-timeout'
	run --separate-stderr "$shmcheck" run --timeout=300ms --fail-on=note -- "$BUILD/tests/programs/storm" 4 2 100000000 1
	assert_status 124
	refute_stderr_line 'segment-(vanished|unattributed)'
}

@test "a core is dumped as without us" {
	[ "$(cat /proc/sys/kernel/core_pattern)" = core ] || skip "kernel.core_pattern is not 'core'"
	mkdir bare watched
	(cd bare && ulimit -c unlimited && sh -c 'kill -SEGV $$') || true
	[ -s bare/core ] || [ -n "$(ls bare)" ] || skip "no core is dumped here at all"
	run bash -c 'cd watched && ulimit -c unlimited && "$1" run -- sh -c "kill -SEGV \$\$"' _ "$shmcheck"
	assert_status 139
	[ "$(find bare -type f -size +0 | wc -l)" -eq "$(find watched -type f -size +0 | wc -l)" ]
	assert_output_line 'core dumped'
}

@test "killed itself, shmcheck leaves the program to go on" {
	cat >goes.pl <<-'END'
		$| = 1;
		print "$$\n";
		<STDIN>;
		for (1 .. 30000) { my $id = shmget(0, 4096, 0600) // die; shmctl($id, 0, 0) or die; }
		open my $file, ">", "done" or die;
	END
	mkfifo in out
	mkdir scratch
	TMPDIR=$PWD/scratch "$shmcheck" run -- perl goes.pl <in >out 2>/dev/null 3>&- &
	exec 8>in
	exec 9<out
	read -r pid <&9
	kill -KILL $!
	wait $! || true
	echo >&8
	exec 8>&-
	tail --pid="$pid" -f /dev/null
	[ -e 'done' ]
}
