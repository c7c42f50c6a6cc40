// SPDX-License-Identifier: MIT
// launch: a look at PROGRAM before it runs: can the shim get in?
#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { OUR_MACHINE = EM_X86_64, OUR_CLASS = ELFCLASS64 };
#elif defined(__aarch64__)
enum { OUR_MACHINE = EM_AARCH64, OUR_CLASS = ELFCLASS64 };
#else
#error "no such machine yet"
#endif

const char *target_sentence(enum target_obstacle obstacle)
{
	static const char *const sentences[] = {
	    [TARGET_OK] = "the shim can get in",
	    [TARGET_STATIC] = "it is linked statically: nothing in it reads LD_PRELOAD",
	    [TARGET_SETUID] = "it is set-user-id or set-group-id: the loader ignores LD_PRELOAD",
	    [TARGET_CAPABILITIES] = "it has file capabilities: the loader ignores LD_PRELOAD",
	    [TARGET_OTHER_MACHINE] = "it is built for another machine than libshmcheck.so",
	    [TARGET_NOT_ELF] = "it is neither an ELF program nor a script",
	    [TARGET_UNREADABLE] = "it cannot be read, so nothing is known of it",
	};
	return sentences[obstacle];
}

int target_doubt(const struct target *target, const char *program, struct evidence *evidence)
{
	return evidence_doubt(evidence, "the shim did not get into %s: %s", program,
			      target->obstacle ? target_sentence(target->obstacle)
					       : "it could not map the session (address space, chroot or "
						 "descriptors limited?) or died before it began");
}

static int is_executable(const char *path)
{
	struct stat status;
	if (stat(path, &status))
		return -errno;
	if (!S_ISREG(status.st_mode) || access(path, X_OK))
		return -EACCES;
	return 0;
}

static int look_up(const char *program, char ret_path[4096])
{
	const char *path = getenv("PATH");
	int code = -ENOENT;
	if (!*program)
		return -ENOENT;
	if (strchr(program, '/')) {
		snprintf(ret_path, 4096, "%s", program);
		return is_executable(ret_path);
	}
	for (const char *next = path ? path : "/bin:/usr/bin"; next;) {
		int length = (int)strcspn(next, ":");
		if (snprintf(ret_path, 4096, "%.*s%s%s", length, next, length ? "/" : "", program) < 4096) {
			int here = is_executable(ret_path);
			if (here == 0)
				return 0;
			code = here == -EACCES ? here : code;
		}
		next = next[length] ? next + length + 1 : NULL;
	}
	return code;
}

static bool has_sanitizer(const char *needed)
{
	return strncmp(needed, "libasan.so", 10) == 0;
}

static bool is_of_x(const char *needed)
{
	static const char *const names[] = {"libX", "libxcb", "libgdk-", "libgtk-", "libQt", "libSDL"};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(needed, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void look_at_dynamic(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct target *target)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	for (size_t i = 0; data && i < count; i++) {
		GElf_Dyn entry;
		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		const char *name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		target->is_x_client |= name && is_of_x(name);
		if (name && has_sanitizer(name))
			snprintf(target->sanitizer, sizeof target->sanitizer, "%s", name);
	}
}

static void look_at_elf(Elf *elf, struct target *target)
{
	GElf_Ehdr header;
	size_t count = 0;
	bool has_interpreter = false;
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
		target->obstacle = TARGET_NOT_ELF;
		return;
	}
	if (header.e_machine != OUR_MACHINE || header.e_ident[EI_CLASS] != OUR_CLASS) {
		target->obstacle = TARGET_OTHER_MACHINE;
		return;
	}
	elf_getphdrnum(elf, &count);
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;
		has_interpreter |= gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_INTERP;
	}
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
		GElf_Shdr part;
		if (gelf_getshdr(section, &part) && part.sh_type == SHT_DYNAMIC)
			look_at_dynamic(elf, section, &part, target);
	}
	if (!has_interpreter)
		target->obstacle = TARGET_STATIC;
}

static void look_at_privilege(int fd, struct target *target)
{
	struct stat status;
	char capabilities[64];
	if (fstat(fd, &status) == 0 && status.st_mode & (S_ISUID | S_ISGID)) {
		bool gains = (status.st_mode & S_ISUID && status.st_uid != geteuid()) ||
			     (status.st_mode & S_ISGID && status.st_gid != getegid());
		target->is_suid_to_self = !gains;
		if (gains)
			target->obstacle = TARGET_SETUID;
	}
	if (geteuid() != 0 && fgetxattr(fd, "security.capability", capabilities, sizeof capabilities) > 0)
		target->obstacle = TARGET_CAPABILITIES;
}

/* The interpreter that a "#!" line names; "" when there is none. */
static void read_script(int fd, char ret_interpreter[4096])
{
	char line[256];
	ssize_t length = pread(fd, line, sizeof line - 1, 0);
	ret_interpreter[0] = '\0';
	if (length < 3 || line[0] != '#' || line[1] != '!')
		return;
	line[length] = '\0';
	const char *word = line + 2 + strspn(line + 2, " \t");
	snprintf(ret_interpreter, 4096, "%.*s", (int)strcspn(word, " \t\n"), word);
}

static void inspect_file(const char *path, struct target *target, int depth)
{
	char interpreter[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a FIFO */
	if (fd < 0) {
		target->obstacle = TARGET_UNREADABLE;
		return;
	}
	read_script(fd, interpreter);
	if (interpreter[0] && depth < 4) {
		memcpy(target->interpreter, interpreter, sizeof interpreter);
		inspect_file(interpreter, target, depth + 1);
	} else {
		elf_version(EV_CURRENT);
		Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
		look_at_elf(elf, target);
		elf_end(elf);
		if (target->obstacle == TARGET_OK)
			look_at_privilege(fd, target);
	}
	close(fd);
}

int target_inspect(const char *program, struct target *ret_target)
{
	struct target *target = ret_target;
	memset(target, 0, sizeof *target);
	int code = look_up(program, target->path);
	if (!code)
		inspect_file(target->path, target, 0);
	return code;
}

/* ENOENT of a file that is there is its interpreter's. */
void target_exec_error(const char *program, int code, char ret_text[TARGET_WHY])
{
	struct target target;
	if (code != ENOENT || target_inspect(program, &target))
		snprintf(ret_text, TARGET_WHY, "%s", strerror(code));
	else
		snprintf(ret_text, TARGET_WHY, "its interpreter%s%s%s is not there",
			 target.interpreter[0] ? " '" : "", target.interpreter,
			 target.interpreter[0] ? "'" : "");
}
