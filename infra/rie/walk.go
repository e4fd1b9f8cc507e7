package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	aws "github.com/aws/aws-lambda-go/events"

	"rubrica/events"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
)

// walk has every function answer, and prints how it went.
func walk(ctx context.Context, out io.Writer, w *world, program string, programs map[string]string) error {
	passed, failed := 0, 0
	fill := events.Fill{Token: w.token}
	for _, function := range events.Functions() {
		began := time.Now()
		routes, err := visit(ctx, w, program, programs[function], function, &fill)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed++
			fmt.Fprintf(out, "%-18s FAILED %v\n", function, err)
		default:
			passed++
			fmt.Fprintf(out, "%-18s ok     %2d routes, %3d ms\n", function, routes, time.Since(began).Milliseconds())
		}
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return errFailed
	}
	return nil
}

// visit starts one function and asks it for all that it should answer.
func visit(ctx context.Context, w *world, program, bootstrap, function string, fill *events.Fill) (routes int, err error) {
	if err := refusesToStart(ctx, bootstrap, function); err != nil {
		return 0, err
	}
	e, err := emulate(ctx, program, bootstrap, function, w.settings)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	sample, err := events.Sample(function, *fill)
	if err != nil {
		return 0, err
	}
	answer, err := e.invoke(ctx, sample)
	if err != nil {
		return 0, err
	}
	if err := events.Check(function, answer); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, e.log)
	}
	if function == "create-contact" {
		if fill.Contact, err = events.Contact(answer); err != nil {
			return 0, err
		}
	}
	return e.checkRoutes(ctx, function)
}

// refusesToStart starts the function without any setting: it must say in one
// line which it lacks. One that needs none must have none to lack.
func refusesToStart(ctx context.Context, bootstrap, function string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bootstrap)
	cmd.Env = []string{}
	said, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		return fmt.Errorf("without settings it ends with %v, want exit status 1: %s", err, said)
	}
	if function == "describe-service" {
		return nil // all that it lacks is Lambda
	}
	if line := string(said); strings.Count(line, "\n") != 1 || !strings.Contains(line, "set in the environment: ") {
		return fmt.Errorf("without settings it says %q", line)
	}
	return nil
}

// checkRoutes asks, without a token, for every endpoint of the API: the
// function's own must answer, others must not be there.
func (e *emulator) checkRoutes(ctx context.Context, function string) (own int, err error) {
	endpoints := api.All(nil, nil)
	own = count(endpoints, function)
	if own == 0 {
		return 0, nil
	}
	for _, endpoint := range endpoints {
		status, err := e.ask(ctx, endpoint)
		if err != nil {
			return 0, err
		}
		there := status != 404 && status != 405
		if there != (endpoint.Function == function) {
			return 0, fmt.Errorf("%s %s, of %s, is answered with %d", endpoint.Method, endpoint.Pattern, endpoint.Function, status)
		}
	}
	return own, nil
}

func count(endpoints []frame.Endpoint, function string) (n int) {
	for _, e := range endpoints {
		if e.Function == function {
			n++
		}
	}
	return n
}

// ask sends a request without a token, and returns the status.
func (e *emulator) ask(ctx context.Context, endpoint frame.Endpoint) (int, error) {
	event := aws.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: strings.NewReplacer("{", "", "}", "").Replace(endpoint.Pattern)}
	event.RequestContext.RequestID = "routes"
	event.RequestContext.HTTP.Method = endpoint.Method
	payload, err := json.Marshal(event)
	if err != nil {
		return 0, err
	}
	raw, err := e.invoke(ctx, payload)
	if err != nil {
		return 0, err
	}
	var answer aws.APIGatewayV2HTTPResponse
	err = json.Unmarshal(raw, &answer)
	return answer.StatusCode, err
}
