#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Debian package: made, installed, used and removed, on a copy of this machine's files that is thrown away.

load helper

setup_file() {
	export BATS_TEST_TIMEOUT=600
	export DEB_BUILD=$BATS_FILE_TMPDIR/build
	make -s -C "$BATS_TEST_DIRNAME/.." "BUILD=$DEB_BUILD" deb >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		{ tail -n 30 "$BATS_FILE_TMPDIR/log" >&2; return 1; }
}

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	version=$(sed -nE 's/^VERSION = //p' "$root/Makefile")
	package=$DEB_BUILD/deb/shmcheck_${version}_amd64.deb
	cd "$BATS_TEST_TMPDIR"
}

@test "the package, its changelog, the list of changes and the manual pages have the version of the sources" {
	[ "$(dpkg-deb --field "$package" Version)" = "$version" ]
	[ "$(dpkg-parsechangelog --file "$root/debian/changelog" --show-field Version)" = "$version" ]
	grep -qx "## $version" "$root/CHANGELOG.md"
	[ "$("$shmcheck" --version)" = "shmcheck $version" ]
	for page in "$root"/docs/*.[1-8]; do
		grep -q "^\.TH .*\"shmcheck $version\"" "$page" || fail "$page"
	done
}

@test "the package is built with the development packages that make asks for" {
	sed -nE 's/^BUILD_PACKAGES = //p' "$root/Makefile" | tr ' ' '\n' | grep -E '^lib.*-dev$' | grep -vx libc6-dev | sort >wanted
	sed -nE 's/^Build-Depends: //p' "$root/debian/control" | tr -d ' ' | tr ',' '\n' | grep -E '^lib.*-dev$' | sort >declared
	diff wanted declared
}

@test "every file of the sources' installation is in the package, and no other under /usr but documents" {
	make -s -C "$root" "BUILD=$BUILD" "DESTDIR=$PWD/stage" PREFIX=/usr install
	(cd stage && find . -type f | sed -E 's/(man[0-9]\/.*)/\1.gz/') | sort >wanted
	dpkg-deb --contents "$package" | awk '/^-/ { print $6 }' | grep -v '^./usr/share/doc/' | sort >packaged
	diff wanted packaged
}

# Runs a script as root of a file system that looks like ours, whose changes vanish.
on_a_copy() {
	is_root || skip "needs root: dpkg changes a copy of the whole file system"
	# shellcheck disable=SC2016 # for the inner shell
	in_own_mounts bash -euc '
		mount -t tmpfs none "$1"
		mkdir "$1/upper" "$1/work" "$1/root"
		mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
		mount --rbind /proc "$1/root/proc"
		mount --rbind /dev "$1/root/dev"
		mkdir -p "$1/root/packages"
		mount --bind "$(dirname "$2")" "$1/root/packages"
		chroot "$1/root" /bin/bash -euc "$3"
	' bash "$PWD/copy" "$package" "$1"
}

@test "it is installed by dpkg, works, and leaves nothing when it is removed" {
	mkdir copy
	run on_a_copy "
		cd /tmp
		dpkg --install /packages/shmcheck_${version}_amd64.deb
		command -v shmcheck
		shmcheck --version
		shmcheck run -- perl -e '$perl_leak' || echo status \$?
		shmcheck run -- perl -e '$perl_clean' && echo clean
		echo '#include <shmcheck.h>' >x.c
		echo 'int main(void) { return shmcheck_inject(\"shmat:error=ENOMEM\"); }' >>x.c
		gcc -o x x.c \$(pkg-config --cflags --libs shmcheck)
		./x && echo linked
		dpkg --remove shmcheck
		hash -r
		! command -v shmcheck
		dpkg-query --show --showformat '\${Status}' shmcheck 2>/dev/null | grep -q config-files || echo purged
		find /usr -newer x.c -name '*shmcheck*' | sed 's/^/left: /'
	"
	assert_status 0
	assert_output_line '^/usr/bin/shmcheck$'
	assert_output_line "^shmcheck ${version//./\\.}\$"
	assert_output_line 'error: segment-leak'
	assert_output_line '^status 23$'
	assert_output_line '^clean$'
	assert_output_line '^linked$'
	assert_output_line '^purged$'
	run ! grep '^left: ' <<<"$output"
	[ ! -e /usr/bin/shmcheck ] || ! dpkg -S /usr/bin/shmcheck
}
