package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Exit status of `talos-oracle node`; the same word is "outcome" in the report
// on standard output.
const (
	exitGaveUp   = 3 // gave-up: no 200 within the attempts or the cycle
	exitNoConfig = 4 // no-config: 204, or 200 with an empty body
	exitInvalid  = 5 // invalid: the library refuses the body
	exitPartial  = 6 // partial: no v1alpha1 document; Talos would open maintenance mode
)

type report struct {
	Outcome  string    `json:"outcome"`
	URL      string    `json:"url"` // as requested, variables filled in
	Attempts []attempt `json:"attempts"`
	Bytes    int       `json:"bytes"`
	SHA256   string    `json:"sha256,omitempty"`
	Message  string    `json:"message,omitempty"`
}

type nodeOptions struct {
	url, ca, out string
	variables    map[string]string
	fetch        fetcher
}

// node fetches a machine config as a Talos node on metal does and ends with the
// checks the node would make. It prints a report as JSON on standard output
// and one line per attempt on standard error.
func node(args []string) error {
	var o nodeOptions
	flags := newFlags("node")
	flags.StringVar(&o.url, "url", "", "value of talos.config= on the kernel command line")
	flags.StringVar(&o.ca, "ca", "", "PEM file of the roots the image trusts")
	flags.StringVar(&o.out, "out", "", "write the accepted config here, mode 0600")
	uuid := flags.String("uuid", "", "SMBIOS UUID")
	serial := flags.String("serial", "", "SMBIOS serial")
	mac := flags.String("mac", "", "address of the first NIC")
	flags.Float64Var(&o.fetch.scale, "time-scale", 1, "multiply every wait by this")
	flags.IntVar(&o.fetch.maxAttempts, "max-attempts", 0, "give up after this many (0: the 3 h alone)")
	flags.DurationVar(&o.fetch.minimum, "min-attempt", 10*time.Second,
		"an attempt's scaled time limit is never below this")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	o.variables = map[string]string{"uuid": strings.ToLower(*uuid), "serial": *serial, "mac": *mac}

	result := report{Attempts: []attempt{}}
	status, err := boot(&o, &result)
	if err != nil {
		result.Message = err.Error()
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if encodeErr := out.Encode(result); encodeErr != nil {
		return encodeErr
	}
	if err != nil {
		return &exitError{status, err}
	}
	return nil
}

func boot(o *nodeOptions, result *report) (int, error) {
	roots := x509.NewCertPool()
	if o.ca != "" {
		if err := addRoots(roots, o.ca); err != nil {
			result.Outcome = "usage"
			return exitUsage, err
		}
	}
	var err error
	result.URL, err = populate(o.url, o.variables)
	if err != nil {
		result.Outcome = "usage"
		return exitUsage, err
	}
	o.fetch.client = newClient(roots)
	o.fetch.tried = func(n int, tried attempt) {
		result.Attempts = append(result.Attempts, tried)
		fmt.Fprintf(os.Stderr, "attempt %d: %s\n", n, describe(tried))
	}
	body, err := o.fetch.withRetry(result.URL)
	if err != nil {
		result.Outcome = "gave-up"
		return exitGaveUp, err
	}
	if len(body) == 0 {
		result.Outcome = "no-config"
		return exitNoConfig, errors.New("config not found")
	}
	result.Bytes = len(body)
	sum := sha256.Sum256(body)
	result.SHA256 = hex.EncodeToString(sum[:])
	return accept(body, o.out, result)
}

// accept ends with what machined makes of a downloaded body. Only a config that
// passed is written.
func accept(body []byte, out string, result *report) (int, error) {
	text, _, err := acceptBody(body)
	switch {
	case errors.Is(err, errPartial):
		result.Outcome = "partial"
		return exitPartial, err
	case err != nil:
		result.Outcome = "invalid"
		return exitInvalid, err
	}
	if out != "" {
		if err := writePrivate(out, text); err != nil {
			result.Outcome = "usage"
			return exitUsage, err
		}
	}
	result.Outcome = "accepted"
	return 0, nil
}

// writePrivate replaces path; the file is never readable by others.
func writePrivate(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".config-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // gone after the rename
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
