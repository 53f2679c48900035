package consult

// DeclarationInfo is a duty of an institution that no machine can see: it declares once a year that it keeps it, with the document that
// proves it, and the gates ask whether a declaration is in force.
type DeclarationInfo struct {
	Term
	Rule    string   // such as G-IH-14
	Parties []string // who declares it: INVITER, INVITEE
	Hint    Term     // what the document has to show
}

// The sides of a consultation that declare.
const (
	PartyInviter = "INVITER"
	PartyInvitee = "INVITEE"
	partyBoth    = "BOTH"
)

var declarations = loadTable("declarations.csv", func(r record) DeclarationInfo {
	return DeclarationInfo{Term: r.labels(), Rule: r.text("rule"), Parties: r.list("parties"), Hint: Term{Code: r.text("code"), ZH: r.text("hint_zh"), EN: r.text("hint_en")}}
})

// DeclarationsOf lists what an institution declares: a care institution what an inviting side has to, a medical one everything.
func DeclarationsOf(medical bool) []DeclarationInfo {
	var out []DeclarationInfo
	for _, d := range declarations().all() {
		for _, p := range d.Parties {
			if medical || p == PartyInviter {
				out = append(out, d)
				break
			}
		}
	}
	return out
}

// DeclarationLongest is the last day of a declaration whose document is of a day: what is declared is declared anew each year.
func DeclarationLongest(dated Date) Date { return dated.AddYears(1).AddDays(-1) }

// CheckDeclaration refuses a document of a day to come (declaration_dated), and a last day that has passed, lies before the document or more
// than a year after it (declaration_term).
func CheckDeclaration(dated, last, today Date) error {
	switch {
	case dated.After(today):
		return refuse(CodeDeclarationDated)
	case last.Before(today) || last.Before(dated) || last.After(DeclarationLongest(dated)):
		return refuse(CodeDeclarationTerm, "until", DeclarationLongest(dated).String())
	}
	return nil
}

// Declarations are what an institution has declared, by code. Nil: not known, so that nothing is said against it; what is not in it was
// not declared.
type Declarations map[string]Licence

// Add takes in a declaration; of several of a kind the one that lasts longest is kept.
func (d Declarations) Add(code string, from, to Date) {
	if have, ok := d[code]; !ok || have.To.Before(to) {
		d[code] = Licence{Held: true, From: from, To: to}
	}
}

// declared asks whether a duty is declared by those who have to (G-RM-11, G-RM-12, G-IH-08, G-IH-11, G-IH-12, G-IH-14, G-IH-15).
func declared(code string) func(Situation, ServiceType) *Refusal {
	return func(s Situation, _ ServiceType) *Refusal {
		info, _ := declarations().get(code)
		lacking := ""
		for _, p := range info.Parties {
			have := s.InviterDeclared
			if p == PartyInvitee {
				have = s.Invitee.Declared
			}
			switch {
			case have == nil || have[code].ValidOn(s.Day):
			case lacking == "":
				lacking = p
			default:
				lacking = partyBoth
			}
		}
		if lacking == "" {
			return nil
		}
		return refuse(CodeGateNotDeclared, "declaration", code, "party", lacking)
	}
}
