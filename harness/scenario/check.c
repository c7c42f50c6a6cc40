// SPDX-License-Identifier: MIT
// scenario: holds a document against a libcyaml schema, and says exactly what is wrong and where.
#include "check.h"

#include "harness/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MOST = 32, SHOWN = 40 /* characters of an offending value */ };

struct check {
	struct document *document;
	struct complaint *complaint;
};

static int check_value(const struct check *check, const yaml_node_t *node, const cyaml_schema_value_t *schema,
		       const char *name);

static const char *text_of(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static const char *kind_of(const yaml_node_t *node)
{
	return node->type == YAML_SEQUENCE_NODE ? "a list" : "a mapping";
}

static bool is_empty(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* NAME's value is not WANTED. */
static int complain(const struct check *check, const yaml_node_t *node, const char *name, const char *wanted)
{
	if (is_empty(node))
		return document_complain(check->document, &node->start_mark, check->complaint,
					 "'%s' has no value: expected %s", name, wanted);
	if (node->type != YAML_SCALAR_NODE)
		return document_complain(check->document, &node->start_mark, check->complaint,
					 "'%s' is %s: expected %s", name, kind_of(node), wanted);
	return document_complain(check->document, &node->start_mark, check->complaint,
				 "'%s' is '%.*s': expected %s", name, SHOWN, text_of(node), wanted);
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
	for (; fields->key; fields++)
		if (strcmp(fields->key, key) == 0)
			return fields;
	return NULL;
}

static int reject_key(const struct check *check, const yaml_node_t *key, const cyaml_schema_field_t *fields,
		      const char *name)
{
	const char *keys[KEYS_MOST];
	char list[512] = "";
	unsigned count = 0;
	size_t length = 0;
	for (; count < KEYS_MOST && fields[count].key; count++) {
		keys[count] = fields[count].key;
		length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", count ? ", " : "",
					   keys[count]);
	}
	const char *near = error_nearest(text_of(key), keys, count);
	if (near)
		return document_complain(check->document, &key->start_mark, check->complaint,
					 "unknown key '%.*s' in '%s': did you mean '%s'?", SHOWN,
					 text_of(key), name, near);
	return document_complain(check->document, &key->start_mark, check->complaint,
				 "unknown key '%.*s' in '%s': expected one of %s", SHOWN, text_of(key), name,
				 list);
}

/* KEY once more among the pairs before END. */
static bool is_repeated(const struct check *check, const yaml_node_t *mapping, const yaml_node_pair_t *end)
{
	const yaml_node_t *key = yaml_document_get_node(&check->document->yaml, end->key);
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < end; pair++) {
		const yaml_node_t *other = yaml_document_get_node(&check->document->yaml, pair->key);
		if (other->type == YAML_SCALAR_NODE && strcmp(text_of(other), text_of(key)) == 0)
			return true;
	}
	return false;
}

static int check_pair(const struct check *check, const yaml_node_t *mapping, const yaml_node_pair_t *pair,
		      const cyaml_schema_field_t *fields, const char *name)
{
	const yaml_node_t *key = yaml_document_get_node(&check->document->yaml, pair->key);
	if (key->type != YAML_SCALAR_NODE)
		return document_complain(check->document, &key->start_mark, check->complaint,
					 "a key of '%s' is %s: expected a word", name, kind_of(key));
	const cyaml_schema_field_t *field = find_field(fields, text_of(key));
	if (!field)
		return reject_key(check, key, fields, name);
	if (is_repeated(check, mapping, pair))
		return document_complain(check->document, &key->start_mark, check->complaint,
					 "'%s' is given twice: expected it once", field->key);
	const yaml_node_t *value = yaml_document_get_node(&check->document->yaml, pair->value);
	return check_value(check, value, &field->value, field->key);
}

static int check_mapping(const struct check *check, const yaml_node_t *node,
			 const cyaml_schema_field_t *fields, const char *name)
{
	int code = 0;
	if (node->type != YAML_MAPPING_NODE)
		return complain(check, node, name, "a mapping (KEY: VALUE)");
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     !code && pair < node->data.mapping.pairs.top; pair++)
		code = check_pair(check, node, pair, fields, name);
	for (; !code && fields->key; fields++)
		if (!(fields->value.flags & CYAML_FLAG_OPTIONAL) &&
		    !document_value(check->document, node, fields->key))
			code = document_complain(check->document, &node->start_mark, check->complaint,
						 "'%s' is missing in '%s'", fields->key, name);
	return code;
}

static int check_sequence(const struct check *check, const yaml_node_t *node,
			  const cyaml_schema_value_t *schema, const char *name)
{
	int code = 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return complain(check, node, name, "a list ([...] or lines that begin with -)");
	const yaml_node_item_t *start = node->data.sequence.items.start, *top = node->data.sequence.items.top;
	if (top - start < schema->sequence.min)
		return document_complain(check->document, &node->start_mark, check->complaint,
					 "'%s' is empty: expected at least %u", name, schema->sequence.min);
	for (const yaml_node_item_t *item = start; !code && item < top; item++)
		code = check_value(check, yaml_document_get_node(&check->document->yaml, *item),
				   schema->sequence.entry, name);
	return code;
}

static int check_number(const struct check *check, const yaml_node_t *node,
			const cyaml_schema_value_t *schema, const char *name)
{
	bool is_signed = schema->type == CYAML_INT;
	unsigned bits = 8 * schema->data_size;
	uint64_t most = (UINT64_MAX >> (64 - bits)) >> is_signed;
	char wanted[96], *end = NULL;
	if (bits == 64)
		snprintf(wanted, sizeof wanted, "a whole number that fits in 64 bits");
	else
		snprintf(wanted, sizeof wanted, "a whole number from %s%" PRIu64 " to %" PRIu64,
			 is_signed ? "-" : "", is_signed ? most + 1 : 0, most);
	if (node->type != YAML_SCALAR_NODE || node->data.scalar.length == 0)
		return complain(check, node, name, wanted);
	const char *text = text_of(node);
	bool is_negative = *text == '-';
	errno = 0;
	uint64_t value = strtoull(text + is_negative, &end, 0);
	if (errno || *end || end == text + is_negative || strpbrk(text + is_negative, " +-") ||
	    value > most + (is_negative && is_signed) || (is_negative && !is_signed && value))
		return complain(check, node, name, wanted);
	return 0;
}

static int check_bool(const struct check *check, const yaml_node_t *node, const char *name)
{
	static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
	for (unsigned i = 0; node->type == YAML_SCALAR_NODE && i < sizeof words / sizeof *words; i++)
		if (strcmp(text_of(node), words[i]) == 0)
			return 0;
	return complain(check, node, name, "true or false");
}

static int check_text(const struct check *check, const yaml_node_t *node, const char *name)
{
	if (node->type != YAML_SCALAR_NODE || is_empty(node))
		return complain(check, node, name, "a text");
	if (strlen(text_of(node)) != node->data.scalar.length)
		return document_complain(check->document, &node->start_mark, check->complaint,
					 "'%s' has a NUL character in it: expected a text without", name);
	return 0;
}

static int check_value(const struct check *check, const yaml_node_t *node, const cyaml_schema_value_t *schema,
		       const char *name)
{
	switch (schema->type) {
	case CYAML_MAPPING:
		return check_mapping(check, node, schema->mapping.fields, name);
	case CYAML_SEQUENCE:
		return check_sequence(check, node, schema, name);
	case CYAML_INT:
	case CYAML_UINT:
		return check_number(check, node, schema, name);
	case CYAML_BOOL:
		return check_bool(check, node, name);
	case CYAML_STRING:
		return check_text(check, node, name);
	default:
		return 0; /* ignored ones; there are no others in our schema */
	}
}

int check_schema(struct document *document, const cyaml_schema_value_t *schema, struct complaint *complaint)
{
	const struct check check = {document, complaint};
	return check_value(&check, yaml_document_get_root_node(&document->yaml), schema, "scenario");
}
