package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func dial(t *testing.T, c *Client) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// onTheWire sends a request as it stands, all of it before it looks for an
// answer, as most clients do and Go's does not.
func onTheWire(t *testing.T, c *Client, method, target, body string) *http.Response {
	t.Helper()
	conn := dial(t, c)
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: rubrica\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		method, target, c.Token, len(body))
	if _, err := io.WriteString(conn, head+body); err != nil {
		t.Fatalf("%s %s with %d bytes: sending: %v", method, target, len(body), err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s %s with %d bytes: receiving: %v", method, target, len(body), err)
	}
	return resp
}

func TestTooLargeIsSaidToWhoeverSendsAllFirst(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	owner := service.Workspace(t).As(t, "owner")
	body := strings.Repeat(" ", 10<<20)
	for _, r := range []struct {
		client         *Client
		method, target string
		status         int
	}{
		{owner, "POST", "/v1/contacts", 413},
		{owner, "GET", "/v1/me", 413},
		{owner, "POST", "/v1/nothing", 404},
		{owner, "POST", "/v1/me", 405},
		{service.Anonymous(), "POST", "/v1/contacts", 401},
		{owner, "POST", "/local/token", 413},
	} {
		resp := onTheWire(t, r.client, r.method, r.target, body)
		if resp.StatusCode != r.status || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s with 10 MB: %s, %s; want a problem document with %d", r.method, r.target, resp.Status, resp.Header.Get("Content-Type"), r.status)
		}
	}
}

func TestABodyThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	for name, sent := range map[string]string{
		"CutOff": "Content-Length: 100\r\n\r\n{}", "NoChunks": "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
		"ChunksCutOff": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
	} {
		conn := dial(t, owner)
		if _, err := fmt.Fprintf(conn, "POST /v1/contacts HTTP/1.1\r\nHost: rubrica\r\nAuthorization: Bearer %s\r\n%s", owner.Token, sent); err != nil {
			t.Fatal(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: receiving: %v", name, err)
			continue
		}
		if resp.StatusCode != 400 || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s, %s; want a problem document with 400", name, resp.Status, resp.Header.Get("Content-Type"))
		}
	}
	if made := owner.All(t, "/v1/contacts"); len(made) != 0 {
		t.Errorf("refused bodies have made contacts: %v", made)
	}
}

func TestAllPathsAreRefusedAlike(t *testing.T) {
	t.Parallel()
	if resp := onTheWire(t, Owner(t), "OPTIONS", "*", ""); resp.StatusCode != 404 {
		t.Errorf("OPTIONS *: %s", resp.Status)
	}
}
