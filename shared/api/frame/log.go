package frame

import (
	"context"
	"log/slog"
	"time"

	"rubrica/shared/problem"
)

// logLine is what one request leaves in the log: patterns, never paths or
// queries; ids, never values.
type logLine struct {
	route, workspace, caller string
	err                      error
}

func (a *API) write(ctx context.Context, r *Request, line *logLine, status int, took time.Duration) {
	level := slog.LevelInfo
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs, slog.String("requestId", r.ID), slog.String("route", line.route), slog.Int("status", status),
		slog.Int64("micros", took.Microseconds()))
	if line.workspace != "" {
		attrs = append(attrs, slog.String("workspace", line.workspace))
	}
	if line.err != nil {
		p := problem.Of(line.err)
		attrs = append(attrs, slog.String("code", p.Code))
		if status >= 500 {
			level = slog.LevelError
			attrs = append(attrs, slog.Any("error", p.Unwrap()))
		}
	}
	a.log.LogAttrs(ctx, level, "request", attrs...)
}
