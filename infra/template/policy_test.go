package template_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/boot/boottest"
)

// statement is one of a policy.
type statement struct {
	from    string // whose: the function's own, or a managed policy's logical id
	sid     string
	actions []string
	on      []string // logical ids
	// The condition on partition keys: those that are allowed, or those that are
	// not.
	keys, notKeys []string
}

// statements are all that a function may do.
func (t template) statements(tt *testing.T, folder string) []statement {
	tt.Helper()
	managed := t.resources("AWS::IAM::ManagedPolicy")
	var all []statement
	for _, policy := range list(t.functions(tt)[folder], "Policies") {
		from, document := "own", policy
		if id := ref(policy); id != "" {
			from, document = id, at(managed[id], "Properties", "PolicyDocument")
		}
		for _, s := range list(document, "Statement") {
			all = append(all, newStatement(tt, from, s))
		}
	}
	return all
}

func newStatement(t *testing.T, from string, s any) statement {
	t.Helper()
	if text(s, "Effect") != "Allow" {
		t.Fatalf("a statement that does not allow: %v", s)
	}
	made := statement{from: from, sid: text(s, "Sid"), actions: texts(s, "Action")}
	for _, r := range list(s, "Resource") {
		id := ref(r)
		if id == "" {
			id = strings.TrimSuffix(text(r, "Fn::Sub"), "/stream/*")
			id, _, _ = strings.Cut(strings.TrimPrefix(id, "${"), ".")
		}
		made.on = append(made.on, id)
	}
	conditions, _ := at(s, "Condition").(map[string]any)
	for operator, c := range conditions {
		keys := texts(c, "dynamodb:LeadingKeys")
		switch operator {
		case "ForAllValues:StringEquals", "ForAllValues:StringLike":
			made.keys = keys
		case "ForAllValues:StringNotLike":
			made.notKeys = keys
		default:
			t.Fatalf("condition %s is not understood here", operator)
		}
	}
	return made
}

// allows tells whether the statement allows a call.
func (s *statement) allows(c call) bool {
	if !slices.Contains(s.actions, c.action) || !slices.Contains(s.on, c.on) {
		return false
	}
	return !slices.ContainsFunc(c.keys, func(key string) bool {
		return s.keys != nil && !like(s.keys, key) || like(s.notKeys, key)
	})
}

// like matches as StringLike does, whose * takes slashes too.
func like(patterns []string, key string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(flat(p), flat(key))
		return ok && err == nil
	})
}

func allowed(statements []statement, c call) bool {
	return slices.ContainsFunc(statements, func(s statement) bool { return s.allows(c) })
}

// TestPoliciesFitTheCalls drives all functions and holds what each calls against
// what it may: nothing missing, and nothing in any statement that is not called.
func TestPoliciesFitTheCalls(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	calls := drive(t)
	for folder := range tpl.functions(t) {
		statements := tpl.statements(t, folder)
		for _, c := range calls[folder] {
			if !allowed(statements, c) {
				t.Errorf("%s may not %s on %s (keys %q)", folder, c.action, c.on, c.keys)
			}
		}
		for _, s := range statements {
			if strings.HasPrefix(s.sid, "EventSource") {
				continue // Lambda's calls; see TestEventSourcesMayDoTheirWork
			}
			for _, on := range s.on {
				for _, action := range s.actions {
					if !slices.ContainsFunc(calls[folder], func(c call) bool { return c.action == action && c.on == on && s.allows(c) }) {
						t.Errorf("%s (%s) may %s on %s, and was not seen to", folder, s.from, action, on)
					}
				}
			}
		}
	}
}

// TestPoliciesKeepOut lists what must stay impossible whatever a function does.
func TestPoliciesKeepOut(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	for folder := range tpl.functions(t) {
		statements := tpl.statements(t, folder)
		for _, c := range []call{
			{action: "dynamodb:Scan", on: "MainTable"},
			{action: "dynamodb:Scan", on: "AuditTable"},
			{action: "dynamodb:PutItem", on: "AuditTable", keys: []string{"demo/log/0"}},
			{action: "dynamodb:DeleteItem", on: "AuditTable", keys: []string{"demo/log/0"}},
			{action: "dynamodb:DeleteTable", on: "MainTable"},
			{action: "dynamodb:GetItem", on: "MainTable", keys: []string{"_system/workspaces"}},
			{action: "dynamodb:Query", on: "MainTable", keys: []string{"_system/workspaces"}},
			{action: "dynamodb:BatchGetItem", on: "MainTable", keys: []string{"demo/settings", "_system/workspaces"}},
			{action: "dynamodb:PutItem", on: "MainTable", keys: []string{"_system/workspaces"}},
			{action: "dynamodb:DeleteItem", on: "MainTable", keys: []string{"_system/keys"}},
			{action: "dynamodb:BatchWriteItem", on: "MainTable", keys: []string{"_system/keys"}},
		} {
			if allowed(statements, c) {
				t.Errorf("%s may %s on %s (keys %q)", folder, c.action, c.on, c.keys)
			}
		}
		forge := call{action: "dynamodb:PutItem", on: "MainTable", keys: []string{"_system/keys"}}
		if allowed(statements, forge) && folder != boottest.RefreshKeys {
			t.Errorf("%s may put the keys that tokens are verified with", folder)
		}
		for _, s := range statements {
			for _, action := range s.actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s may %s", folder, action)
				}
			}
			if slices.Contains(s.on, "") {
				t.Errorf("%s: a resource that is not in the template", folder)
			}
			if strings.HasPrefix(s.actions[0], "dynamodb:") && slices.Contains(s.on, "MainTable") && s.keys == nil && s.notKeys == nil && s.sid == "" {
				t.Errorf("%s may %v on any row of the main table", folder, s.actions)
			}
		}
	}
}

// TestEventSourcesMayDoTheirWork has every function behind a queue or the stream
// allow its event source, which acts in its name, what AWS says that it needs.
func TestEventSourcesMayDoTheirWork(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	for id, source := range tpl.resources("AWS::Lambda::EventSourceMapping") {
		from := ref(at(source, "Properties", "EventSourceArn"))
		folder := tpl.folderOf(t, ref(at(source, "Properties", "FunctionName")))
		need := []call{{action: "sqs:ReceiveMessage", on: from}, {action: "sqs:DeleteMessage", on: from}, {action: "sqs:GetQueueAttributes", on: from}}
		if from == "MainTable" {
			need = []call{
				{action: "dynamodb:DescribeStream", on: from}, {action: "dynamodb:GetRecords", on: from},
				{action: "dynamodb:GetShardIterator", on: from}, {action: "dynamodb:ListStreams", on: from},
			}
		}
		if dead := ref(at(source, "Properties", "DestinationConfig", "OnFailure", "Destination")); dead != "" {
			need = append(need, call{action: "sqs:SendMessage", on: dead})
		}
		statements := slices.DeleteFunc(tpl.statements(t, folder), func(s statement) bool { return !strings.HasPrefix(s.sid, "EventSource") })
		granted := 0
		for _, s := range statements {
			granted += len(s.actions) * len(s.on)
		}
		for _, c := range need {
			if !allowed(statements, c) {
				t.Errorf("%s: %s may not %s on %s", id, folder, c.action, c.on)
			}
		}
		if granted != len(need) {
			t.Errorf("%s: %s allows its event source %d things, %d are needed: %s", id, folder, granted, len(need), fmt.Sprint(statements))
		}
	}
}
