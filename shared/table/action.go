package table

// Verb is what an Action does to its row.
type Verb uint8

// The verbs of an Action.
const (
	VerbPut Verb = iota + 1
	VerbDelete
	VerbAdd
	VerbCheck
)

// Action is one step of a Write. No two actions of a Write may name one row.
type Action struct {
	Verb Verb
	// Row is what a put stores; of the other verbs only Row.Key counts, and
	// Row.Rev, the revision that an add leaves behind.
	Row   Row
	Delta int64 // of an add
	If    Condition
}

// Put stores the row, replacing what was there.
func Put(row Row, only ...Condition) Action {
	return Action{Verb: VerbPut, Row: row, If: first(only)}
}

// Delete removes the row; deleting an absent one is fine unless a condition
// says otherwise.
func Delete(key Key, only ...Condition) Action {
	return Action{Verb: VerbDelete, Row: Row{Key: key}, If: first(only)}
}

// Add adds delta to the row's Count; an absent row is created with it. Counters
// hold nothing else and never expire.
func Add(key Key, delta int64, only ...Condition) Action {
	return Action{Verb: VerbAdd, Row: Row{Key: key}, Delta: delta, If: first(only)}
}

// Check changes nothing and holds the whole Write to the condition.
func Check(key Key, only Condition) Action {
	return Action{Verb: VerbCheck, Row: Row{Key: key}, If: only}
}

func first(cs []Condition) Condition {
	if len(cs) == 0 {
		return Condition{}
	}
	return cs[0]
}

// Test is what a Condition asks of a row.
type Test uint8

// The tests of a Condition. An expired row is absent to every one of them.
const (
	Always Test = iota
	IsThere
	IsAbsent
	HasRev
)

// Condition must hold for a Write to be applied. The zero Condition always does.
type Condition struct {
	Test Test
	Rev  Rev // of HasRev
}

// Exists holds if the row is there.
func Exists() Condition { return Condition{Test: IsThere} }

// Absent holds if the row is not there.
func Absent() Condition { return Condition{Test: IsAbsent} }

// Unchanged holds if the row is as it was read: same revision, or absent still.
func Unchanged(read Row) Condition {
	if !read.Exists() {
		return Absent()
	}
	return Condition{Test: HasRev, Rev: read.Rev}
}

// Holds tells whether the condition holds for a stored row (zero if absent or
// expired), for drivers that check conditions themselves.
func (c Condition) Holds(stored Row) bool {
	switch c.Test {
	case IsThere:
		return stored.Exists()
	case IsAbsent:
		return !stored.Exists()
	case HasRev:
		return stored.Exists() && stored.Rev == c.Rev
	default:
		return true
	}
}
