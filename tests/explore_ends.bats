#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore: how the processes of a program end, by themselves or by each other, is told from a crash.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
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

@test "a program that ends its process group reaches nobody but itself" {
	run --separate-stderr setsid --wait "$shmcheck" explore --calls=shmat --report=json:points.json -- perl ends.pl TERM group
	assert_status 1
	[ "$(verdicts)" = crash ] || fail "$(cat points.json)"
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
