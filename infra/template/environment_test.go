package template_test

import (
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/api/frame"
	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/boot/eventfn"
	"rubrica/shared/boot/httpfn"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/boot/schedulefn"
	"rubrica/shared/boot/streamfn"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
)

// asked starts something and returns the settings of ours that it asks for.
func asked(start boot.Start) []string {
	names := map[string]bool{}
	env := boot.NewEnvironment(func(name string) (string, bool) {
		names[name] = true
		return "", false
	}, io.Discard)
	start(env)
	var ours []string
	for name := range names {
		// The addresses of engines are for tests; the rest is Lambda's own.
		if strings.HasPrefix(name, "RUBRICA_") && name != boot.DynamoDB && name != boot.SQS {
			ours = append(ours, name)
		}
	}
	slices.Sort(ours)
	return ours
}

// starts are how functions start, by folder.
func starts() map[string]boot.Start {
	all := map[string]boot.Start{
		boottest.Relay:       streamfn.Start(consume.Relayed(nil)...),
		boottest.RefreshKeys: schedulefn.Start(schedulefn.RefreshKeys),
	}
	for i, c := range consume.Relayed(nil) {
		all[c.Function] = queuefn.Start(func(l *ledger.Ledger) consume.Consumer { return consume.Relayed(l)[i] })
	}
	all["receive-events"] = eventfn.Start
	all["run-job"] = queuefn.StartPaced(consume.RunJob)
	return all
}

// TestSettings has each function have every setting that it asks for, and no
// setting that nobody asks for.
func TestSettings(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	globals := at(tpl.root, "Globals", "Function", "Environment", "Variables").(map[string]any)
	http := asked(httpfn.Start(func(*ledger.Ledger) []frame.Endpoint { return nil }))
	unused := maps.Clone(globals)
	special := starts()
	for folder, r := range ownSettings(tpl) {
		needs := http
		if start, ok := special[folder]; ok {
			needs = asked(start)
		}
		for _, name := range needs {
			delete(unused, name)
			if globals[name] == nil && r[name] == nil {
				t.Errorf("%s asks for %s, which the template does not set", folder, name)
			}
		}
		for name := range r {
			if !slices.Contains(needs, name) {
				t.Errorf("%s does not ask for %s", folder, name)
			}
		}
	}
	for name := range unused {
		t.Errorf("no function asks for %s", name)
	}
}

// ownSettings are the settings of each function that are not all functions'.
func ownSettings(tpl template) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, r := range tpl.resources("AWS::Serverless::Function") {
		own, _ := at(r, "Properties", "Environment", "Variables").(map[string]any)
		all[strings.TrimPrefix(text(r, "Properties", "CodeUri"), "functions/")] = own
	}
	return all
}

// TestSettingsNameTheirResource has each setting lead to what it is called for.
func TestSettingsNameTheirResource(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	globals := at(tpl.root, "Globals", "Function", "Environment", "Variables")
	for setting, want := range map[string]string{boot.Table: "MainTable", boot.AuditTable: "AuditTable", boot.Issuer: "Issuer", boot.Audience: "Audience"} {
		if got := ref(at(globals, setting)); got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
	relay := ownSettings(tpl)[boottest.Relay]
	queues := tpl.resources("AWS::SQS::Queue")
	for _, c := range consume.Relayed(nil) {
		setting := boot.Queue(c.Queue.Name)
		if got := queueName(queues[ref(relay[setting])]); got != deployed(c.Queue) {
			t.Errorf("%s is the queue %q", setting, got)
		}
	}
}
