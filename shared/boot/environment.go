package boot

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// The settings that template.yaml gives to functions, as environment variables.
const (
	Table      = "RUBRICA_TABLE"       // name of the main table
	AuditTable = "RUBRICA_AUDIT_TABLE" // name of the audit table

	// The identity provider, and what its claims are called. Without an issuer
	// only API tokens are accepted; an empty name is the standard one.
	Issuer            = "RUBRICA_ISSUER"
	Audience          = "RUBRICA_AUDIENCE"
	ClaimSubject      = "RUBRICA_CLAIM_SUBJECT"
	ClaimWorkspace    = "RUBRICA_CLAIM_WORKSPACE"
	ClaimRole         = "RUBRICA_CLAIM_ROLE"
	ClaimRestrictions = "RUBRICA_CLAIM_RESTRICTIONS"
	ClaimIntegration  = "RUBRICA_CLAIM_INTEGRATION"

	// JobRate is how many transactions a second a bulk job makes in one shard.
	JobRate = "RUBRICA_JOB_RATE"

	// Addresses of engines to use instead of AWS's, in tests.
	DynamoDB = "RUBRICA_DYNAMODB"
	SQS      = "RUBRICA_SQS"
)

// Queue is the setting that holds the URL of a queue.
func Queue(name string) string {
	return "RUBRICA_QUEUE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// Environment is what a function finds when it starts. What is asked for and not
// there is noted, so that all of it is told at once.
type Environment struct {
	// Log writes JSON lines, as Lambda's own format of logs wants them.
	Log *slog.Logger

	lookup  func(string) (string, bool)
	missing []string
	wrong   []error
}

// NewEnvironment returns an environment that looks variables up with lookup
// (os.LookupEnv, but for tests) and logs to w.
func NewEnvironment(lookup func(string) (string, bool), w io.Writer) *Environment {
	env := &Environment{lookup: lookup}
	env.Log = newLogger(w, env)
	return env
}

// Required is a setting without which the function cannot work; "" if it is
// missing, which Open then tells.
func (env *Environment) Required(name string) string {
	value := env.Optional(name)
	if value == "" && !slices.Contains(env.missing, name) {
		env.missing = append(env.missing, name)
	}
	return value
}

// Optional is a setting that may be missing or empty.
func (env *Environment) Optional(name string) string {
	value, _ := env.lookup(name)
	return value
}

// Refuse notes something else that keeps the function from starting.
func (env *Environment) Refuse(err error) { env.wrong = append(env.wrong, err) }

func (env *Environment) err() error {
	all := env.wrong
	if len(env.missing) > 0 {
		all = append(all, fmt.Errorf("set in the environment: %s", strings.Join(env.missing, ", ")))
	}
	return errors.Join(all...)
}
