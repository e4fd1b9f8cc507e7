package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"rubrica/shared/tenant"
)

// command is one of the operator's commands.
type command struct {
	name string
	// args are its arguments as help shows them; the first one, if any, is a
	// workspace.
	args []string
	does string
	// flags declares the command's own and returns what it does.
	flags func(*flag.FlagSet) action
}

// action is what a command does.
type action func(context.Context, *session) error

// commands in the order of help.
func commands() []command {
	return []command{
		createWorkspace(), suspend(), resume(), closeWorkspace(), listWorkspaces(), makeToken(), setShards(), verify(), repair(), rebuildSuggestions(), copyRows(), eraseReturned(),
	}
}

// invocation is a command line that has been understood.
type invocation struct {
	command
	place
	act  action
	set  *flag.FlagSet
	help bool
	args []string
	ws   tenant.Workspace
}

const helpHint = "-help lists commands and flags"

// parse reads a command line; flags may stand anywhere in it.
func parse(args []string) (*invocation, error) {
	inv := &invocation{set: flag.NewFlagSet("admin", flag.ContinueOnError)}
	inv.set.SetOutput(io.Discard)
	inv.set.Usage = func() {}
	inv.declare(inv.set)
	for len(args) > 0 {
		if err := inv.set.Parse(args); errors.Is(err, flag.ErrHelp) {
			inv.help = true
			return inv, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w; %s", err, helpHint)
		}
		if args = inv.set.Args(); len(args) == 0 {
			break
		}
		if inv.act == nil {
			if err := inv.choose(args[0]); err != nil {
				return nil, err
			}
		} else {
			inv.args = append(inv.args, args[0])
		}
		args = args[1:]
	}
	if inv.act == nil {
		return nil, fmt.Errorf("name a command; %s", helpHint)
	}
	return inv, inv.check()
}

func (inv *invocation) choose(name string) error {
	for _, c := range commands() {
		if c.name == name {
			inv.command = c
			inv.act = c.flags(inv.set)
			return nil
		}
	}
	return fmt.Errorf("there is no command %q; %s", name, helpHint)
}

func (inv *invocation) check() (err error) {
	if len(inv.args) != len(inv.command.args) {
		want := strings.Join(inv.command.args, " ")
		if want == "" {
			want = "no arguments"
		}
		return fmt.Errorf("%s takes %s; %s", inv.name, want, helpHint)
	}
	if len(inv.args) > 0 {
		if inv.ws, err = tenant.Parse(inv.args[0]); err != nil {
			return err
		}
	}
	return inv.place.check()
}

func (inv *invocation) printHelp(out io.Writer) {
	fmt.Fprintln(out, "go run ./infra/admin [-data DIR | -dynamodb URL | -table NAME -audit-table NAME] COMMAND")
	for _, c := range commands() {
		fmt.Fprintf(out, "\n%s\n    %s\n", strings.Join(append([]string{c.name}, c.args...), " "), c.does)
		own := flag.NewFlagSet(c.name, flag.ContinueOnError)
		own.SetOutput(out)
		c.flags(own)
		own.PrintDefaults()
	}
	fmt.Fprintln(out, "\nWhere the data is:")
	inv.set = flag.NewFlagSet("admin", flag.ContinueOnError)
	inv.set.SetOutput(out)
	inv.declare(inv.set)
	inv.set.PrintDefaults()
}
