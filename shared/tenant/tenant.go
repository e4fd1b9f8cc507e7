// Package tenant holds the name of a workspace once it has been verified, and
// carries it through a context so that storage can check every key against it.
//
// It lives at the very bottom: a key can only be built from a Workspace, and a
// Workspace only comes from a verified token, a stored row, or the operator.
// No rule about what a workspace may do belongs here (that is its settings).
package tenant

import (
	"context"
	"fmt"
)

// Workspace is the verified name of one tenant. The zero value is no workspace
// and is refused by every key constructor.
type Workspace struct{ name string }

// systemName cannot be the name of a tenant: Parse refuses the underscore.
const systemName = "_system"

// System is where the operator's own rows live: the list of workspaces, the
// identity provider's keys, positions in the change stream. No token leads to it.
func System() Workspace { return Workspace{systemName} }

// Parse checks the syntax of a workspace's name, [a-z0-9][a-z0-9-]{1,62}, and
// says nothing of whether it exists. Whoever calls it vouches for the source:
// a verified token, the operator's command line, or a stored key.
func Parse(name string) (Workspace, error) {
	if len(name) < 2 || len(name) > 63 || name[0] == '-' {
		return Workspace{}, invalid(name)
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return Workspace{}, invalid(name)
		}
	}
	return Workspace{name}, nil
}

func invalid(name string) error {
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return fmt.Errorf("workspace %q: want 2 to 63 of a-z, 0-9 and -, not beginning with -", name)
}

// Stored turns the first part of a stored partition key back into a workspace;
// unlike Parse it knows System.
func Stored(name string) (Workspace, error) {
	if name == systemName {
		return System(), nil
	}
	return Parse(name)
}

func (w Workspace) String() string { return w.name }

// IsZero tells whether w names no workspace.
func (w Workspace) IsZero() bool { return w.name == "" }

type boundKey struct{}

// everyone is the binding of operators' commands that walk all tenants' rows.
var everyone = Workspace{"*"}

// Bind says on whose behalf everything under the returned context happens.
// Storage refuses keys of any other workspace: the second line of defence
// behind keys that can only be built from a Workspace.
func Bind(ctx context.Context, w Workspace) context.Context {
	return context.WithValue(ctx, boundKey{}, w)
}

// BindOperator allows the rows of every workspace. For the operator's commands
// and the relay, which handle many tenants in one call; never for a request.
func BindOperator(ctx context.Context) context.Context {
	return context.WithValue(ctx, boundKey{}, everyone)
}

// Check returns an error unless ctx is bound to w (or to the operator).
func Check(ctx context.Context, w Workspace) error {
	bound, _ := ctx.Value(boundKey{}).(Workspace)
	switch {
	case w.IsZero():
		return fmt.Errorf("key without a workspace")
	case bound == w || bound == everyone:
		return nil
	case bound.IsZero():
		return fmt.Errorf("key of workspace %s in a context bound to none", w)
	default:
		return fmt.Errorf("key of workspace %s in a context bound to %s", w, bound)
	}
}

// Bound returns the workspace that ctx is bound to, and whether it is exactly
// one (false for the operator and for an unbound context).
func Bound(ctx context.Context) (Workspace, bool) {
	bound, _ := ctx.Value(boundKey{}).(Workspace)
	return bound, !bound.IsZero() && bound != everyone
}

// IsOperator tells whether ctx may touch the rows of every workspace.
func IsOperator(ctx context.Context) bool {
	bound, _ := ctx.Value(boundKey{}).(Workspace)
	return bound == everyone
}
