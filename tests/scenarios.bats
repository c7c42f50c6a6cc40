#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The catalogue: every scenario is green, twice in a row, and none would be with its twin's expectations.

load helper

catalogue=$BATS_TEST_DIRNAME/../scenarios

# What is to be in the catalogue: BUG.guilty*.yaml and BUG.innocent*.yaml for each.
bugs=(
	handover reader-first half-made writer-dies rmid-first removed-while-attached newborn-removed attach-after-removal
	stale-smaller stale-foreign stale-dirty ftok-missing ftok-collision ftok-project permission-denied read-only
	detach fork-inherits fork-cleanup exec many-readers last-one-out stat-numbers handshake lost-update
	partner-dies error-path error-sweep limit-reached ipc-set pointers
)

# A copy of all, where every user may enter: some scenarios run as others than root.
setup_file() {
	cd "$BATS_FILE_TMPDIR"
	mkdir -p scenarios/programs
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	cp "$BUILD"/scenarios/programs/* scenarios/programs
	cp "$BATS_TEST_DIRNAME"/../scenarios/*.yaml scenarios
	chmod -R a+rX . .. ../..
}

setup() {
	cd "$BATS_FILE_TMPDIR"
}

# The file FIRST with what SECOND expects.
with_expectations_of() {
	awk '
		/^[a-z-]+:/ { expects = /^(expect|explore):/ }
		FILENAME == ARGV[1] ? !expects : expects
	' "$1" "$2"
}

@test "every scenario opens with a sentence on its bug" {
	for file in "$catalogue"/*.yaml; do
		head -n 1 "$file" | grep -qE '^# [A-Za-z]' || fail "${file##*/} does not open with a comment"
		awk '/^#/ { last = $0; next } { exit } END { exit last !~ /[.]$/ }' "$file" || fail "${file##*/}: the comment is no sentence"
	done
}

@test "every bug has a guilty scenario and an innocent twin, and the index names them" {
	for bug in "${bugs[@]}"; do
		for verdict in guilty innocent; do
			compgen -G "$catalogue/$bug.$verdict*.yaml" >/dev/null || fail "$bug has no $verdict scenario"
		done
		grep -qF "\`$bug\`" "$catalogue/README.md" || fail "README.md does not name $bug"
	done
	for file in "$catalogue"/*.yaml; do
		[[ ${file##*/} =~ ^([a-z-]+)\.(guilty|innocent)(-[a-z-]+)?\.yaml$ ]] || fail "${file##*/}: not BUG.guilty or BUG.innocent"
		[[ " ${bugs[*]} " == *" ${BASH_REMATCH[1]} "* ]] || fail "${BASH_REMATCH[1]} is in no list"
	done
}

@test "every scenario is asked for its findings, or hangs" {
	for file in "$catalogue"/*.yaml; do
		grep -qE '^  (findings:|timed-out: true)' "$file" || fail "${file##*/} expects no findings, not even none"
	done
}

@test "the whole catalogue is green" {
	run --separate-stderr ./shmcheck scenario --no-skip scenarios
	assert_status 0
}

@test "and green again" {
	run --separate-stderr ./shmcheck scenario --no-skip scenarios
	assert_status 0
}

@test "no guilty scenario passes for its innocent twin, and no innocent one for its guilty" {
	mkdir twins
	for bug in "${bugs[@]}"; do
		for guilty in scenarios/"$bug".guilty*.yaml; do
			for innocent in scenarios/"$bug".innocent*.yaml; do
				for pair in "$guilty $innocent" "$innocent $guilty"; do
					read -r first second <<<"$pair"
					with_expectations_of "$first" "$second" >twins/twin.yaml
					run --separate-stderr ./shmcheck scenario twins/twin.yaml
					[ "$status" -eq 1 ] || fail "$first passes with the expectations of $second: status $status" "$output" "$stderr"
				done
			done
		done
	done
}

@test "what the address of a crash tells is found when crashes are looked at, and on no machine otherwise" {
	for bug in pointers permission-denied; do
		sed '/^crashes: true/d' scenarios/$bug.guilty.yaml >careless.yaml
		run --separate-stderr ./shmcheck scenario careless.yaml
		assert_status 1
		assert_stderr_line '^      findings: (use-after-detach|failed-result-used): 0, expected 1'
	done
	sed 's/^crashes: true/crashes: perhaps/' scenarios/pointers.guilty.yaml >careless.yaml
	run --separate-stderr ./shmcheck scenario careless.yaml
	assert_status 2
	assert_stderr_line "careless.yaml:[0-9]+:[0-9]+: 'crashes'"
}

@test "the demo's scenarios are as it says" {
	cd "$BATS_TEST_DIRNAME/.."
	run tools/demo-scenarios "$BUILD"
	assert_status 0
	assert_output_line '^FAIL  last one out, looks and then goes'
	assert_output_line '^writer-dies\.guilty +0 +3  as expected$'
}

@test "the demo shows commands as one would type them, and that what it finds is what it should" {
	cd "$BATS_TEST_DIRNAME/.."
	run tools/demo "$BUILD"
	assert_status 0
	assert_output_line '^\$ shmcheck run -- ipcmk -M 4096$'
	grep -qxF "\$ shmcheck run -- perl -e 'defined(shmget(0, 8192, 0600)) or die \"shmget: \$!\"'" <<<"$output"
	assert_output_line '^a script killed before its IPC_RMID +137 +1  as expected$'
}

@test "no program of the catalogue leaves anything on the host" {
	run --separate-stderr on_own_host sh -c './shmcheck scenario scenarios >/dev/null; tail -n +2 /proc/sysvipc/shm'
	assert_status 0
	[ -z "$output" ]
}

@test "a call of recovery code, which no depth was asked for, is not told as one that a budget left out" {
	run ./shmcheck scenario scenarios/error-sweep.innocent.yaml
	[ "$status" -eq 0 ]
	[[ $output == *"ok    every failure of a writer that cleans up ("*" ms)"$'\n'* ]]
}
