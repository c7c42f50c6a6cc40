// SPDX-License-Identifier: MIT
// shim: which loaded object holds an address, and its entry in the arena.
#include "shim/module.h"
#include "shim/raw_syscall.h"
#include "shim/room.h"
#include "shim/stack_reach.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

enum { PATH_BYTES = 2048, PAGE = 4096 };

_Static_assert(sizeof(struct module_entry) + PATH_BYTES <= MODULE_ROOM, "an entry fits in its room");

/* Written by module_learn_program before anybody captures, then only read. */
static char program_path[PATH_BYTES];

/* Weak: the library still loads with an older glibc. */
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

/* The program itself and libc are never unloaded: what was found out about them stays true, and nearly every stack leads
 * through both. Whoever wins TAKEN writes; the rest is read when IS_COMPLETE. */
struct lasting {
	uint32_t taken, is_complete; /* atomic */
	struct module module; /* but for its ref */
	uint32_t ref; /* atomic: in the session's arena; 0: not interned yet */
};

enum { LASTING_PROGRAM, LASTING_LIBC, LASTING };

static struct lasting lasting[LASTING];

struct image {
	uintptr_t bias;
	uintptr_t map_start, map_end;
	const ElfW(Phdr) * headers;
	unsigned count;
};

void module_learn_program(void)
{
	long length = raw_syscall(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)program_path,
				  PATH_BYTES - 1, 0, 0);

	program_path[length > 0 ? length : 0] = '\0';
	for (unsigned i = 0; i < LASTING; i++)
		__atomic_store_n(&lasting[i].ref, 0, __ATOMIC_RELAXED); /* the arena may be another one */
}

const char *module_program_path(void)
{
	return program_path;
}

/* Everything in a mapping is looked at before it is read: another thread may unload the object meanwhile, and
 * a hand-made one need not have its headers in memory. */
static bool is_range_readable(const struct image *image, uintptr_t from, uintptr_t length)
{
	if (from < image->map_start || from > image->map_end || length > image->map_end - from)
		return false;
	for (uintptr_t page = from & ~(uintptr_t)(PAGE - 1); page < from + length; page += PAGE) {
		if (!is_readable(page))
			return false;
	}
	return true;
}

static bool read_header(struct image *image, uintptr_t at)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)at;

	if (!is_range_readable(image, at, sizeof(*header)) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_phentsize != sizeof(*image->headers) || header->e_phoff >= PAGE * 16)
		return false;
	image->headers = (const ElfW(Phdr) *)(at + header->e_phoff);
	image->count = header->e_phnum;
	return is_range_readable(image, (uintptr_t)image->headers, image->count * sizeof(*image->headers));
}

/* From the first segment to the last: of an object with holes, one segment is what is found by an address. */
static void widen(struct image *image)
{
	for (unsigned i = 0; i < image->count; i++) {
		const ElfW(Phdr) *segment = &image->headers[i];
		uintptr_t from = image->bias + segment->p_vaddr;
		if (segment->p_type != PT_LOAD)
			continue;
		if (from < image->map_start)
			image->map_start = from;
		if (from + segment->p_memsz > image->map_end)
			image->map_end = from + segment->p_memsz;
	}
}

static bool open_image(const struct module *module, struct image *image)
{
	*image = (struct image){
	    .bias = module->map->l_addr, .map_start = module->map_start, .map_end = module->map_end};
	if (read_header(image, module->map_start))
		return true;
	image->map_start = 0;
	image->map_end = UINTPTR_MAX;
	if (module->map->l_name[0] == '\0') { /* the program itself */
		image->headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
		image->count = (unsigned)getauxval(AT_PHNUM);
		if (image->headers == NULL || !is_range_readable(image, (uintptr_t)image->headers,
								 image->count * sizeof(*image->headers)))
			return false;
	} else if (image->bias == 0 || !read_header(image, image->bias)) {
		return false;
	}
	image->map_start = module->map_start;
	image->map_end = module->map_end;
	widen(image);
	return true;
}

static void code_range(const struct image *image, uintptr_t *ret_start, uintptr_t *ret_end)
{
	uintptr_t start = UINTPTR_MAX, end = 0;

	for (unsigned i = 0; i < image->count; i++) {
		const ElfW(Phdr) *segment = &image->headers[i];
		uintptr_t from = image->bias + segment->p_vaddr;
		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
			continue;
		if (from < start)
			start = from;
		if (from + segment->p_memsz > end)
			end = from + segment->p_memsz;
	}
	*ret_start = start;
	*ret_end = end;
}

/* elf(5), "Notes": name and descriptor are padded to the segment's alignment, 4 or 8. */
static void find_build_id(const unsigned char *notes, uintptr_t size, uintptr_t align,
			  struct module_entry *entry)
{
	uintptr_t at = 0;

	while (at < size && size - at >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)(notes + at);
		uintptr_t name = at + sizeof(*note);
		uintptr_t content = (name + note->n_namesz + align - 1) & ~(align - 1);
		if (content > size || note->n_descsz > size - content)
			return;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    memcmp(notes + name, "GNU", 4) == 0 && note->n_descsz <= sizeof(entry->build_id)) {
			entry->build_id_length = note->n_descsz;
			memcpy(entry->build_id, notes + content, note->n_descsz);
			return;
		}
		at = (content + note->n_descsz + align - 1) & ~(align - 1);
	}
}

static void read_build_id(const struct image *image, struct module_entry *entry)
{
	for (unsigned i = 0; i < image->count && entry->build_id_length == 0; i++) {
		const ElfW(Phdr) *segment = &image->headers[i];
		uintptr_t from = image->bias + segment->p_vaddr;
		if (segment->p_type == PT_NOTE && from % 4 == 0 &&
		    is_range_readable(image, from, segment->p_memsz))
			find_build_id((const unsigned char *)from, segment->p_memsz,
				      segment->p_align == 8 ? 8 : 4, entry);
	}
}

/* A path as dlopen got it may be relative: to the folder of that moment, which is most often still the same. */
static uint32_t put_path(char *to, const char *path)
{
	size_t used = 0, length = strnlen(path, PATH_BYTES);

	if (length > 0 && path[0] != '/' && strchr(path, '/') != NULL) {
		long folder = raw_syscall(SYS_getcwd, (long)to, PATH_BYTES, 0, 0, 0, 0);
		if (folder > 1 && to[0] == '/') {
			used = (size_t)folder; /* with its NUL, which becomes the slash */
			to[used - 1] = '/';
		}
	}
	if (length > PATH_BYTES - used)
		length = PATH_BYTES - used;
	memcpy(to + used, path, length);
	return (uint32_t)(used + length);
}

/* NULL: it may go. */
static struct lasting *lasting_of(const struct link_map *map, uintptr_t map_start, uintptr_t map_end)
{
	uintptr_t in_libc = (uintptr_t)&getauxval;

	if (map->l_name[0] == '\0' && map->l_prev == NULL)
		return &lasting[LASTING_PROGRAM];
	return in_libc >= map_start && in_libc < map_end ? &lasting[LASTING_LIBC] : NULL;
}

static bool recall(const struct lasting *known, struct module *module)
{
	if (known == NULL || !__atomic_load_n(&known->is_complete, __ATOMIC_ACQUIRE) ||
	    known->module.map_start != module->map_start || known->module.map_end != module->map_end)
		return false;
	*module = known->module;
	return true;
}

static void keep(struct lasting *known, const struct module *module)
{
	if (known == NULL || module->end == 0 || __atomic_exchange_n(&known->taken, 1, __ATOMIC_RELAXED) != 0)
		return;
	known->module = *module;
	__atomic_store_n(&known->is_complete, 1, __ATOMIC_RELEASE);
}

bool module_find(uintptr_t address, struct module *ret_module)
{
	struct dl_find_object found;
	struct image image;

	if (_dl_find_object == NULL || _dl_find_object((void *)address, &found) != 0)
		return false;
	*ret_module = (struct module){.map_start = (uintptr_t)found.dlfo_map_start,
				      .map_end = (uintptr_t)found.dlfo_map_end,
				      .map = found.dlfo_link_map};
	struct lasting *known = lasting_of(found.dlfo_link_map, ret_module->map_start, ret_module->map_end);
	if (recall(known, ret_module) || !open_image(ret_module, &image))
		return true;
	code_range(&image, &ret_module->start, &ret_module->end);
	keep(known, ret_module);
	return true;
}

static uint32_t intern(struct arena *arena, const struct module *module, void *room)
{
	struct module_entry *entry = room;
	struct image image;

	if (!open_image(module, &image))
		return 0;
	memset(entry, 0, sizeof(*entry));
	entry->base = image.bias;
	entry->start = module->start;
	entry->end = module->end;
	read_build_id(&image, entry);
	const char *name = module->map->l_name;
	entry->path_length = put_path(entry->path, name[0] != '\0' ? name : program_path);
	return room_intern(arena, ARENA_MODULE, entry,
			   (uint32_t)offsetof(struct module_entry, path) + entry->path_length);
}

uint32_t module_intern(struct arena *arena, const struct module *module, void *room)
{
	struct lasting *known = lasting_of(module->map, module->map_start, module->map_end);
	uint32_t ref = known != NULL ? __atomic_load_n(&known->ref, __ATOMIC_RELAXED) : 0;

	if (ref != 0)
		return ref;
	ref = intern(arena, module, room);
	if (known != NULL)
		__atomic_store_n(&known->ref, ref, __ATOMIC_RELAXED);
	return ref;
}
