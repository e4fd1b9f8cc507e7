package server

import (
	"log/slog"
	"sync"
	"time"

	"rubrica/shared/job"
	"rubrica/shared/tenant"
)

// progressEvery is how often a job is told of in the log while it runs.
const progressEvery = 2 * time.Second

// progress logs how far jobs are: ids and numbers.
type progress struct {
	log *slog.Logger

	mu   sync.Mutex
	last time.Time
}

func (p *progress) tell(ws tenant.Workspace, v job.View) {
	p.mu.Lock()
	defer p.mu.Unlock()
	over := v.Status == job.Completed || v.Status == job.Cancelled || v.Status == job.Failed
	if !over && time.Since(p.last) < progressEvery {
		return
	}
	p.last = time.Now()
	attrs := []any{
		"workspace", ws.String(), "job", v.ID, "type", v.Type, "status", v.Status,
		"done", v.Done, "failed", v.Failed, "skipped", v.Skipped, "rate", v.Rate,
	}
	if v.Total != nil {
		attrs = append(attrs, "total", *v.Total)
	}
	if v.EstimatedAt != 0 {
		attrs = append(attrs, "estimatedAt", v.EstimatedAt.String())
	}
	p.log.Info("job", attrs...)
}
