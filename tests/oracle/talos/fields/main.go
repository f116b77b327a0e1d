// Command fields writes talos-configgen/src/talos/cg_fields_*.c: the table of
// every field of every document the Talos library can decode, with its kind
// and the way a patch merges into it. It reads the library's own Go types, so
// regenerating and comparing shows each field the committed table lacks.
//
//	go run ./fields -schema SCHEMA.json -out DIR
//
// The schema is the library's config/schemas/config.schema.json; it says which
// document kinds there are. A kind that the library does not know ends the run.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// Two kinds are not to be had from the schema of v1.13: one is spelled without
// its "Config", one is missing.
var (
	schemaMisnames = []string{"KubeSpanEndpoints"}
	schemaLacks    = []string{"KubeSpanEndpointsConfig", "ImageVerificationConfig"}
)

// leaves are the types the table does not look into, by the name of their kind.
var leaves = map[string]string{
	"time.Duration":                    "DURATION",
	"block.ByteSize":                   "BYTE_SIZE",
	"block.Size":                       "SIZE",
	"cel.Expression":                   "CEL",
	"meta.URL":                         "URL",
	"v1alpha1.Endpoint":                "URL",
	"netip.Addr":                       "ADDR",
	"network.Addr":                     "ADDR",
	"netip.Prefix":                     "PREFIX",
	"network.Prefix":                   "PREFIX",
	"network.AddrPort":                 "ADDR_PORT",
	"network.PortRange":                "PORT_RANGE",
	"nethelpers.HardwareAddr":          "HWADDR",
	"nethelpers.RoutingTable":          "ROUTING_TABLE",
	"v1alpha1.ArgValue":                "ARG",
	"v1alpha1.InstallDiskSizeMatcher":  "DISK_MATCH",
	"v1alpha1.DiskSize":                "DISK_SIZE",
	"v1alpha1.FileMode":                "FILE_MODE",
	"v1alpha1.Base64Bytes":             "BASE64",
	"v1alpha1.Unstructured":            "FREE",
	"x509.PEMEncodedCertificate":       "PEM_CERT",
	"x509.PEMEncodedKey":               "PEM_KEY",
	"x509.PEMEncodedCertificateAndKey": "PEM_PAIR",
}

// mergers are the list types with a Merge method of their own: how, and the
// key by which their items are matched.
var mergers = map[string][2]string{
	"v1alpha1.NetworkDeviceList":         {"DEVICE", "interface"},
	"v1alpha1.VlanList":                  {"BY_KEY", "vlanId"},
	"v1alpha1.AdmissionPluginConfigList": {"BY_KEY", "name"},
	"extensions.ConfigFileList":          {"BY_KEY", "mountPath"},
	"security.ImageVerificationRules":    {"SWAP", "image"},
}

// mergedByKind are those whose kind implies the rule.
var mergedByKind = []string{"v1alpha1.Args", "block.ByteSize", "cel.Expression"}

type merger interface{ Merge(any) error }

type field struct {
	key, shape, kind, merge, typ, words string
	flags                               []string
}

type structure struct {
	name   string
	fields []field
}

type table struct {
	file  string
	seen  map[reflect.Type]string
	local map[string][]structure // by file
	refs  map[string]map[string]bool
	home  map[string]string // C name -> file
}

// snake turns v1alpha1.KubeletNodeIPConfig into kubelet_node_ip_config.
func snake(name string) string {
	var out []rune
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 &&
			(!unicode.IsUpper(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1]))) {
			out = append(out, '_')
		}
		out = append(out, unicode.ToLower(r))
	}
	return string(out)
}

func cName(t reflect.Type) string {
	pkg := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
	name := strings.TrimSuffix(t.Name(), "V1Alpha1")
	if pkg == "v1alpha1" {
		pkg = "v1"
	}
	return "cg_t_" + pkg + "_" + snake(name)
}

// fileOf says in which table a type stands.
func fileOf(t reflect.Type, current string) string {
	pkg := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
	switch {
	case pkg == "network":
		return "network"
	case pkg != "v1alpha1":
		return "documents"
	}
	return current
}

func words(t reflect.Type) string {
	pointer := reflect.New(t)
	parser, isText := pointer.Interface().(interface{ UnmarshalText([]byte) error })
	if !isText || !(pointer.Elem().CanInt() || pointer.Elem().CanUint()) {
		return ""
	}
	var found []string
	zero := "-"
	for i := range 0x10000 {
		value := reflect.New(t).Elem()
		if value.CanUint() {
			if value.OverflowUint(uint64(i)) {
				break
			}
			value.SetUint(uint64(i))
		} else {
			if value.OverflowInt(int64(i)) {
				break
			}
			value.SetInt(int64(i))
		}
		text := fmt.Sprint(value.Interface())
		if m, ok := value.Interface().(interface{ MarshalText() ([]byte, error) }); ok {
			raw, err := m.MarshalText()
			if err != nil {
				continue
			}
			text = string(raw)
		}
		if parser.UnmarshalText([]byte(text)) != nil || !reflect.DeepEqual(pointer.Elem().Interface(), value.Interface()) {
			continue
		}
		if i == 0 {
			zero = text
		} else {
			found = append(found, text)
		}
	}
	// Some take their number as well.
	for i := range 10 {
		text := fmt.Sprint(i)
		if !slices.Contains(found, text) && parser.UnmarshalText([]byte(text)) == nil {
			found = append(found, text)
		}
	}
	// The first word is the one that stands for zero, "-" if none does.
	return strings.Join(append([]string{zero}, found...), " ")
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "fields: "+format+"\n", args...)
	os.Exit(1)
}

func (tb *table) scalar(t reflect.Type, f *field) {
	if kind, ok := leaves[t.String()]; ok {
		f.kind = kind
		return
	}
	if list := words(t); list != "" {
		f.kind, f.words = "ENUM", list
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		f.kind, f.typ = "STRUCT", tb.structure(t)
	case reflect.String:
		f.kind = "STRING"
	case reflect.Bool:
		f.kind = "BOOL"
	case reflect.Int, reflect.Int64:
		f.kind = "INT"
	case reflect.Uint, reflect.Uint64:
		f.kind = "UINT64"
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		f.kind = strings.ToUpper(t.Kind().String())
	case reflect.Interface:
		f.kind = "ANY"
	default:
		fail("no kind for %s", t)
	}
}

func (tb *table) describe(sf reflect.StructField, key string) field {
	f := field{key: key, shape: "ONE", merge: "TYPED"}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		f.flags = append(f.flags, "CG_F_POINTER")
		t = t.Elem()
	}
	if how, ok := mergers[t.String()]; ok {
		f.merge, f.words = how[0], how[1]
	} else if reflect.PointerTo(t).Implements(reflect.TypeFor[merger]()) && !slices.Contains(mergedByKind, t.String()) {
		fail("%s merges in a way of its own that the table has no word for", t)
	}
	if sf.Tag.Get("merge") == "replace" {
		f.merge = "REPLACE"
	}
	matched := f.words
	_, isLeaf := leaves[t.String()]
	switch {
	case isLeaf:
	case t.Kind() == reflect.Slice:
		f.shape, t = "LIST", t.Elem()
	case t.Kind() == reflect.Map:
		f.shape, t = "MAP", t.Elem()
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if f.shape == "MAP" && t.Kind() == reflect.Interface {
		f.shape, f.kind = "ONE", "FREE"
		return f
	}
	tb.scalar(t, &f)
	if matched != "" {
		f.words = matched
	}
	return f
}

func (tb *table) fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(options, "inline"):
			out = append(out, tb.fields(sf.Type)...)
		case name == "" && sf.IsExported():
			fail("%s.%s has no yaml key", t, sf.Name)
		case name != "" && name != "-":
			out = append(out, tb.describe(sf, name))
		}
	}
	return out
}

func (tb *table) structure(t reflect.Type) string {
	name := cName(t)
	previous := tb.file
	tb.file = fileOf(t, tb.file)
	file := tb.file
	defer func() { tb.file = previous }()
	if tb.refs[previous] == nil {
		tb.refs[previous] = map[string]bool{}
	}
	tb.refs[previous][name] = true
	if _, ok := tb.seen[t]; ok {
		return name
	}
	tb.seen[t] = name
	tb.home[name] = file
	made := structure{name: name, fields: tb.fields(t)}
	tb.local[file] = append(tb.local[file], made)
	return name
}

func (f field) row() string {
	flags, typ, list := "0", "NULL", "NULL"
	if len(f.flags) > 0 {
		flags = strings.Join(f.flags, " | ")
	}
	if f.typ != "" {
		typ = "&" + f.typ
	}
	if f.words != "" {
		list = fmt.Sprintf("%q", f.words)
	}
	return fmt.Sprintf("    { %q, CG_S_%s, CG_K_%s, CG_M_%s, %s, %s, %s },\n", f.key, f.shape, f.kind, f.merge, flags, typ, list)
}

func kinds(schema string) []string {
	raw, err := os.ReadFile(schema)
	if err != nil {
		fail("%v", err)
	}
	var doc struct {
		Defs map[string]struct {
			Properties map[string]struct {
				Enum []string `json:"enum"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	// Other properties have enums of other types; the kinds are all we need.
	if err := json.Unmarshal(raw, &doc); err != nil && doc.Defs == nil {
		fail("%s: %v", schema, err)
	}
	var out []string
	for _, def := range doc.Defs {
		if kind, ok := def.Properties["kind"]; ok && len(kind.Enum) > 0 && !slices.Contains(schemaMisnames, kind.Enum[0]) {
			out = append(out, kind.Enum[0])
		}
	}
	out = append(out, schemaLacks...)
	sort.Strings(out)
	return slices.Compact(out)
}

func document(kind string) config.Document {
	text := "apiVersion: v1alpha1\nkind: " + kind + "\n"
	if kind == "" {
		text = "version: v1alpha1\nmachine: {}\n"
	}
	provider, err := configloader.NewFromBytes([]byte(text))
	if err != nil {
		fail("kind %q: %v", kind, err)
	}
	return provider.Documents()[0]
}

const head = `/*
 * %s
 *
 * Written by tests/oracle/talos/fields from the library's own types; a test
 * compares. Do not edit.
 */
#include "talos/cg_fields.h"

#include <stddef.h>

#include "talos/cg_fields_types.h"

/* clang-format off */
`

func (tb *table) write(dir, file, title, tail string) {
	var b strings.Builder
	fmt.Fprintf(&b, head, title)
	for _, s := range tb.local[file] {
		fmt.Fprintf(&b, "\nstatic const struct cg_field %s_fields[] = {\n", s.name)
		for _, f := range s.fields {
			b.WriteString(f.row())
		}
		if len(s.fields) == 0 {
			// C has no empty arrays.
			b.WriteString("    { NULL, CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },\n")
		}
		fmt.Fprintf(&b, "};\nconst struct cg_struct %s = {\n    %q, %s_fields, %d,\n};\n", s.name, s.name[5:], s.name, len(s.fields))
	}
	b.WriteString(tail)
	if err := os.WriteFile(filepath.Join(dir, "cg_fields_"+file+".c"), []byte(b.String()), 0o644); err != nil {
		fail("%v", err)
	}
}

func (tb *table) declare(dir string) {
	var names []string
	for name := range tb.home {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(`/*
 * The types of the field tables, for the tables themselves.
 *
 * Written by tests/oracle/talos/fields; a test compares. Do not edit.
 */
#ifndef CG_FIELDS_TYPES_H
#define CG_FIELDS_TYPES_H

/* clang-format off */
struct cg_struct;

`)
	for _, name := range names {
		fmt.Fprintf(&b, "extern const struct cg_struct %s;\n", name)
	}
	b.WriteString("\n#endif\n")
	if err := os.WriteFile(filepath.Join(dir, "cg_fields_types.h"), []byte(b.String()), 0o644); err != nil {
		fail("%v", err)
	}
}

func main() {
	schema := flag.String("schema", "", "the library's config.schema.json")
	out := flag.String("out", ".", "folder to write to")
	flag.Parse()

	tb := &table{seen: map[reflect.Type]string{}, local: map[string][]structure{}, refs: map[string]map[string]bool{}, home: map[string]string{}}
	// The cluster half first, so that what both halves use stands there.
	root := reflect.TypeOf(document("")).Elem()
	for _, sf := range reflect.VisibleFields(root) {
		for _, half := range []string{"cluster", "machine"} {
			if sf.Tag.Get("yaml") == half {
				tb.file = half
				tb.structure(sf.Type.Elem())
			}
		}
	}
	tb.file = "machine"
	rootName := tb.structure(root)

	var rows strings.Builder
	rows.WriteString("\nconst struct cg_doc_kind cg_doc_kinds[] = {\n")
	fmt.Fprintf(&rows, "    { \"\", &%s, NULL, NULL, false },\n", rootName)
	count := 1
	for _, kind := range kinds(*schema) {
		doc := document(kind)
		tb.file = "documents"
		name := tb.structure(reflect.TypeOf(doc).Elem())
		conflicts := "NULL"
		if c, ok := doc.(config.ConflictingDocument); ok && len(c.ConflictsWithKinds()) > 0 {
			conflicts = fmt.Sprintf("%q", strings.Join(c.ConflictsWithKinds(), " "))
		}
		_, named := doc.(config.NamedDocument)
		fmt.Fprintf(&rows, "    { %q, &%s, %s, %v },\n", kind, name, conflicts, named)
		count++
	}
	fmt.Fprintf(&rows, "};\nconst size_t cg_doc_kind_count = %d;\n", count)

	tb.write(*out, "cluster", "Fields below `cluster:` of the v1alpha1 document.", "")
	tb.write(*out, "machine", "The v1alpha1 document and its fields below `machine:`.", "")
	tb.write(*out, "network", "Fields of the network documents.", "")
	tb.write(*out, "documents", "The other documents, and the table of all kinds.", strings.ReplaceAll(rows.String(), "NULL, NULL, false", "NULL, false"))
	tb.declare(*out)
}
