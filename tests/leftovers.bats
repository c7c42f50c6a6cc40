#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is left and why it is no leak, each with its twin: held by the living, pinned from outside, stood at the deadline.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Attaches the segment of KEY, says so, and waits to be killed.
write_holder() {
	cat >holder.c <<-'END'
		#include <stdio.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		#include <unistd.h>
		int main(void)
		{
			int id = shmget(0x5a5a0003, 0, 0);
			if (id < 0 || shmat(id, NULL, 0) == (void *)-1)
				return 1;
			puts("attached");
			fflush(stdout);
			pause();
		}
	END
	gcc -o holder holder.c
}

@test "a removed segment that a process outside has attached is pinned; when it has let go, nothing" {
	write_holder
	cat >maker.pl <<-'END'
		$| = 1;
		my $id = shmget(0x5a5a0003, 8192, 01600) // die;
		print "made\n";
		<STDIN>;
		shmctl($id, 0, 0) or die;
	END
	cat >both.sh <<-'END'
		mkfifo in out held
		"$1" run --isolate=none --report=json:json --report=text:report -- perl maker.pl <in >out 2>/dev/null &
		exec 8>in 9<out
		read -r _ <&9
		./holder >held &
		read -r _ <held
		[ "$2" = keep ] || { kill $!; wait $! 2>/dev/null; }
		echo >&8
		wait %1
		status=$?
		[ "$2" = keep ] && kill $!
		rm in out held
		exit $status
	END
	run on_own_host bash both.sh "$shmcheck" keep
	assert_status 0
	grep '"id":"segment-pinned"' json | grep -q '"severity":"warning"' || fail "$(cat report)"
	run on_own_host bash both.sh "$shmcheck" let_go
	assert_status 0
	run ! grep -q '"id":"segment-' json
}

# A child that outlives PROGRAM, with a segment that it made (or PROGRAM, with "parent"); it ends when told to.
write_daemon() {
	cat >daemon.pl <<-'END'
		my ($who, $seconds) = @ARGV;
		my $id;
		$id = shmget(0, 8192, 0600) // die if $who eq "parent";
		pipe(R, W);
		unless (fork) {
			close R;
			$id = shmget(0, 8192, 0600) // die if $who eq "child";
			close W;
			select undef, undef, undef, $seconds;
			shmctl($id, 0, 0) or die;
			exit;
		}
		close W;
		<R>;
	END
}

@test "a segment that a living child made is held; one that its dead parent made and nobody has attached is a leak" {
	write_daemon
	run --separate-stderr "$shmcheck" run --linger=100ms --show=note -- perl daemon.pl child 4
	assert_status 0
	assert_stderr_line 'segment-held'
	assert_stderr_line 'still alive and left alone: pid [0-9]+ \(perl\)'
	refute_stderr_line 'segment-leak|clean'
	run --separate-stderr "$shmcheck" run --linger=100ms --show=note -- perl daemon.pl parent 4
	assert_status 23
	assert_stderr_line 'segment-leak'
}

@test "when the child's end is waited for it is clean, and with linger=forever too" {
	write_daemon
	for linger in 20s forever; do
		run --separate-stderr "$shmcheck" run --linger=$linger --show=warning -- perl daemon.pl child 0.3
		assert_status 0
		refute_stderr_line 'segment-'
		assert_stderr_line 'SUMMARY: .*1 removed, 0 left'
	done
}

@test "a segment that a living child has attached is held, not leaked" {
	cat >attached.c <<-'END'
		#include <sys/ipc.h>
		#include <sys/shm.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			int ready[2], id = shmget(IPC_PRIVATE, 8192, 0600);
			char byte;
			(void)argv;
			if (id < 0 || pipe(ready))
				return 9;
			if (fork() == 0) {
				if (argc == 1)
					shmat(id, NULL, 0);
				close(ready[0]);
				close(ready[1]);
				sleep(4);
				_exit(0);
			}
			close(ready[1]);
			return (int)read(ready[0], &byte, 1);
		}
	END
	gcc -o attached attached.c
	run --separate-stderr "$shmcheck" run --linger=50ms --show=note -- ./attached
	assert_status 0
	assert_stderr_line 'segment-held'
	run --separate-stderr "$shmcheck" run --linger=50ms --show=note -- ./attached not
	assert_status 23
	assert_stderr_line 'segment-leak'
}

@test "between creation and removal a kill would leak: a note with calls and time; none for what nobody removes" {
	run --separate-stderr "$shmcheck" run --show=note -- perl -e "$perl_clean"
	assert_status 0
	assert_stderr_line 'crash-window'
	assert_stderr_line '[0-9.]+ ms and 0 other calls'
	run --separate-stderr "$shmcheck" run --show=note -- perl -e "$perl_leak"
	assert_status 23
	refute_stderr_line 'crash-window'
	run --separate-stderr "$shmcheck" run --show=warning -- perl -e "$perl_clean"
	refute_stderr_line 'crash-window:'
}
