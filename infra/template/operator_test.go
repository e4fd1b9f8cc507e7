package template_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
)

// alarm is an alarm's properties and all that it measures.
type alarm struct {
	properties any
	// metrics are what it looks at: namespace, name and the value of the one
	// dimension, a logical id.
	metrics []string
}

func (t template) alarms(tt *testing.T) map[string]alarm {
	tt.Helper()
	all := map[string]alarm{}
	query := regexp.MustCompile(`^SELECT SUM\((\w+)\) FROM SCHEMA\("(AWS/\w+)", \w+\) WHERE (.+)$`)
	inQuery := regexp.MustCompile(`^FunctionName = '\$\{(\w+)\}'$`)
	for id, r := range t.resources("AWS::CloudWatch::Alarm") {
		a := alarm{properties: r["Properties"]}
		add := func(metric any) {
			for _, d := range list(metric, "Dimensions") {
				of := ref(at(d, "Value"))
				a.metrics = append(a.metrics, text(metric, "Namespace")+" "+text(metric, "MetricName")+" "+of)
			}
		}
		add(a.properties)
		for _, m := range list(a.properties, "Metrics") {
			add(at(m, "MetricStat", "Metric"))
			sql := text(m, "Expression", "Fn::Sub")
			if sql == "" {
				continue
			}
			parts := query.FindStringSubmatch(sql)
			if parts == nil {
				tt.Fatalf("%s: a query that is not understood here: %s", id, sql)
			}
			for _, where := range strings.Split(parts[3], " OR ") {
				name := inQuery.FindStringSubmatch(where)
				if name == nil {
					tt.Fatalf("%s: %q", id, where)
				}
				a.metrics = append(a.metrics, parts[2]+" "+parts[1]+" "+name[1])
			}
		}
		all[id] = a
	}
	return all
}

// TestAlarms has an alarm on whatever would else go wrong in silence.
func TestAlarms(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	alarms := tpl.alarms(t)
	looked := map[string]bool{}
	for id, a := range alarms {
		for _, m := range a.metrics {
			looked[m] = true
		}
		if len(a.metrics) == 0 {
			t.Errorf("%s looks at nothing", id)
		}
		if actions := list(a.properties, "AlarmActions"); len(actions) != 1 || ref(actions[0]) != "Alarms" {
			t.Errorf("%s tells nobody", id)
		}
		if text(a.properties, "AlarmDescription") == "" || !strings.HasPrefix(text(a.properties, "AlarmName", "Fn::Sub"), "${AWS::StackName}-") {
			t.Errorf("%s does not say what it is", id)
		}
		if text(a.properties, "TreatMissingData") == "" {
			t.Errorf("%s does not say what silence means", id)
		}
	}
	want := map[string]bool{
		"AWS/ApiGateway 5xx Api": true, "AWS/Lambda IteratorAge RelayChanges": true, "Rubrica auditGaps ReadAudit": true,
	}
	for id, q := range tpl.resources("AWS::SQS::Queue") {
		if strings.HasSuffix(strings.TrimSuffix(queueName(q), ".fifo"), "-dead") {
			want["AWS/SQS ApproximateNumberOfMessagesVisible "+id] = true
		} else {
			want["AWS/SQS ApproximateAgeOfOldestMessage "+id] = true
		}
	}
	for folder, f := range tpl.functions(t) {
		want["AWS/Lambda Errors "+text(f, "LogicalId")] = true
		if folder != boottest.RefreshKeys { // which is not invoked twice at a time
			want["AWS/Lambda Throttles "+text(f, "LogicalId")] = true
		}
	}
	for _, m := range slices.Sorted(maps.Keys(want)) {
		if !looked[m] {
			t.Errorf("no alarm looks at %s", m)
		}
	}
}

// measured are our own metrics: name and what they are of, as functions log them.
func measured(t *testing.T) map[string][][]string {
	t.Helper()
	found := map[string][][]string{}
	for _, message := range []string{boot.Request, boot.Messages, boot.Changes, boot.Gap} {
		var out bytes.Buffer
		env := boot.NewEnvironment(func(string) (string, bool) { return "f", true }, &out)
		env.Log.Log(t.Context(), slog.LevelInfo, message)
		var line struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		for _, m := range line.AWS.CloudWatchMetrics {
			for _, metric := range m.Metrics {
				found[m.Namespace+" "+metric.Name] = m.Dimensions
			}
		}
	}
	return found
}

// TestOwnMetricsAreMeasured has every metric of ours that an alarm looks at be
// one that functions log, with the same dimensions.
func TestOwnMetricsAreMeasured(t *testing.T) {
	t.Parallel()
	have := measured(t)
	for id, a := range read(t).alarms(t) {
		if text(a.properties, "Namespace") != "Rubrica" {
			continue
		}
		var names []string
		for _, d := range list(a.properties, "Dimensions") {
			names = append(names, text(d, "Name"))
		}
		name := "Rubrica " + text(a.properties, "MetricName")
		if !slices.ContainsFunc(have[name], func(dimensions []string) bool { return slices.Equal(dimensions, names) }) {
			t.Errorf("%s looks at %s by %v, which nobody measures", id, name, names)
		}
	}
}

// TestDashboard has the dashboard be JSON, of widgets that show something that
// exists.
func TestDashboard(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	body := text(tpl.resources("AWS::CloudWatch::Dashboard")["Dashboard"], "Properties", "DashboardBody", "Fn::Sub")
	resources := at(tpl.root, "Resources").(map[string]any)
	for _, name := range regexp.MustCompile(`\$\{([A-Za-z]+)[.}]`).FindAllStringSubmatch(body, -1) {
		if resources[name[1]] == nil {
			t.Errorf("the dashboard shows %s", name[1])
		}
	}
	have := measured(t)
	for _, name := range regexp.MustCompile(`"Rubrica", "(\w+)"`).FindAllStringSubmatch(body, -1) {
		if have["Rubrica "+name[1]] == nil {
			t.Errorf("the dashboard shows %s, which nobody measures", name[1])
		}
	}
	var board struct {
		Widgets []struct {
			X, Y, Width, Height int
			Properties          map[string]any
		}
	}
	if err := json.Unmarshal([]byte(body), &board); err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for _, w := range board.Widgets {
		if w.X+w.Width > 24 || w.Properties["title"] == nil || w.Properties["region"] == nil {
			t.Errorf("a widget at %d, %d: %v", w.X, w.Y, w.Properties["title"])
		}
		if at := fmt.Sprint(w.X, " ", w.Y); taken[at] {
			t.Errorf("two widgets at %s", at)
		} else {
			taken[at] = true
		}
	}
	if len(board.Widgets) < 10 {
		t.Errorf("%d widgets", len(board.Widgets))
	}
}

// TestLogs has every function log to a group that is kept for as long as the
// operator says, in JSON, and the gateway log nothing that names a person.
func TestLogs(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	groups := tpl.resources("AWS::Logs::LogGroup")
	for id, g := range groups {
		if text(g, "Properties", "RetentionInDays", "Ref") != "LogRetentionDays" {
			t.Errorf("%s is kept for ever", id)
		}
	}
	format := text(tpl.root, "Globals", "Function", "LoggingConfig", "LogFormat")
	for folder, f := range tpl.functions(t) {
		if group := ref(at(f, "LoggingConfig", "LogGroup")); groups[group] == nil || format != "JSON" {
			t.Errorf("%s logs %s to %q", folder, format, group)
		}
	}
	access := at(tpl.resources("AWS::Serverless::HttpApi")["Api"], "Properties", "AccessLogSettings")
	if groups[ref(at(access, "DestinationArn"))] == nil {
		t.Error("the gateway logs to a group that is not here")
	}
	line := text(access, "Format")
	for _, variable := range regexp.MustCompile(`\$context\.[\w.]+`).FindAllString(line, -1) {
		switch variable {
		case "$context.requestId", "$context.requestTime", "$context.routeKey", "$context.protocol", "$context.status", "$context.responseLength",
			"$context.responseLatency", "$context.integrationLatency", "$context.integrationStatus", "$context.error.message":
		default:
			t.Errorf("the gateway logs %s", variable)
		}
	}
	if !strings.Contains(line, `"routeKey":"$context.routeKey"`) {
		t.Errorf("the gateway does not log routes: %s", line)
	}
}

// TestFunctionsAreBounded has every function say what it may use, and why.
func TestFunctionsAreBounded(t *testing.T) {
	t.Parallel()
	for folder, f := range read(t).functions(t) {
		if m := number(f, "MemorySize"); m < 128 || m > 1024 {
			t.Errorf("%s has %d MB", folder, m)
		}
		most := 60
		if folder == "detach-contacts" || folder == "plan-job" {
			most = 300 // of work that grows with the workspace
		}
		if timeout := number(f, "Timeout"); timeout < 3 || timeout > most {
			t.Errorf("%s has %d seconds", folder, timeout)
		}
		if text(f, "Tracing") != "Active" || text(f, "Runtime") != "provided.al2023" || fmt.Sprint(f["Architectures"]) != "[arm64]" {
			t.Errorf("%s is not traced, or runs on %v %v", folder, f["Runtime"], f["Architectures"])
		}
	}
}
