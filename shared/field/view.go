package field

// View is a field as the wire shows it.
type View struct {
	Key       string   `json:"key"`
	Label     string   `json:"label"`
	Type      Type     `json:"type"`
	Folder    string   `json:"folder"`
	Position  int      `json:"position"`
	Options   []string `json:"options,omitempty"`
	Standard  bool     `json:"standard"`
	ManagedBy string   `json:"managedBy,omitzero"`
	Shown     bool     `json:"shown"`
}

// View shows the field.
func (d *Definition) View() View {
	return View{
		Key: d.Key, Label: d.Label, Type: d.Type, Folder: d.Folder, Position: d.Position, Options: d.Options,
		Standard: d.Standard, ManagedBy: d.ManagedBy, Shown: !d.Hidden,
	}
}
