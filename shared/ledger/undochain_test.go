package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"rubrica/shared/workspace"
)

// TestAnUndoBelowALongChainFits: as many contacts as one can have absorbed, one above
// the other, and at the bottom one that gets back as many identities as it can have,
// of which nobody else may have any: all of it in one transaction.
func TestAnUndoBelowALongChainFits(t *testing.T) {
	t.Parallel()
	for _, policy := range []workspace.Duplicates{workspace.Allow, workspace.Reject} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.policy(t, policy)
			list := func(format string) string {
				var values []string
				for i := range 10 {
					values = append(values, fmt.Sprintf(format, i))
				}
				return strings.Join(values, ",")
			}
			low := s.create(t, `{"lastName":"L","otherEmails":[`+list(`"o%d@example.it"`)+`],"otherPhones":[`+list(`"+39351411732%d"`)+`],"externalIds":{`+list(`"s%d":"k"`)+`}}`)
			ids := []string{low}
			var made []string
			for range 30 {
				next := s.create(t, `{"lastName":"L"}`)
				made = append(made, s.merge(t, next, ids[len(ids)-1]))
				ids = append(ids, next)
			}
			root := ids[len(ids)-1]
			s.drain(t)
			s.change(t, root, `{"externalIds":null,"otherEmails":null,"otherPhones":null}`)
			s.drain(t)
			s.undo(t, made[0])
			s.drain(t)
			s.mustBeClean(t)
			for i := len(made) - 1; i > 0; i-- {
				s.undo(t, made[i])
			}
			s.drain(t)
			s.mustBeClean(t)
			if policy == workspace.Allow { // there is room for the entries of all but those next to the root
				s.mustBeAsLogged(t, ids[:25])
			}
		})
	}
}
