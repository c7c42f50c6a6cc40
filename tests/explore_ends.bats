#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore: how the processes of a program end, by themselves or by each other, is told from a crash.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	# A worker that attaches, and a helper that the program ends by SIGTERM when it is not needed any more. What the worker
	# does without the segment is the argument; its status does not matter to the program.
	cat >keeper.c <<-'END'
		#include <signal.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/shm.h>
		#include <sys/wait.h>
		#include <unistd.h>

		int main(int argc, char **argv)
		{
			int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), word[2];
			char byte;
			if (argc < 3 || id < 0)
				return 1;
			pid_t helper = strcmp(argv[1], "alone") ? fork() : 0;
			if (helper == 0 && strcmp(argv[1], "alone"))
				for (;;)
					pause();
			pid_t worker = pipe(word) ? -1 : fork();
			if (worker < 0)
				return 1;
			if (worker == 0) {
				if (shmat(id, NULL, 0) == (void *)-1) {
					if (strcmp(argv[2], "crashes") == 0)
						abort();
					_exit(1);
				}
				if (strcmp(argv[1], "kills-both") == 0 && write(word[1], "x", 1) == 1)
					for (;;)
						pause();
				_exit(0);
			}
			close(word[1]);
			if (read(word[0], &byte, 1) == 1)
				kill(worker, SIGTERM);
			waitpid(worker, NULL, 0);
			if (helper)
				kill(helper, SIGTERM);
			if (helper)
				waitpid(helper, NULL, 0);
			return shmctl(id, IPC_RMID, NULL) != 0;
		}
	END
	# What it does when it cannot attach: ends its whole process group, or itself.
	cat >ends.pl <<-'END'
		my $id = shmget(0, 4096, 0600) // exit 1;
		my $bytes = "";
		if (!shmread($id, $bytes, 0, 1)) {
			shmctl($id, 0, 0) if $ARGV[2] ne "leaves";
			kill $ARGV[0], $ARGV[1] eq "group" ? 0 : $$;
			sleep 10;
		}
		shmctl($id, 0, 0);
	END
}

# The verdicts on shmat, each once.
verdicts() {
	jq -r 'select(.type == "point" and .call == "shmat") | .verdict' points.json | sort -u | paste -sd ' '
}

@test "a worker that crashes is found, also where other processes are killed in any case; one that gives up did not crash" {
	cc -o keeper keeper.c
	local who
	for who in alone kills-helper kills-both; do
		run --separate-stderr "$shmcheck" explore --calls=shmat --errnos=ENOMEM,EACCES --report=json:points.json -- ./keeper "$who" crashes
		assert_status 1
		[ "$(verdicts)" = crash ] || fail "$who" "$(cat points.json)"
		run --separate-stderr "$shmcheck" explore --calls=shmat --errnos=ENOMEM,EACCES --report=json:points.json -- ./keeper "$who" gives-up
		assert_status 0
		[ "$(verdicts)" = swallowed ] || fail "$who" "$(cat points.json)"
	done
}

@test "a program that ends its process group reaches nobody but itself" {
	run --separate-stderr setsid --wait "$shmcheck" explore --calls=shmat --report=json:points.json -- perl ends.pl TERM group
	assert_status 0
	[ "$(verdicts)" = handled ] || fail "$(cat points.json)"
	cat >group.yaml <<-END
		name: group
		processes:
		  - {name: a, command: [perl, $PWD/ends.pl, TERM, group]}
		inject: ["a/shmat:error=ENOMEM"]
		expect: {processes: [{name: a, signal: TERM}], findings: []}
	END
	run --separate-stderr setsid --wait "$shmcheck" scenario group.yaml
	assert_status 0
}

@test "a program that is asked to end, by itself, did not crash; what it leaves then is a leak" {
	local signal
	for signal in TERM INT HUP QUIT; do
		run --separate-stderr "$shmcheck" explore --calls=shmat --report=json:points.json -- perl ends.pl "$signal" self
		assert_status 0
		[ "$(verdicts)" = handled ] || fail "$signal" "$(cat points.json)"
	done
	run --separate-stderr "$shmcheck" explore --calls=shmat --errnos=ENOMEM --report=json:points.json -- perl ends.pl TERM self leaves
	assert_status 1
	[ "$(verdicts)" = leak ]
	for signal in SEGV ABRT KILL; do
		run --separate-stderr "$shmcheck" explore --calls=shmat --report=json:points.json -- perl ends.pl "$signal" self
		assert_status 1
		[ "$(verdicts)" = crash ] || fail "$signal" "$(cat points.json)"
	done
}

@test "a program that serves until the deadline is no hang when it does so with a failure, too" {
	local server='my $i = shmget(0, 4096, 0600) // shmget(0, 100, 0600) // exit 3; sleep 100'
	run --separate-stderr "$shmcheck" explore --timeout=300ms --errnos=ENOSPC --report=json:points.json --report=text -- perl -e "$server"
	assert_status 0
	assert_stderr_line ' recovered/handled$'
	assert_stderr_line 'without a fault the program died of SIGKILL, killed by our deadline and left 1 segment'
}

@test "of a worker that crashes the crash is told, not that the program waits for it" {
	run --separate-stderr "$shmcheck" explore --calls=shmat --errnos=ENOMEM --mode=once --report=json:points.json -- perl -e '
		my $id = shmget(0, 4096, 0600); my $bytes = "";
		pipe my $in, my $out;
		fork or do { shmread($id, $bytes, 0, 1) or kill ABRT => $$; syswrite $out, "x"; exit };
		sysread $in, $bytes, 1;
		shmctl($id, 0, 0)'
	assert_status 1
	[ "$(verdicts)" = crash ] || fail "$(cat points.json)"
}

@test "a program that sends SIGTERM to its parent, which is us, has sent it in vain" {
	run --separate-stderr "$shmcheck" explore --calls=shmget -- perl -e \
		'my $id = shmget(0, 4096, 0600) // exit !kill(TERM => getppid()); shmctl($id, 0, 0)'
	assert_status 0
	assert_stderr_line 'SUMMARY: clean: '
}
