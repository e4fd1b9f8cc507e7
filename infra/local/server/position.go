package server

import "github.com/go-json-experiment/json"

// position is the document of the relay's place in the change stream.
type position struct {
	Position string `json:"position"`
}

func positionIn(doc []byte) (string, error) {
	var p position
	err := json.Unmarshal(doc, &p)
	return p.Position, err
}

func positionDoc(at string) ([]byte, error) { return json.Marshal(position{at}) }
