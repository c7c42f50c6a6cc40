// SPDX-License-Identifier: MIT
// analysis: the files behind a stack's modules, each opened once.
#include "unwind_object.h"
#include "symbols.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far from where stacks and programs lie; bases keep the alignment of any segment. */
static const uint64_t first_home = 0x100000000000, home_align = 1 << 24;

static int no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **ret_file,
		  Elf **ret_elf)
{
	(void)module, (void)data, (void)name, (void)base, (void)ret_file, (void)ret_elf;
	return -1;
}

/* By build-id or debuglink in the local folders, never from a server: nobody asked us to tell one what runs here. */
static int find_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
			  const char *file, const char *link, GElf_Word checksum, char **ret_file)
{
	const char *variable = "DEBUGINFOD_URLS", *set = getenv(variable);
	char *servers = set != NULL ? strdup(set) : NULL;

	unsetenv(variable);
	int found = dwfl_standard_find_debuginfo(module, data, name, base, file, link, checksum, ret_file);
	if (servers != NULL)
		setenv(variable, servers, 1);
	free(servers);
	return found;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = no_elf, .find_debuginfo = find_debuginfo, .section_address = dwfl_offline_section_address};

static char *hex(const uint8_t *bytes, size_t length)
{
	char *text = malloc(2 * length + 1);

	for (size_t i = 0; text != NULL && i < length; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return text;
}

static int compare_objects(const void *a, const void *b)
{
	const struct object *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	if (order != 0)
		return order;
	return strcmp(left->build_id ? left->build_id : "", right->build_id ? right->build_id : "");
}

static void object_free(void *data)
{
	struct object *object = data;

	if (object == NULL)
		return;
	symbols_free(object->symbols);
	free(object->path);
	free(object->build_id);
	free(object);
}

static struct object *object_new(const struct module_entry *entry)
{
	struct object *object = calloc(1, sizeof(*object));

	if (object == NULL)
		return NULL;
	object->path = strndup(entry->path, entry->path_length);
	if (entry->build_id_length > 0)
		object->build_id = hex(entry->build_id, entry->build_id_length);
	if (object->path == NULL || (entry->build_id_length > 0 && object->build_id == NULL)) {
		object_free(object);
		return NULL;
	}
	return object;
}

/* Without a build-id only its time of change tells that a file is not what it was when the run ENDED (seconds since the
 * epoch; 0: unknown). */
static bool is_changed(int fd, int64_t ended)
{
	struct stat status;

	return ended != 0 && fstat(fd, &status) == 0 && status.st_ctim.tv_sec > ended;
}

/* Why the file at FD is not the one that was loaded; NULL: it is. */
static const char *trouble_of(int fd, const struct module_entry *entry, int64_t ended)
{
	const char *trouble = NULL;
	const void *id;
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	ssize_t length = elf != NULL ? dwelf_elf_gnu_build_id(elf, &id) : -1;

	if (elf == NULL || elf_kind(elf) != ELF_K_ELF)
		trouble = "the file is no ELF file any more";
	else if (entry->build_id_length == 0 ? is_changed(fd, ended)
					     : length != (ssize_t)entry->build_id_length ||
						   memcmp(id, entry->build_id, (size_t)length) != 0)
		trouble = "the file was rebuilt since";
	elf_end(elf);
	return trouble;
}

/* libelf reads a file through a mapping: only a regular file may get there. */
static int open_regular(const char *path)
{
	struct stat status;
	int fd = path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

	if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void object_load(struct space *space, struct object *object, const struct module_entry *entry,
			int64_t ended)
{
	Dwarf_Addr end = 0;
	GElf_Addr bias;
	int fd = open_regular(object->path);

	object->trouble = fd < 0 ? "the file is gone" : trouble_of(fd, entry, ended);
	if (object->trouble != NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	dwfl_report_begin_add(space->dwfl);
	object->module = dwfl_report_elf(space->dwfl, object->path, object->path, fd,
					 entry->base == 0 ? 0 : space->next_home, true);
	dwfl_report_end(space->dwfl, NULL, NULL);
	if (object->module == NULL)
		close(fd); /* else it is the module's */
	if (object->module == NULL || dwfl_module_getelf(object->module, &bias) == NULL) {
		object->module = NULL;
		object->trouble = "the file cannot be read as ELF";
		return;
	}
	object->home = bias;
	dwfl_module_info(object->module, NULL, NULL, &end, NULL, NULL, NULL, NULL);
	if (end >= space->next_home)
		space->next_home = (end + 2 * home_align) & ~(home_align - 1);
}

struct object *space_object(struct space *space, const struct module_entry *entry, int64_t ended)
{
	struct object *object = object_new(entry);
	struct object **found = object != NULL ? tsearch(object, &space->objects, compare_objects) : NULL;

	if (found == NULL || *found != object) {
		object_free(object);
		return found != NULL ? *found : NULL;
	}
	object_load(space, object, entry, ended);
	return object;
}

static struct space *space_new(char *fixed)
{
	struct space *space = calloc(1, sizeof(*space));

	if (space == NULL || (space->dwfl = dwfl_begin(&callbacks)) == NULL) {
		free(space);
		free(fixed);
		return NULL;
	}
	space->fixed = fixed;
	space->next_home = first_home;
	return space;
}

static char *identity(const struct module_entry *entry)
{
	char *id = hex(entry->build_id, entry->build_id_length);
	char *text = NULL;

	if (id == NULL || asprintf(&text, "%s %.*s", id, (int)entry->path_length, entry->path) < 0)
		text = NULL;
	free(id);
	return text;
}

struct space *space_find(struct space ***spaces, size_t *count, const struct module_entry *fixed)
{
	char *id = fixed != NULL ? identity(fixed) : NULL;

	if (fixed != NULL && id == NULL)
		return NULL;
	for (size_t i = 0; i < *count; i++) {
		const char *other = (*spaces)[i]->fixed;
		if (id == NULL ? other == NULL : other != NULL && strcmp(id, other) == 0) {
			free(id);
			return (*spaces)[i];
		}
	}
	struct space **grown = realloc(*spaces, (*count + 1) * sizeof(*grown));
	if (grown == NULL) {
		free(id);
		return NULL;
	}
	*spaces = grown;
	grown[*count] = space_new(id);
	return grown[*count] != NULL ? grown[(*count)++] : NULL;
}

void space_free(struct space *space)
{
	if (space == NULL)
		return;
	tdestroy(space->objects, object_free);
	dwfl_end(space->dwfl);
	free(space->fixed);
	free(space);
}
