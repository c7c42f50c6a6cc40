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
