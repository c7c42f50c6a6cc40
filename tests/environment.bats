#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Options from the environment: SHMCHECK_OPTIONS.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "options of the variable hold, and those of the command line outrank them" {
	SHMCHECK_OPTIONS='--error-exitcode=77' run "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 77
	SHMCHECK_OPTIONS='--error-exitcode=77' run "$shmcheck" run --error-exitcode=78 -- perl -e "$perl_leak"
	assert_status 78
}

@test "words are split with quotes, values may stand apart" {
	SHMCHECK_OPTIONS="--report 'text:a file' -q" run --separate-stderr "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 23
	[ -z "$stderr" ]
	grep -q segment-leak 'a file'
}

@test "verbose prints the variable" {
	SHMCHECK_OPTIONS='--show=note' run --separate-stderr "$shmcheck" run --verbose -- true
	assert_status 0
	assert_stderr_line '^shmcheck: SHMCHECK_OPTIONS=--show=note$'
	run --separate-stderr "$shmcheck" run --verbose -- true
	refute_stderr_line 'SHMCHECK_OPTIONS'
}

@test "an option of another command only is passed over, and verbose says so" {
	SHMCHECK_OPTIONS='--jobs=2 -j 2 --depth 1 --error-exitcode=77' run --separate-stderr "$shmcheck" run --verbose -- \
		perl -e "$perl_leak"
	assert_status 77
	assert_stderr_line "^shmcheck: SHMCHECK_OPTIONS: '--jobs=2' passed over: run has no such option$"
	SHMCHECK_OPTIONS=$'--jobs=\e\xff' run --separate-stderr "$shmcheck" run --verbose -- true
	assert_status 0
	assert_stderr_line "'--jobs=\\\\x1b\\\\xff' passed over"
	# An option that two commands have is each one's own.
	echo 'processes: [{name: a, command: ["true"]}]' >a.yaml
	for command in scenario explore; do
		SHMCHECK_OPTIONS='--jobs=nonsense' run --separate-stderr "$shmcheck" "$command" a.yaml
		assert_status 2
		assert_stderr_line '^shmcheck: SHMCHECK_OPTIONS, column 1: --jobs=nonsense: expected'
	done
	SHMCHECK_OPTIONS='--isolate=nonsense' run "$shmcheck" list calls
	assert_status 0
}

# The variable $1 is refused by `run` before anything starts, with a line that matches $2.
assert_refused() {
	SHMCHECK_OPTIONS=$1 run --separate-stderr "$shmcheck" run -- touch started
	assert_status 125
	assert_stderr_line "$2"
	[ ! -e started ]
}

@test "a bad option is an error that names the variable and the column" {
	assert_refused '--quiet  --verbos' "^shmcheck: SHMCHECK_OPTIONS, column 10: .*'--verbos'.*did you mean '--verbose'"
	assert_refused '--show=nota' '^shmcheck: SHMCHECK_OPTIONS, column 1: --show=nota: .*did you mean .note'
	assert_refused '-q --timeout=soon' '^shmcheck: SHMCHECK_OPTIONS, column 4: --timeout=soon: expected a duration'
	assert_refused '-q --timeout' '^shmcheck: SHMCHECK_OPTIONS, column 4: this option needs a value'
	assert_refused '--quiet=1' '^shmcheck: SHMCHECK_OPTIONS, column 1: this option takes no value'
	assert_refused '-q program' "^shmcheck: SHMCHECK_OPTIONS, column 4: not an option: 'program'"
	assert_refused '-q -- true' "^shmcheck: SHMCHECK_OPTIONS, column 4: not an option: '--'"
	assert_refused "-q 'x" '^shmcheck: SHMCHECK_OPTIONS, column 4: the quote is never closed'
	assert_refused "-q x\\" "^shmcheck: SHMCHECK_OPTIONS, column 5: nothing stands behind the backslash"
	assert_refused '--help' "^shmcheck: SHMCHECK_OPTIONS, column 1: this belongs on a command line: '--help'$"
	assert_refused '--jo=2' "^shmcheck: SHMCHECK_OPTIONS, column 1: .*'--jo=2'; did you mean '--jobs'"
	assert_refused '-z' '^shmcheck: SHMCHECK_OPTIONS, column 1: no command has such an option'
}

@test "what is found wrong with a value later on names the variable too" {
	assert_refused '-q --inject=shmat:error=ENOMEN' '^shmcheck: SHMCHECK_OPTIONS, --inject: column 13: unknown errno'
	for option in --persistent=x --suppressions=absent --baseline=absent; do
		assert_refused "-q $option" '^shmcheck: this option stands in SHMCHECK_OPTIONS, column 4$'
	done
	SHMCHECK_OPTIONS=-q run --separate-stderr "$shmcheck" run --inject=shmat:error=ENOMEN -- true
	refute_stderr_line SHMCHECK_OPTIONS
}

@test "an empty variable is none" {
	SHMCHECK_OPTIONS='' run --separate-stderr "$shmcheck" run -- true
	assert_status 0
	SHMCHECK_OPTIONS='   ' run --separate-stderr "$shmcheck" run -- true
	assert_status 0
}
