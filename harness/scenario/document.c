// SPDX-License-Identifier: MIT
// scenario: a YAML document with the place of everything in it, and complaints that name these places.
#include "document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

static void complain(const char *path, size_t line, size_t column, struct complaint *complaint,
		     const char *format, va_list arguments)
{
	if (complaint->text[0])
		return;
	int length =
	    snprintf(complaint->text, sizeof complaint->text, "%.400s:%zu:%zu: ", path, line + 1, column + 1);
	if (length > 0 && (size_t)length < sizeof complaint->text)
		vsnprintf(complaint->text + length, sizeof complaint->text - (size_t)length, format,
			  arguments);
}

int document_complain(const struct document *document, const yaml_mark_t *mark, struct complaint *complaint,
		      const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	complain(document->path, mark->line, mark->column, complaint, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* What libyaml itself stumbled over. */
static int complain_parser(const struct document *document, const yaml_parser_t *parser,
			   struct complaint *complaint)
{
	yaml_mark_t mark = parser->problem_mark;
	const char *problem = parser->problem ? parser->problem : "it cannot be read";
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (parser->error == YAML_READER_ERROR) { /* it only knows the byte */
		mark = parser->mark;
		return document_complain(document, &mark, complaint,
					 "not YAML: %s (byte %zu): expected UTF-8 text", problem,
					 parser->problem_offset);
	}
	return document_complain(document, &mark, complaint, "not YAML: %s%s%s", problem,
				 parser->context ? " " : "", parser->context ? parser->context : "");
}

/* Lists within lists without end would keep the parser busy for minutes. What is no YAML is left to the one that loads it. */
static int check_depth(const struct document *document, const char *bytes, size_t length,
		       struct complaint *complaint)
{
	yaml_parser_t parser;
	yaml_event_t event = {.type = YAML_NO_EVENT};
	int depth = 0, code = 0;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
	while (!code && event.type != YAML_STREAM_END_EVENT && yaml_parser_parse(&parser, &event)) {
		yaml_event_type_t type = event.type;
		depth += type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
		depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
		if (depth > DEPTH_MAX)
			code = document_complain(
			    document, &event.start_mark, complaint,
			    "a list or mapping within %d others: no scenario needs so many", DEPTH_MAX);
		yaml_event_delete(&event);
		event.type = type;
	}
	yaml_parser_delete(&parser);
	return code;
}

/* A file is one document: what comes behind it is not silently left out. */
static int expect_end(const struct document *document, yaml_parser_t *parser, struct complaint *complaint)
{
	yaml_document_t more;
	if (!yaml_parser_load(parser, &more))
		return complain_parser(document, parser, complaint);
	const yaml_node_t *root = yaml_document_get_root_node(&more);
	int code = root ? document_complain(document, &root->start_mark, complaint,
					    "a second document: expected one scenario a file")
			: 0;
	yaml_document_delete(&more);
	return code;
}

int document_read(const char *path, const char *bytes, size_t length, struct document *ret_document,
		  struct complaint *complaint)
{
	yaml_parser_t parser;
	struct document document = {.path = path};
	int deep = check_depth(&document, bytes, length, complaint);
	if (deep)
		return deep;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
	if (!yaml_parser_load(&parser, &document.yaml)) {
		int code = complain_parser(&document, &parser, complaint);
		yaml_parser_delete(&parser);
		return code;
	}
	int code = 0;
	if (!yaml_document_get_root_node(&document.yaml))
		code = document_complain(&document, &(yaml_mark_t){0, 0, 0}, complaint,
					 "nothing in it: expected a scenario");
	code = code ? code : expect_end(&document, &parser, complaint);
	yaml_parser_delete(&parser);
	if (code)
		yaml_document_delete(&document.yaml);
	else
		*ret_document = document;
	return code;
}

void document_free(struct document *document)
{
	yaml_document_delete(&document->yaml);
}

static yaml_node_t *value(struct document *document, const yaml_node_t *mapping, const char *key,
			  size_t length)
{
	if (mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&document->yaml, pair->key);
		if (name && name->type == YAML_SCALAR_NODE && name->data.scalar.length == length &&
		    memcmp(name->data.scalar.value, key, length) == 0)
			return yaml_document_get_node(&document->yaml, pair->value);
	}
	return NULL;
}

yaml_node_t *document_value(struct document *document, const yaml_node_t *mapping, const char *key)
{
	return value(document, mapping, key, strlen(key));
}

static yaml_node_t *item(struct document *document, const yaml_node_t *sequence, size_t index)
{
	if (sequence->type != YAML_SEQUENCE_NODE)
		return NULL;
	const yaml_node_item_t *start = sequence->data.sequence.items.start;
	size_t count = (size_t)(sequence->data.sequence.items.top - start);
	return index < count ? yaml_document_get_node(&document->yaml, start[index]) : NULL;
}

/* Follows PATH as far as there is something; whether that is all of it goes into *RET_WHOLE. */
static yaml_node_t *follow(struct document *document, const char *path, bool *ret_whole)
{
	yaml_node_t *node = yaml_document_get_root_node(&document->yaml);
	*ret_whole = false;
	while (*path) {
		yaml_node_t *next;
		if (*path == '[') {
			char *end;
			next = item(document, node, strtoul(path + 1, &end, 10));
			path = end + 1;
		} else {
			path += *path == '.';
			size_t length = strcspn(path, ".[");
			next = value(document, node, path, length);
			path += length;
		}
		if (!next)
			return node;
		node = next;
	}
	*ret_whole = true;
	return node;
}

yaml_node_t *document_find(struct document *document, const char *path)
{
	bool is_whole;
	yaml_node_t *node = follow(document, path, &is_whole);
	return is_whole ? node : NULL;
}

int document_complain_at(struct document *document, const char *path, size_t offset,
			 struct complaint *complaint, const char *format, ...)
{
	bool is_whole;
	const yaml_node_t *node = follow(document, path, &is_whole);
	size_t column = node->start_mark.column;
	if (is_whole && node->type == YAML_SCALAR_NODE && node->start_mark.line == node->end_mark.line)
		column += offset + (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE);
	va_list arguments;
	va_start(arguments, format);
	complain(document->path, node->start_mark.line, column, complaint, format, arguments);
	va_end(arguments);
	return -EINVAL;
}
