package ledger

import "testing"

// TestWhatAMergeUnitesIsShared, by the names that entries have for it; of members with
// one value only those that a merge wrote are, which the row says.
func TestWhatAMergeUnitesIsShared(t *testing.T) {
	t.Parallel()
	for member, want := range map[string]bool{
		"email": true, "phone": true, "country": true, "otherEmails": true, "otherPhones": true, "externalIds": true, "followers": true,
		"tags": true, "dnd.email": true, "profile.displayName": true, "validation.state": true, "added later": true,
		"firstName": false, "description": false, "companyId": false, "owner": false, "status": false, "vip": false, "fields.score": false, "blocked": false,
	} {
		if united(member) != want {
			t.Errorf("%s: want %v", member, want)
		}
	}
}
