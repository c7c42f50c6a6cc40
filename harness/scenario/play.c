// SPDX-License-Identifier: MIT
// scenario: from a file to the scenarios in it, each with its own values of the matrix.
#include "play.h"

#include "check.h"
#include "harness/user_file.h"
#include "schema.h"
#include "variables.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MOST = 4 << 20 };

/* About a file as a whole. */
static int complain_file(const char *path, int code, struct complaint *complaint)
{
	if (!complaint->text[0])
		snprintf(complaint->text, sizeof complaint->text, "%.400s: cannot be read: %s", path,
			 user_file_error(code));
	return code;
}

static char *folder_of(const char *path)
{
	char whole[PATH_MAX];
	return realpath(path, whole) ? strdup(dirname(whole)) : NULL;
}

static int read_bytes(const char *path, struct script *script)
{
	FILE *stream;
	int code = user_file_open(path, &stream);
	if (code)
		return code;
	code = (script->bytes = malloc(FILE_MOST)) ? 0 : -ENOMEM;
	if (!code)
		script->length = fread(script->bytes, 1, FILE_MOST, stream);
	if (!code && ferror(stream))
		code = -EIO;
	if (!code && script->length == FILE_MOST)
		code = -EFBIG;
	fclose(stream);
	return code;
}

int script_read(const char *path, struct script *ret_script, struct complaint *complaint)
{
	struct script script = {.path = strdup(path)};
	int code = script.path ? read_bytes(path, &script) : -ENOMEM;
	char *smaller = code ? NULL : realloc(script.bytes, script.length + 1);
	script.bytes = smaller ? smaller : script.bytes;
	if (!code && !(script.folder = folder_of(path)))
		code = -errno;
	if (code) {
		script_free(&script);
		return complain_file(path, code, complaint);
	}
	*ret_script = script;
	return 0;
}

void script_free(struct script *script)
{
	free(script->path);
	free(script->folder);
	free(script->bytes);
	*script = (struct script){0};
}

int script_count(const struct script *script, size_t *ret_count, struct complaint *complaint)
{
	struct document document;
	struct matrix matrix;
	int code = document_read(script->path, script->bytes, script->length, &document, complaint);
	if (code)
		return complain_file(script->path, code, complaint);
	code = matrix_read(&document, &matrix, complaint);
	if (!code)
		*ret_count = matrix.combinations;
	document_free(&document);
	return code;
}

/* The document with its variables replaced. */
static int read_document(const struct script *script, size_t index, const char *work,
			 struct document *ret_document, char **ret_label, struct complaint *complaint)
{
	struct variables variables = {
	    .names = {"folder", "work"}, .values = {script->folder, work}, .count = 2};
	struct matrix matrix;
	int code = document_read(script->path, script->bytes, script->length, ret_document, complaint);
	if (code)
		return code;
	code = matrix_read(ret_document, &matrix, complaint);
	if (!code) {
		matrix_choose(&matrix, ret_document, index, &variables);
		code = variables_replace(ret_document, &variables, complaint);
	}
	size_t size;
	FILE *stream = code || !ret_label ? NULL : open_memstream(ret_label, &size);
	if (stream) {
		for (unsigned i = 2; i < variables.count; i++)
			fprintf(stream, "%s%s=%s", i == 2 ? " [" : ", ", variables.names[i],
				variables.values[i]);
		fputs(matrix.count ? "]" : "", stream);
		fclose(stream);
	}
	if (code)
		document_free(ret_document);
	return code;
}

/* DOCUMENT as text again, and then gone. */
static int write_document(struct document *document, char **ret_text, size_t *ret_length)
{
	yaml_emitter_t emitter;
	FILE *stream = open_memstream(ret_text, ret_length);
	if (!stream || !yaml_emitter_initialize(&emitter))
		return -ENOMEM;
	yaml_emitter_set_output_file(&emitter, stream);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	int is_done = yaml_emitter_open(&emitter) && yaml_emitter_dump(&emitter, &document->yaml) &&
		      yaml_emitter_close(&emitter);
	yaml_emitter_delete(&emitter);
	return fclose(stream) || !is_done ? -ENOMEM : 0;
}

static void forget_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	(void)level;
	(void)context;
	(void)format;
	(void)arguments;
}

static const cyaml_config_t config = {
    .log_fn = forget_log, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_DEFAULT};

/* libcyaml reads bytes, so it gets those of the replaced document. */
static int load(const struct script *script, size_t index, const char *work, struct scenario **ret_scenario,
		struct complaint *complaint)
{
	struct document document;
	char *text = NULL;
	size_t length = 0;
	cyaml_data_t *data = NULL;
	int code = read_document(script, index, work, &document, NULL, complaint);
	code = code ? code : write_document(&document, &text, &length);
	if (!code) {
		cyaml_err_t error =
		    cyaml_load_data((const uint8_t *)text, length, &config, &scenario_schema, &data, NULL);
		if (error != CYAML_OK && !complaint->text[0])
			snprintf(complaint->text, sizeof complaint->text, "%.400s: %s", script->path,
				 cyaml_strerror(error));
		code = error == CYAML_OK ? 0 : error == CYAML_ERR_OOM ? -ENOMEM : -EINVAL;
	}
	free(text);
	*ret_scenario = data;
	return code;
}

static char *make_label(const char *name, const char *values)
{
	char *label = NULL;
	return asprintf(&label, "%s%s", name, values ? values : "") < 0 ? NULL : label;
}

int play_load(const struct script *script, size_t index, const char *work, struct play *ret_play,
	      struct complaint *complaint)
{
	struct play play = {.script = script};
	char *values = NULL;
	int code = read_document(script, index, work, &play.document, &values, complaint);
	if (code)
		return complain_file(script->path, code, complaint);
	code = check_schema(&play.document, &scenario_schema, complaint);
	code = code ? code : load(script, index, work, &play.scenario, complaint);
	if (!code) {
		play.label = make_label(play.scenario->name, values);
		play.work = strdup(work);
		code = play.label && play.work ? 0 : -ENOMEM;
	}
	free(values);
	if (code) {
		play_free(&play);
		return complain_file(script->path, code, complaint);
	}
	*ret_play = play;
	return 0;
}

void play_free(struct play *play)
{
	document_free(&play->document);
	if (play->scenario)
		cyaml_free(&config, &scenario_schema, play->scenario, 0);
	free(play->label);
	free(play->work);
}
