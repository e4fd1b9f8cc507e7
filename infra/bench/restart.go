package main

import (
	"context"
	"fmt"
	"time"
)

// restart says how long a server takes until it serves again, after it was
// stopped, and after it was killed while contacts were being created: then it
// has the most of its log to read again.
func (b *bench) restart(ctx context.Context, binary string) error {
	const kill = "kill -9"
	for _, how := range []string{"a stop", kill, kill, kill} { // how much log there is, is chance
		if how != kill {
			b.server.stop()
		} else if err := b.kill(); err != nil {
			return err
		}
		again, err := startServer(ctx, binary, b.server.data)
		if err != nil {
			return err
		}
		b.server = again
		fmt.Printf("restart after %s with %d contacts: serves after %d ms\n", how, len(b.people), again.start.Milliseconds())
	}
	return nil
}

// kill ends the server without a warning, amid creates.
func (b *bench) kill() error {
	gone := make(chan error, 1)
	go func() {
		gone <- b.connections(8, func(c *client) error {
			for {
				if err := b.create(c, person); err != nil {
					return err // at the end it is killed
				}
			}
		})
	}()
	select {
	case err := <-gone:
		return fmt.Errorf("creating until the kill: %w", err)
	case <-time.After(b.length):
	}
	if err := b.server.cmd.Process.Kill(); err != nil {
		return err
	}
	<-gone
	_ = b.server.cmd.Wait() // it was killed
	return nil
}
