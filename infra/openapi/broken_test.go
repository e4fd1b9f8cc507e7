package openapi_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestBrokenBodiesAreNotAnswered: a body that ends too early, or whose chunks
// are none, was never read, so it must not be answered as if it had been.
func TestBrokenBodiesAreNotAnswered(t *testing.T) {
	t.Parallel()
	d := sit(t, serve(t), nil)
	for name, rest := range map[string]string{
		"CutShort":      "Content-Length: 100\r\n\r\n{}",
		"BadChunk":      "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
		"ChunkCutShort": "Transfer-Encoding: chunked\r\n\r\n9\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.DialTimeout("tcp", strings.TrimPrefix(d.server.URL, "http://"), time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, err = fmt.Fprintf(conn, "POST /v1/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%s", d.token, rest)
			if err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(string(answer), "HTTP/1.1 2") {
				t.Errorf("answered %s", answer)
			}
		})
	}
}
