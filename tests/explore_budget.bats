#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore with a budget: what it is spent on, and what is said of the points that it did not reach.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	# Each failure of it has another output: no two of these lines are printed without one.
	cat >tells.pl <<-'END'
		my $id = shmget(0, 4096, 0600);
		if (!defined $id) { print "none\n"; exit 0 }
		shmwrite($id, "hello", 0, 5) or print "not written\n";
		my $text;
		shmread($id, $text, 0, 5) or print "not read\n";
		shmctl($id, 0, 0) or print "not removed\n";
	END
	# Prints by itself, from its third run on, what its first two do not.
	cat >late.pl <<-'END'
		open(my $runs, ">>", "runs");
		print $runs "x";
		close($runs);
		print "there were others\n" if -s "runs" > 2;
		my $id = shmget(0, 4096, 0600);
		defined $id or exit 1;
		shmwrite($id, "hello", 0, 5);
		shmctl($id, 0, 0) or shmctl($id, 0, 0);
	END
}

# A number that stands before a word in the line about coverage.
covered() {
	sed -nE "s/^shmcheck: coverage: (.*, )?([0-9]+) (points? )?$1.*/\2/p" <<<"$stderr"
}

@test "a small budget goes to the points, though each of them prints something else" {
	local seed
	for seed in 1 2 3; do
		run --separate-stderr "$shmcheck" explore --budget=45 --seed=$seed --report=text --report=json:points.json -- perl tells.pl
		assert_status 0
		[ "$(covered known)" -eq 34 ]
		[ "$(jq -s '[.[] | select(.type == "point" and (.verdict != "not-tried" or (.message | test("printed something else"))))] | length' points.json)" -eq 34 ] ||
			fail "not each point was tried once" "$stderr"
	done
}

@test "a program that by itself prints something else now and then does not take the budget for that" {
	run --separate-stderr "$shmcheck" explore --jobs=1 --calls=shmctl --budget=20 --seed=1 -- perl late.pl
	assert_status 0
	[ "$(covered tried)" -ge 7 ] || fail "$stderr"
	refute_stderr_line 'wrong-output'
}

@test "a wrong output is said only where runs without a fault were compared, sixteen at least" {
	run --separate-stderr "$shmcheck" explore --budget=48 --seed=1 -- perl tells.pl
	refute_stderr_line 'wrong-output'
	run --separate-stderr "$shmcheck" explore --budget=70 --seed=1 -- perl tells.pl
	assert_status 1
	assert_stderr_line 'SUMMARY: findings: .* wrong-output, [0-9]+ undecided, 70 runs'
}

@test "of a large budget runs without a fault are as many as without one" {
	"$shmcheck" explore --seed=1 --report=json:without.json -- perl tells.pl || true
	"$shmcheck" explore --seed=1 --budget=10m --report=json:with.json -- perl tells.pl || true
	[ "$(jq -r 'select(.type == "summary").runs' without.json)" -eq "$(jq -r 'select(.type == "summary").runs' with.json)" ]
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
	assert_stderr_line '^shmcheck: SUMMARY: incomplete: .* not reached, 1 run in '
}

@test "an exploration that was interrupted is not clean" {
	# shellcheck disable=SC2016 # Perl
	"$shmcheck" explore --jobs=1 --timeout=100s -- perl -e 'open(my $runs, ">>", "runs"); syswrite($runs, "x");
		my $id = shmget(0, 4096, 0600) // exit; shmctl($id, 0, 0) or sleep 90' 2>report &
	local pid=$!
	until [ "$(stat -c %s runs 2>/dev/null || echo 0)" -ge 6 ]; do # two had no fault, in three shmget failed
		sleep 0.05
	done
	kill -INT "$pid"
	wait "$pid"
	grep -qE '^shmcheck: SUMMARY: incomplete: .*not reached, ' report
}

@test "what a part of an exploration did not reach stays in the baseline" {
	local victim=$BUILD/tests/programs/victim options
	"$shmcheck" explore --write-baseline=whole -- "$victim" forgets-to-remove || [ $? -eq 1 ]
	[ "$(grep -c '^[0-9a-f]' whole)" -eq 1 ]
	for options in --budget=2\ --seed=3 --shard=1/9; do
		cp whole base
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$shmcheck" explore $options --baseline=base --write-baseline=base -- "$victim" forgets-to-remove
		assert_status 0
		refute_stderr_line 'no longer found'
		diff whole base
	done
	run --separate-stderr "$shmcheck" explore --baseline=base --write-baseline=base -- "$victim"
	assert_status 0
	assert_stderr_line 'baseline base: 1 no longer found'
	[ "$(grep -c '^[0-9a-f]' base)" -eq 0 ]
}

@test "what may be a crash, with no run left to see it, has no other verdict; where no point has one, all is inconclusive" {
	local child='my $child = fork; if (!$child) { my $id = shmget(0, 4096, 0600); defined $id or kill SEGV => $$; shmctl($id, 0, 0); exit 0 }
		waitpid $child, 0'
	run --separate-stderr "$shmcheck" explore --jobs=1 --calls=shmget --budget=1 -- perl -e "$child"
	assert_status 3
	assert_stderr_line '^shmcheck: inconclusive: it ended before one of 6 points was decided$'
	assert_stderr_line '^shmcheck: SUMMARY: inconclusive: 6 not reached, 1 run in '
	assert_stderr_line 'coverage: 6 points known, 0 tried, 6 not reached; ended early'
	run --separate-stderr "$shmcheck" explore --jobs=1 --calls=shmget --budget=6 -- perl -e "$child"
	assert_status 1
	assert_stderr_line 'SUMMARY: findings: [1-3] crash, [3-5] not reached, 6 runs'
}
