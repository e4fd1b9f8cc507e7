package boot

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// newLogger returns a logger of JSON lines whose members are called as Lambda's
// JSON logs call them (level, timestamp, message), so that its filter by level
// works, and which names the invocation beside the request. Some lines are
// metrics too; see metric.go.
func newLogger(w io.Writer, env *Environment) *slog.Logger {
	json := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: logLevel(env.Optional("AWS_LAMBDA_LOG_LEVEL")), ReplaceAttr: rename})
	return slog.New(&logHandler{Handler: json, function: env.Optional("AWS_LAMBDA_FUNCTION_NAME")})
}

// logLevel is the least level that is logged, as Lambda's settings call it.
func logLevel(name string) slog.Level {
	switch name {
	case "TRACE", "DEBUG":
		return slog.LevelDebug
	case "WARN":
		return slog.LevelWarn
	case "ERROR", "FATAL":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

func rename(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch a.Key {
		case slog.TimeKey:
			a.Key = "timestamp"
		case slog.MessageKey:
			a.Key = "message"
		}
	}
	return a
}

// logHandler adds to each line the id of the invocation, which Lambda's own
// lines of it (start, report, trace) carry as well, and what makes it a metric.
type logHandler struct {
	slog.Handler
	function string
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("invocation", invocation.AwsRequestID))
	}
	if metrics := metricsOf(r.Message); metrics != nil && h.function != "" {
		r.AddAttrs(slog.String("function", h.function), directive(metrics, r.Time))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.Handler.WithAttrs(attrs), h.function}
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.Handler.WithGroup(name), h.function}
}
