// talos-oracle answers questions about machine configs with Talos' own library
// and plays the part of a Talos node. It is a test tool: the product neither
// contains nor needs it.
//
// Exit status of every subcommand but node (see node.go): 0 the library
// agrees, 1 it refuses (its message is on stderr), 2 the command line is wrong.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

const (
	exitRefused = 1
	exitUsage   = 2
)

type command struct {
	name  string
	args  string
	about string
	run   func(args []string) error
}

var commands = []command{
	{"gen-secrets", "[--contract v1.13]", "print a fresh secrets bundle", genSecrets},
	{"gen", "--secrets FILE --role worker|controlplane --name N --endpoint URL [...]",
		"print the config the library generates, patched", genConfig},
	{"canon", "[FILE]", "decode strictly, print canonical JSON", canon},
	{"validate", "[--strict] [FILE]", "decode strictly, validate for metal", validate},
	{"node", "--url URL --uuid U --ca FILE --out FILE [...]",
		"fetch a config as a booting Talos node does", node},
	{"schematic", "", "read schematics as lines of JSON, print their YAML and id", schematic},
	{"verify-cert", "--chain FILE --roots FILE [--name N] [--crl FILE]",
		"check a chain as Go's TLS does", verifyCert},
	{"guest", "", "process 1 of a virtual machine: a Talos node (see guest.go)", guest},
}

// exitError carries an exit status other than exitRefused out of a subcommand.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string { return e.err.Error() }

func usage() {
	fmt.Fprintln(os.Stderr, "usage: talos-oracle COMMAND ...")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-12s %s\n               %s\n", c.name, c.args, c.about)
	}
}

// newFlags makes a flag set that reports its errors to the caller.
func newFlags(name string) *flag.FlagSet {
	return flag.NewFlagSet("talos-oracle "+name, flag.ContinueOnError)
}

// parse reads the flags and refuses more than max operands.
func parse(flags *flag.FlagSet, args []string, max int) error {
	if err := flags.Parse(args); err != nil {
		return &exitError{exitUsage, err}
	}
	if flags.NArg() > max {
		return &exitError{exitUsage, fmt.Errorf("unexpected argument '%s'", flags.Arg(max))}
	}
	return nil
}

func main() {
	if runsAsInit() {
		os.Args = []string{os.Args[0], "guest"}
	}
	if len(os.Args) < 2 {
		usage()
		os.Exit(exitUsage)
	}
	for _, c := range commands {
		if c.name != os.Args[1] {
			continue
		}
		err := c.run(os.Args[2:])
		if err == nil {
			return
		}
		fmt.Fprintf(os.Stderr, "talos-oracle %s: %v\n", c.name, err)
		var status *exitError
		if errors.As(err, &status) {
			os.Exit(status.status)
		}
		os.Exit(exitRefused)
	}
	usage()
	os.Exit(exitUsage)
}
