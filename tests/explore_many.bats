#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore of a program with many points: what it takes grows no faster than they do.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	many=$BUILD/tests/programs/many
}

# The most memory that any process of a command had, in KB (VmHWM); the command's status is in the file "status".
peak_of() {
	python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=open("report.txt", "w")).returncode
print(status, file=open("status", "w"))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

field() {
	sed -nE '/"type":"summary"/s/.*"'"$1"'":([0-9]+).*/\1/p' report.json
}

@test "four times the points take four times the runs, and hardly more memory" {
	local small large runs
	small=$(peak_of "$shmcheck" explore --points=all --report=json:report.json -- "$many" 15)
	[ "$(cat status)" -eq 0 ]
	[ "$(field points)" -eq 270 ]
	runs=$(field runs)
	[ "$runs" -eq 270 ]
	large=$(peak_of "$shmcheck" explore --points=all --report=json:report.json -- "$many" 60)
	[ "$(field points)" -eq 1080 ]
	[ "$(field runs)" -eq $((4 * runs)) ]
	[ $((2 * large)) -lt $((3 * small)) ] || fail "$small KB with 270 points, $large KB with 1080"
}

@test "so it is when each point is a finding with a cause of its own: what is told of them is bounded" {
	local small large causes
	small=$(peak_of "$shmcheck" explore --points=all --errnos=ENOMEM,EINVAL --report=json:report.json --report=text:report.txt -- "$many" 20 careless)
	[ "$(cat status)" -eq 1 ]
	large=$(peak_of "$shmcheck" explore --points=all --errnos=ENOMEM,EINVAL --report=json:report.json --report=text:report.txt -- "$many" 80 careless)
	[ "$(cat status)" -eq 1 ]
	causes=$(grep -c '^shmcheck: error: leak' report.txt)
	[ "$causes" -ge 240 ] || fail "$causes causes"
	[ "$(grep -c '^    reproduce ' report.txt)" -eq "$causes" ]
	[ "$(grep -c '^    found ' report.txt)" -le 1000 ]
	grep -q '^    details .*the first 100 causes' report.txt
	grep -qE '^ +and [0-9]+ findings more' report.txt
	grep -q '"findings_left_out":' report.json
	"$BATS_TEST_DIRNAME/valid" --lines --types=point,finding,summary "$BATS_TEST_DIRNAME/../share/shmcheck-report.schema.json" report.json
	[ $((10 * large)) -lt $((19 * small)) ] || fail "$small KB with 20 places, $large KB with 80"
}

@test "calls beyond the first 200000 are not tried: inconclusive, never clean" {
	cat >calls.c <<-'END'
		#include <sys/shm.h>
		int main(void)
		{
			for (int i = 0; i < 200000; i++)
				shmctl(-1, IPC_STAT, 0);
			return shmctl(shmget(IPC_PRIVATE, 4096, 0600), IPC_RMID, 0);
		}
	END
	gcc -O1 -g -o calls calls.c
	run --separate-stderr "$shmcheck" explore --calls=shmget -- ./calls
	assert_status 3
	assert_stderr_line 'inconclusive: it makes more calls than are tried: 2 behind the first 200000$'
}

@test "when call stacks find no room, places cannot be told apart: inconclusive, never clean" {
	cat >places.c <<-'END'
		#include <stdlib.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		#define FRAME __attribute__((noipa))
		FRAME static void descend(int way, int depth);
		FRAME static void left(int way, int depth) { descend(way, depth); __asm__(""); }
		FRAME static void right(int way, int depth) { descend(way, depth); __asm__(""); }
		FRAME static void descend(int way, int depth)
		{
			if (depth == 0)
				shmctl(-2, IPC_STAT, 0);
			else if (way & 1)
				left(way >> 1, depth - 1);
			else
				right(way >> 1, depth - 1);
			__asm__("");
		}
		FRAME static int use(int is_guilty)
		{
			int id = shmget(IPC_PRIVATE, 4096, 0600);
			char *place = shmat(id, 0, 0);
			if (place == (void *)-1 && !is_guilty)
				return shmctl(id, IPC_RMID, 0), 1;
			*place = 1;
			return shmdt(place) || shmctl(id, IPC_RMID, 0);
		}
		int main(int argc, char **argv)
		{
			for (int way = atoi(argv[1]); way > 0; way--)
				descend(way, 13);
			int first = use(0), second = first ? 0 : use(argc > 2), third = use(0);
			return first || second || third;
		}
	END
	gcc -O1 -w -o places places.c
	run --separate-stderr "$shmcheck" explore --calls=shmat -- ./places 10
	assert_status 0
	run --separate-stderr "$shmcheck" explore --calls=shmat -- ./places 10 guilty
	assert_status 1
	for guilty in "" guilty; do
		run --separate-stderr "$shmcheck" explore --calls=shmat -- ./places 8000 $guilty
		assert_status 3
		assert_stderr_line 'inconclusive: .* call stacks found no room: calls from different places were taken for calls from one'
	done
	run --separate-stderr "$shmcheck" run -- ./places 8000 guilty
	assert_status 0
	assert_stderr_line 'hint: .* call stacks or names found no room'
	run --separate-stderr "$shmcheck" run -- ./places 10 guilty
	assert_status 0
	refute_stderr_line 'found no room'
}
