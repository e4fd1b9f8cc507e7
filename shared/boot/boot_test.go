package boot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"rubrica/shared/boot"
)

// environment has the given settings, names and values in turn.
func environment(w io.Writer, settings ...string) *boot.Environment {
	return boot.NewEnvironment(func(name string) (string, bool) {
		for i := 0; i < len(settings); i += 2 {
			if settings[i] == name {
				return settings[i+1], true
			}
		}
		return "", false
	}, w)
}

type nothing struct{}

func (nothing) Invoke(context.Context, []byte) ([]byte, error) { return nil, nil }

func TestOpenNamesEachMissingSetting(t *testing.T) {
	t.Parallel()
	env := environment(io.Discard, boot.Table, "contacts", boot.AuditTable, "")
	_, err := boot.Open(env, func(env *boot.Environment) lambda.Handler {
		for _, name := range []string{boot.Table, boot.AuditTable, boot.Queue("purge-soon"), boot.AuditTable} {
			env.Required(name)
		}
		env.Optional(boot.Issuer)
		return nothing{}
	})
	if err == nil || err.Error() != "set in the environment: RUBRICA_AUDIT_TABLE, RUBRICA_QUEUE_PURGE_SOON" {
		t.Errorf("err = %v", err)
	}
}

func TestOpenTellsWhatElseIsWrong(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	_, err := boot.Open(environment(io.Discard), func(env *boot.Environment) lambda.Handler {
		env.Refuse(wrong)
		env.Required("A")
		return nothing{}
	})
	if !errors.Is(err, wrong) || !strings.Contains(err.Error(), "set in the environment: A") {
		t.Errorf("err = %v", err)
	}
}

func TestFunctionIsAFolderOfFunctions(t *testing.T) {
	t.Parallel()
	_, err := boot.Open(environment(io.Discard), func(env *boot.Environment) lambda.Handler {
		boot.Function(env)
		return nothing{}
	})
	if err == nil { // this program is a test, no function
		t.Error("a test may call itself a function")
	}
}

func TestAWSNeedsRegionAndCredentials(t *testing.T) {
	t.Parallel()
	_, err := boot.Open(environment(io.Discard, "AWS_REGION", "eu-west-1"), func(env *boot.Environment) lambda.Handler {
		boot.AWS(env)
		return nothing{}
	})
	if err == nil || err.Error() != "set in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY" {
		t.Errorf("err = %v", err)
	}
	env := environment(io.Discard, "AWS_REGION", "eu-west-1", "AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "secret", "AWS_SESSION_TOKEN", "session", boot.SQS, "http://127.0.0.1:9")
	cfg := boot.AWS(env)
	got, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil || cfg.Region != "eu-west-1" || got.AccessKeyID != "id" || got.SecretAccessKey != "secret" || got.SessionToken != "session" {
		t.Errorf("region %s, credentials of %s, %v", cfg.Region, got.AccessKeyID, err)
	}
	if e := boot.Endpoint(env, boot.SQS); e == nil || *e != "http://127.0.0.1:9" {
		t.Errorf("endpoint %v", e)
	}
	if e := boot.Endpoint(env, boot.DynamoDB); e != nil {
		t.Errorf("endpoint %v without a setting", *e)
	}
}

func TestInTime(t *testing.T) {
	t.Parallel()
	ends := time.Now().Add(10 * time.Second)
	invocation, cancel := context.WithDeadline(t.Context(), ends)
	defer cancel()
	ctx, cancel := boot.InTime(invocation)
	defer cancel()
	if soon, ok := ctx.Deadline(); !ok || ends.Sub(soon) != 500*time.Millisecond {
		t.Errorf("ends %s before the invocation", ends.Sub(soon))
	}
	ctx, cancel = boot.InTime(t.Context())
	defer cancel()
	if _, ok := ctx.Deadline(); ok {
		t.Error("a deadline out of nowhere")
	}
}

// line logs one line and returns it without its time.
func line(t *testing.T, settings []string, log func(context.Context, *slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "c6af9ac6"})
	log(ctx, environment(&out, settings...).Log)
	if out.Len() == 0 {
		return nil
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Fatalf("%d lines: %s", n, out.String())
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.RFC3339, got["timestamp"].(string)); err != nil {
		t.Error(err)
	}
	delete(got, "timestamp")
	return got
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	got := line(t, nil, func(ctx context.Context, log *slog.Logger) {
		log.With("queue", "audit").WarnContext(ctx, "slow", "micros", 7)
	})
	want := map[string]any{"level": "WARN", "message": "slow", "queue": "audit", "micros": 7.0, "invocation": "c6af9ac6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	for name, first := range map[string]int{"TRACE": 0, "DEBUG": 0, "": 1, "INFO": 1, "WARN": 2, "ERROR": 3, "FATAL": 3} {
		for i, level := range levels {
			got := line(t, []string{"AWS_LAMBDA_LOG_LEVEL", name}, func(ctx context.Context, log *slog.Logger) { log.Log(ctx, level, "x") })
			if (got != nil) != (i >= first) {
				t.Errorf("at %q, %s is logged: %t", name, level, got != nil)
			}
		}
	}
}

// TestMetrics holds lines that are metrics against CloudWatch's embedded metric
// format: every dimension and metric that the directive names is a member of the
// line itself, at most 30 dimensions and a time in milliseconds.
func TestMetrics(t *testing.T) {
	t.Parallel()
	for message, attrs := range map[string][]any{
		boot.Request:  {"route", "GET /v1/me", "micros", 1200},
		boot.Messages: {"handled", 3, "failed", 1},
		boot.Changes:  {"relayed", 3, "returned", 0},
		boot.Gap:      {"auditGaps", 2},
	} {
		got := line(t, []string{"AWS_LAMBDA_FUNCTION_NAME", "rubrica-x"}, func(ctx context.Context, log *slog.Logger) {
			log.InfoContext(ctx, message, attrs...)
		})
		raw, err := json.Marshal(got["_aws"])
		if err != nil {
			t.Fatal(err)
		}
		var directive struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		}
		if err := json.Unmarshal(raw, &directive); err != nil {
			t.Fatal(err)
		}
		if age := time.Since(time.UnixMilli(directive.Timestamp)); age < 0 || age > time.Minute {
			t.Errorf("%s: measured %s ago", message, age)
		}
		if len(directive.CloudWatchMetrics) != 1 || directive.CloudWatchMetrics[0].Namespace != "Rubrica" || got["function"] != "rubrica-x" {
			t.Fatalf("%s: %v", message, got)
		}
		m := directive.CloudWatchMetrics[0]
		for _, set := range m.Dimensions {
			for _, name := range set {
				if _, ok := got[name].(string); !ok {
					t.Errorf("%s: dimension %s is %v", message, name, got[name])
				}
			}
		}
		if len(m.Metrics) == 0 {
			t.Errorf("%s measures nothing", message)
		}
		for _, metric := range m.Metrics {
			if _, ok := got[metric.Name].(float64); !ok {
				t.Errorf("%s: metric %s is %v", message, metric.Name, got[metric.Name])
			}
		}
	}
}
