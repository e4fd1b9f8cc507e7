package caller

import "slices"

// Role is what a caller is in the workspace. Each route names the roles it lets
// in; no role includes another by itself.
type Role string

// The roles of api.md, and no others.
const (
	Owner   Role = "owner"
	Manager Role = "manager"
	Agent   Role = "agent"
)

// Valid tells whether r is one of the three.
func (r Role) Valid() bool { return r.In(Owner, Manager, Agent) }

// In tells whether r is one of the roles given; of none it is not.
func (r Role) In(roles ...Role) bool { return slices.Contains(roles, r) }
