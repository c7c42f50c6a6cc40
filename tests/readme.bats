#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the README shows is what the command prints, and what it points to is there.

load helper

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	readme=$root/README.md
	cd "$BATS_TEST_TMPDIR"
	PATH=$BUILD:$PATH
}

# Numbers and addresses differ from run to run.
mask() {
	sed -E 's/@[0-9a-f]{16}/@H/g; s/0x[0-9a-f]+/H/g; s/[0-9]+(\.[0-9]+)?/N/g'
}

@test "the session in the README is a real one" {
	grep -q '^```console$' "$readme"
	on_own_host "$root/tools/readme-session" "$BUILD" <"$readme" >real
	diff <(mask <"$readme") <(mask <real) || fail "make readme writes it anew"
	grep -A99 '^```console$' real | grep -q 'SUMMARY: 1 error (segment-leak)'
}

# The words of an SVG, a line each.
words_of() {
	grep '^<text' "$1" | sed -E 's/<[^>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

@test "the picture in the README shows what explore prints" {
	grep -q '(docs/report.svg)' "$readme"
	on_own_host "$root/tools/picture-report" "$BUILD" >real
	"$root/tools/picture" x <real >real.svg
	xmllint --noout "$root/docs/report.svg" real.svg
	diff <(words_of "$root/docs/report.svg" | mask) <(words_of real.svg | mask) || fail "make readme draws it anew"
	diff <(words_of real.svg) <(sed -E 's/\x1b\[[0-9;]*m//g' real | grep .)
}

@test "the picture keeps colours and refuses what is no text" {
	printf '\033[1;31mred <&>\033[0m plain\n' | "$root/tools/picture" t >red.svg
	grep -qF '<tspan font-weight="bold" fill="#ff6b68">red &lt;&amp;&gt;</tspan><tspan> plain</tspan>' red.svg
	run "$root/tools/picture" t <<<$'a\tb'
	[ "$status" -ne 0 ]
	run "$root/tools/picture" t </dev/null
	[ "$status" -ne 0 ]
}

@test "every file, folder, manual page and make target that the README names exists" {
	grep -oE '\]\([^)#]+\)' "$readme" | sed 's/^](//; s/)$//' | grep -v '^https:' | while read -r path; do
		[ -e "$root/$path" ] || fail "README.md points to $path, which is not there"
	done
	grep -oE 'shmcheck(-[a-z]+)?\([0-9]\)' "$readme" | sort -u | sed -E 's/\(([0-9])\)/.\1/' | while read -r page; do
		[ -e "$root/docs/$page" ] || fail "README.md names docs/$page, which is not there"
	done
	grep -oE '`[a-z]+/`' "$readme" | tr -d '`' | while read -r folder; do
		[ -d "$root/$folder" ] || fail "README.md names $folder, which is not there"
	done
	grep -oE '(^    |`|&& |sudo |: )make [a-z]+' "$readme" | grep -oE 'make [a-z]+' | sort -u | while read -r _ target; do
		make -s -C "$root" -n "$target" >/dev/null || fail "README.md names make $target, which is no target"
	done
}

@test "the README's table of statuses agrees with shmcheck(1)" {
	for number in 0 1 2 3 23 24 124 125 126 127; do
		grep -qE "^\| [^|]*\b$number\b" "$readme" || fail "README.md has no status $number"
		grep -qE "\b$number\b" "$root/docs/shmcheck.1"
	done
}
