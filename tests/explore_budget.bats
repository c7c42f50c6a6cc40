#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore with a budget: what it is spent on, and what is said of the points that it did not reach.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "points that were not reached are no clean exploration" {
	run --separate-stderr env GITHUB_STEP_SUMMARY="$PWD/summary" "$shmcheck" explore --budget=5 --seed=7 --report=text \
		--report=json:report.json --report=sarif:report.sarif --report=junit:report.xml --report=tap:report.tap \
		--report=github:annotations -- "$BUILD/tests/programs/victim"
	assert_status 0
	assert_stderr_line '^shmcheck: SUMMARY: incomplete: .*, 13 not reached, 5 runs in '
	[ "$(jq -rc 'select(.type == "summary") | [.points, .not_tried, .ended_early]' report.json)" = '[18,13,true]' ]
	[ "$(jq -r '.runs[0].invocations[0].toolExecutionNotifications[].message.text' report.sarif)" = \
		'incomplete: 13 of 18 were not tried before it ended' ]
	grep -q '<testsuite name=.* tests="18" failures="0" errors="0" skipped="13"' report.xml
	[ "$(grep -c ' # SKIP .*: not tried$' report.tap)" -eq 13 ]
	grep -q '^### shmcheck explore: incomplete$' summary
	grep -q '; 13 of 18 not tried\.$' summary
	"$BATS_TEST_DIRNAME/valid" --lines "$BATS_TEST_DIRNAME/../share/shmcheck-report.schema.json" report.json
	run --separate-stderr "$shmcheck" explore --budget=5 --seed=2 -- "$BUILD/tests/programs/victim" forgets-to-remove
	assert_status 1
	assert_stderr_line '^shmcheck: SUMMARY: findings: .*leak.* not reached, 5 runs in '
}

@test "a shard that was tried whole is clean: the other points were not asked for" {
	run --separate-stderr "$shmcheck" explore --shard=1/3 -- "$BUILD/tests/programs/victim"
	assert_status 0
	assert_stderr_line 'coverage: [0-9]+ points known, [0-9]+ tried, 0 not reached, [0-9]+ not asked for'
	assert_stderr_line '^shmcheck: SUMMARY: clean: '
	run --separate-stderr "$shmcheck" explore --shard=1/3 --budget=1 -- "$BUILD/tests/programs/victim"
	assert_status 0
	assert_stderr_line '^shmcheck: SUMMARY: incomplete: .* not reached, 1 runs in '
}

@test "an exploration that was interrupted is not clean" {
	# shellcheck disable=SC2016 # Perl
	"$shmcheck" explore --jobs=1 --timeout=100s -- perl -e 'open(my $runs, ">>", "runs"); syswrite($runs, "x");
		my $id = shmget(0, 4096, 0600); defined $id or sleep 90; shmctl($id, 0, 0)' 2>report &
	local pid=$!
	until [ "$(stat -c %s runs 2>/dev/null || echo 0)" -ge 3 ]; do # the first two had no fault
		sleep 0.05
	done
	kill -INT "$pid"
	wait "$pid"
	grep -qE '^shmcheck: SUMMARY: incomplete: .*not reached, ' report
}
