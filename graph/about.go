package graph

import "slices"

// About is what is to be known of a model beside what it computes. It goes with the model into its file, and into copies of it.
type About struct {
	Loss        string   // with which it was trained, as losses.Parse reads it; "" of a model that was not, or of a loss that has no text
	Classes     []string // what each class that it tells is called; nil where it tells none
	Preparation string   // what is done to samples before it sees them, JSON of package datasets; "" where that is nothing, or not known
	Run         string   // the id of the run that trained it; "" of none that was kept
}

// About is what is known of the model; Fit fills it in.
func (m *Model) About() About {
	a := m.made().about
	a.Classes = slices.Clone(a.Classes)
	return a
}

// SetAbout says what is to be known of the model; of a nil model it does nothing.
func (m *Model) SetAbout(a About) {
	if m != nil {
		a.Classes = slices.Clone(a.Classes)
		m.about = a
	}
}
