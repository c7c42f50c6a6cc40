# SPDX-License-Identifier: MIT
# scenario: writes a scenario file from standard input and runs it. For bats files.

setup() {
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$TMPDIR"
	chmod 755 "$TMPDIR"
	file=$BATS_TEST_TMPDIR/scenario.yaml
}

# Standard input becomes the scenario file.
scenario() {
	sed 's/^\t*//' >"$file"
}

# shellcheck disable=SC2120
run_scenario() {
	run "$BUILD/shmcheck" scenario --programs="$BUILD/tests" "$@" "$file"
}

passes() {
	run_scenario "$@"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *" 0 failed, 0 inconclusive, 0 skipped"* ]]
}
