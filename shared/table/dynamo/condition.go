package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rubrica/shared/table"
)

// Conditions as DynamoDB's expressions. An expired row is absent although it may
// be stored for days yet: TTL removal is a background job. A comparison with an
// attribute that is not there is false. A name that begins with an underscore
// needs a placeholder, #e for the expiry and #r for the revision.
const (
	whenThere   = "attribute_exists(pk) AND (attribute_not_exists(#e) OR #e > :now)"
	whenAbsent  = "attribute_not_exists(pk) OR #e <= :now"
	whenHasRev  = "#r = :read AND (attribute_not_exists(#e) OR #e > :now)"
	addAndStamp = "ADD #c :delta SET #r = :rev"
)

// expression is a condition, an update, or both, in the parts that every
// request has. Parts that are not needed are nil: DynamoDB refuses empty ones.
type expression struct {
	condition *string
	update    *string
	names     map[string]string
	values    item
	// old asks for the row that a failed condition was held against; it is free.
	old types.ReturnValuesOnConditionCheckFailure
}

// express builds the expressions of an action, expiry held against now.
func express(a table.Action, now int64) expression {
	var e expression
	if a.If.Test != table.Always || a.Verb == table.VerbAdd {
		e.names, e.values = make(map[string]string, 3), make(item, 4)
	}
	if a.Verb == table.VerbAdd {
		update := addAndStamp
		e.update = &update
		e.names["#c"], e.names["#r"] = table.AttrCount, table.AttrRev
		e.values[":delta"], e.values[":rev"] = number(a.Delta), text(string(a.Row.Rev))
	}
	var when string
	switch a.If.Test {
	case table.Always:
		return e
	case table.IsThere:
		when = whenThere
	case table.IsAbsent:
		when = whenAbsent
	case table.HasRev:
		when = whenHasRev
		e.names["#r"], e.values[":read"] = table.AttrRev, text(string(a.If.Rev))
	}
	e.condition = &when
	e.names["#e"], e.values[":now"] = table.AttrExpires, number(now)
	e.old = types.ReturnValuesOnConditionCheckFailureAllOld
	return e
}
