package sweep

import (
	"fmt"
	"strings"
	"sync"

	"rubrica/shared/queue"
	queuefault "rubrica/shared/queue/fault"
	"rubrica/shared/table"
	tablefault "rubrica/shared/table/fault"
)

// call is one call of a driver, of whichever seam.
type call struct {
	number int
	seam   seam
	// table is a call of one of the tables, queue one of the queues.
	table tablefault.Call
	queue queuefault.Call
	// afterwards says that the client had its answer by then.
	afterwards bool
}

type seam string

const (
	mainTable  seam = "main"
	auditTable seam = "audit"
	queues     seam = "queue"
)

func (c call) String() string {
	if c.seam == queues {
		return fmt.Sprintf("call %d, %s to %s", c.number, c.queue.Kind, c.queue.Queue)
	}
	var parts []string
	for _, k := range c.table.Keys {
		parts = append(parts, k.Partition().Parts()[0])
	}
	for _, r := range c.table.Ranges {
		parts = append(parts, r.Of.Parts()[0]+"…")
	}
	return fmt.Sprintf("call %d, %s %s [%s]", c.number, c.table.Kind, c.seam, strings.Join(parts, " "))
}

// effect is what one call is made to do.
type effect struct {
	table tablefault.Fault
	queue queuefault.Fault
	// kill ends the process with this call.
	kill bool
}

// script numbers the calls of a process over all its drivers, and says what
// becomes of each. Calls are made one at a time.
type script struct {
	mu         sync.Mutex
	plan       func(call) effect
	calls      []call
	dead       bool
	afterwards bool
}

// arm begins a part of a run: calls are numbered from 1.
func (s *script) arm(plan func(call) effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan, s.calls, s.dead, s.afterwards = plan, nil, false, false
}

// answered says that what follows is nobody's request.
func (s *script) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.afterwards = true
}

// isDead tells whether the process has ended; all its calls fail since.
func (s *script) isDead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// revive is for the next process.
func (s *script) revive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = false
}

// ask numbers a call and says what becomes of it.
func (s *script) ask(c call) effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return effect{table: tablefault.FailBefore(), queue: queuefault.FailBefore}
	}
	c.number, c.afterwards = len(s.calls)+1, s.afterwards
	s.calls = append(s.calls, c)
	if s.plan == nil {
		return effect{}
	}
	e := s.plan(c)
	s.dead = e.kill
	return e
}

// aroundTable puts the script around a table.
func (s *script) aroundTable(of seam, driver table.Driver) table.Driver {
	d := tablefault.New(driver)
	d.Arm(func(c tablefault.Call) tablefault.Fault { return s.ask(call{seam: of, table: c}).table })
	return d
}

// aroundQueues puts it around the queues.
func (s *script) aroundQueues(driver queue.Driver) queue.Driver {
	return queuefault.New(driver, func(c queuefault.Call) queuefault.Fault { return s.ask(call{seam: queues, queue: c}).queue }, nil)
}
