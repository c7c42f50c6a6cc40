#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The completion for bash offers what --help has: commands, options, values.

load helper

# What the completion offers for the words; the last one is being typed.
offered() {
	bash --norc -c '
		source "$1"
		shift
		COMP_WORDS=(shmcheck "$@")
		COMP_CWORD=$#
		_shmcheck
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' completion "$BATS_TEST_DIRNAME/../share/shmcheck.bash" "$@" | sort
}

commands() {
	"$shmcheck" --help | sed -nE 's/^  shmcheck ([a-z]+) .*/\1/p'
}

# The options of command $1 that --help has, with = where a value must follow. argp prints none for "explain".
options() {
	"$shmcheck" "$1" --help | sed -nE 's/^ +(-.,)? *(--[a-z-]+=?).*/\2/p' | sort
}

# `explain` is for the library, not for people.
@test "every command is offered" {
	diff <({
		printf '%s\n' --help --version
		commands | grep -v explain
	} | sort) <(offered '')
}

@test "every option of every command is offered, and no other" {
	local command
	for command in $(commands); do
		diff <(options "$command") <(offered "$command" --) || fail "options of $command"
	done
}

@test "an option's words are offered" {
	local command option words
	for command in $(commands); do
		while read -r option words; do
			diff <(tr '|' '\n' <<<"$words" | grep -E '^[a-z]+$' | sort) \
				<(offered "$command" "$option" = '') || fail "values of $option"
			diff <(offered "$command" "$option=") <(offered "$command" "$option" = '')
		done < <("$shmcheck" "$command" --help | sed -nE 's/^ +(-.,)? *(--[a-z-]+)=([^ ]*\|[^ ]*).*/\2 \3/p')
	done
}

@test "every report format is offered" {
	diff <("$shmcheck" run --report=none -- true 2>&1 | grep -oE 'expected .*' | sed 's/;.*//' |
		tr -s ', ' '\n' | grep -vE '^(expected|or)$' | sort) <(offered run --report = '')
}

@test "files, folders, programs and tables are offered" {
	cd "$BATS_TEST_TMPDIR"
	mkdir folder
	touch file
	[ "$(offered run --log = 'fi')" = file ]
	[ "$(offered explore --copy = f)" = folder ]
	offered run -- per | grep -qx perl
	[ "$(offered list ca)" = calls ]
	[ "$(offered report 'fi')" = file ]
}
