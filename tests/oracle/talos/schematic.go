package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"

	"go.yaml.in/yaml/v4"
)

// The part of the Image Factory's schematic that an inventory can express; the
// order of the fields is that of the factory's documentation.
type schematicExtensions struct {
	Official []string `yaml:"officialExtensions,omitempty"`
}

type schematicCustomization struct {
	KernelArgs []string            `yaml:"extraKernelArgs,omitempty"`
	Extensions schematicExtensions `yaml:"systemExtensions,omitempty"`
}

type schematicText struct {
	Customization schematicCustomization `yaml:"customization"`
}

// schematic reads lines of JSON ({"args": [...], "extensions": [...]}) and
// prints for each one {"text": canonical YAML, "id": its SHA-256}.
func schematic(args []string) error {
	if err := parse(newFlags("schematic"), args, 0); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var row struct{ Args, Extensions []string }
		if err := json.Unmarshal(in.Bytes(), &row); err != nil {
			return err
		}
		text, err := yaml.Marshal(schematicText{schematicCustomization{
			row.Args, schematicExtensions{row.Extensions}}})
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		if err := out.Encode(map[string]string{
			"text": string(text), "id": hex.EncodeToString(sum[:])}); err != nil {
			return err
		}
	}
	return in.Err()
}
