package field

// nowhere is where something stood that is new among its like.
const nowhere = -1

// placed is what has a place among its like: fields in their folder, and folders.
// Places are numbers that no two share; what is removed leaves a gap.
type placed interface{ place() int }

func (d Definition) place() int { return d.Position }

func (f Folder) place() int { return f.Position }

// behind is the place behind all others, which are in their order, of one that
// stands at from now: if they have to close up for it, it is the last one's.
func behind[P placed](others []P, from int) int {
	if len(others) == 0 {
		return 0
	}
	last := others[len(others)-1].place()
	if from != nowhere && from < last {
		return last
	}
	return last + 1
}

// giveWay tells the places of all others, which are in their order, once one has
// moved from a place to another. Where it moves down, those that it passes close up
// behind it; where it moves up or is new, who stands there moves one further, and so
// do those who would be in the way then.
func giveWay[P placed](others []P, from, to int) []int {
	places := make([]int, len(others))
	down := from != nowhere && from < to
	for i, other := range others {
		at := other.place()
		switch {
		case down && from < at && at <= to:
			at--
		case !down && at == to:
			at++
			to = at
		}
		places[i] = at
	}
	return places
}
