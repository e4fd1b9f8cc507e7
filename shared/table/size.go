package table

// Attributes that a driver stores a row's own members in; a Doc may not use them.
const (
	AttrPK      = "pk"
	AttrSK      = "sk"
	AttrRev     = "_rev"
	AttrSchema  = "_schema"
	AttrExpires = "_expires"
	AttrOut     = "_out"
	AttrCount   = "_count"
)

// Size is the size of a row in bytes as DynamoDB counts it: names and values of
// all attributes, keys included. It fails if Doc is not a JSON object, or has a
// member that begins with an underscore or is named as a key.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func Size(r Row) (int, error) {
	n := len(AttrPK) + len(r.Key.PK()) + len(AttrSK) + len(r.Key.SK())
	n += len(AttrRev) + len(r.Rev)
	if r.Rev == "" {
		n += 12 // as Write will assign it
	}
	if r.Schema != 0 {
		n += len(AttrSchema) + numberSize(4)
	}
	if !r.Expires.IsZero() {
		n += len(AttrExpires) + numberSize(10)
	}
	if r.Out != "" {
		n += len(AttrOut) + len(r.Out)
	}
	if r.Count != 0 {
		n += len(AttrCount) + numberSize(10)
	}
	if len(r.Doc) == 0 {
		return n, nil
	}
	doc, err := docSize(r.Doc)
	return n + doc, err
}

func numberSize(digits int) int { return digits/2 + 2 }
