package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"time"

	coreconfig "github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
	"go.yaml.in/yaml/v4"
)

// list is a flag that may be given several times; the order is kept.
type list []string

func (l *list) String() string     { return fmt.Sprint(*l) }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

// metal is the runtime mode of a machine that boots from the network.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

func genSecrets(args []string) error {
	flags := newFlags("gen-secrets")
	contract := flags.String("contract", "v1.13", "version contract")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	version, err := coreconfig.ParseContractFromVersion(*contract)
	if err != nil {
		return err
	}
	bundle, err := secrets.NewBundle(secrets.NewFixedClock(time.Now()), version)
	if err != nil {
		return err
	}
	out, err := yaml.Marshal(bundle)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(out)
	return err
}

func genConfig(args []string) error {
	var patches, sans, kernelArgs list
	flags := newFlags("gen")
	bundleFile := flags.String("secrets", "", "secrets bundle")
	role := flags.String("role", "worker", "worker or controlplane")
	name := flags.String("name", "", "cluster name")
	endpoint := flags.String("endpoint", "", "control plane URL")
	kubernetes := flags.String("kubernetes", "1.34.1", "Kubernetes version, with or without v")
	contract := flags.String("contract", "v1.13", "version contract")
	disk := flags.String("install-disk", "/dev/sda", "install disk")
	image := flags.String("install-image", "", "installer image")
	dnsDomain := flags.String("dns-domain", "", "cluster DNS domain")
	flags.Var(&sans, "san", "additional subject name, repeatable")
	flags.Var(&kernelArgs, "kernel-arg", "extra kernel argument, repeatable")
	flags.Var(&patches, "patch", "patch file, repeatable, applied in order")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	kind, err := machine.ParseType(*role)
	if err != nil {
		return err
	}
	version, err := coreconfig.ParseContractFromVersion(*contract)
	if err != nil {
		return err
	}
	bundle, err := secrets.LoadBundle(*bundleFile)
	if err != nil {
		return err
	}
	options := []generate.Option{
		generate.WithSecretsBundle(bundle),
		generate.WithVersionContract(version),
		generate.WithInstallDisk(*disk),
	}
	if *image != "" {
		options = append(options, generate.WithInstallImage(*image))
	}
	if *dnsDomain != "" {
		options = append(options, generate.WithDNSDomain(*dnsDomain))
	}
	if len(sans) > 0 {
		options = append(options, generate.WithAdditionalSubjectAltNames(sans))
	}
	if len(kernelArgs) > 0 {
		options = append(options, generate.WithInstallExtraKernelArgs(kernelArgs))
	}
	input, err := generate.NewInput(*name, *endpoint, trimV(*kubernetes), options...)
	if err != nil {
		return err
	}
	config, err := input.Config(kind)
	if err != nil {
		return err
	}
	return printPatched(config, patches)
}

// trimV takes the v off a Kubernetes version: the library adds its own.
func trimV(version string) string {
	if len(version) > 0 && version[0] == 'v' {
		return version[1:]
	}
	return version
}

func printPatched(config coreconfig.Provider, files list) error {
	named := make([]string, 0, len(files))
	for _, file := range files {
		named = append(named, "@"+file)
	}
	patches, err := configpatcher.LoadPatches(named)
	if err != nil {
		return err
	}
	output, err := configpatcher.Apply(configpatcher.WithConfig(config), patches)
	if err != nil {
		return err
	}
	patched, err := output.Config()
	if err != nil {
		return err
	}
	text, err := patched.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

// read returns the operand's content, or standard input without one.
func read(operands []string) ([]byte, error) {
	if len(operands) == 0 || operands[0] == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(operands[0])
}

// canon prints the documents as the library understood them: JSON with sorted
// keys, documents sorted by kind and name. Two configs that mean the same to
// Talos print the same bytes.
func canon(args []string) error {
	flags := newFlags("canon")
	if err := parse(flags, args, 1); err != nil {
		return err
	}
	text, err := read(flags.Args())
	if err != nil {
		return err
	}
	provider, err := configloader.NewFromBytes(text)
	if err != nil {
		return err
	}
	encoded, err := provider.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		return err
	}
	documents, err := decodeAll(encoded)
	if err != nil {
		return err
	}
	sort.SliceStable(documents, func(i, j int) bool {
		return sortKey(documents[i]) < sortKey(documents[j])
	})
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(documents)
}

func decodeAll(text []byte) ([]any, error) {
	documents := []any{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		documents = append(documents, jsonable(document))
	}
}

// jsonable turns maps with keys of any kind into maps JSON can hold.
func jsonable(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = jsonable(v[key])
		}
		return v
	case map[any]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[fmt.Sprint(key)] = jsonable(v[key])
		}
		return out
	case []any:
		for i := range v {
			v[i] = jsonable(v[i])
		}
		return v
	}
	return value
}

func sortKey(document any) string {
	fields, isMap := document.(map[string]any)
	if !isMap {
		return ""
	}
	return fmt.Sprint(fields["kind"], "/", fields["name"])
}

// check decodes strictly and validates as a node on metal would. Warnings do
// not make a config invalid; strict turns the library's warnings into errors.
func check(text []byte, strict bool) (coreconfig.Provider, []string, error) {
	provider, err := configloader.NewFromBytes(text)
	if err != nil {
		return nil, nil, err
	}
	options := []validation.Option{validation.WithLocal()}
	if strict {
		options = append(options, validation.WithStrict())
	}
	warnings, err := provider.Validate(metal{}, options...)
	return provider, warnings, err
}

func validate(args []string) error {
	flags := newFlags("validate")
	strict := flags.Bool("strict", false, "treat the library's warnings as errors")
	if err := parse(flags, args, 1); err != nil {
		return err
	}
	text, err := read(flags.Args())
	if err != nil {
		return err
	}
	provider, warnings, err := check(text, *strict)
	for _, warning := range warnings {
		fmt.Fprintln(os.Stderr, "warning:", warning)
	}
	if err != nil {
		return err
	}
	if !provider.CompleteForBoot() {
		return errors.New("no v1alpha1 document: a node would go to maintenance mode")
	}
	return nil
}
