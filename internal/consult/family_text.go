package consult

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// ContractTextVersion is the version of the family-doctor contract's text in force.
const ContractTextVersion = "2026-01"

// ContractParties fills the blanks of a family-doctor contract. The contract is written in Chinese: it is what is signed.
type ContractParties struct {
	Number, Resident, Sex, Birth, Identity, Home, Bed string
	Organisation, Team, Leader, Phone                 string
	From, To                                          Date
	Items                                             []string // codes
}

// RenderContract gives the text of a version with the parties in it, and the hash of the very words that are signed. An unknown
// version is refused with fd_contract_text.
func RenderContract(version string, p ContractParties) (ConsentText, error) {
	raw, err := files.ReadFile("data/fd_contract_" + version + "_zh.md")
	if err != nil || version != ContractTextVersion {
		return ConsentText{}, refuse(CodeContractText)
	}
	var items strings.Builder
	for _, of := range []Package{PackageBasic, PackagePersonalised} {
		first := true
		for _, i := range packageItems().rows {
			if i.Package != of || !slices.Contains(p.Items, i.Code) {
				continue
			}
			if first {
				items.WriteString("【" + Label(VocabPackage, string(of), ZH) + "】\n\n")
			}
			first = false
			items.WriteString("- " + i.ZH)
			if i.PerYear > 0 {
				items.WriteString("（每年不少于" + strconv.Itoa(i.PerYear) + "次）")
			}
			items.WriteString("\n")
		}
		if !first {
			items.WriteString("\n")
		}
	}
	body := strings.NewReplacer("{version}", version, "{number}", p.Number, "{resident}", p.Resident, "{sex}", Label(VocabSex, p.Sex, ZH), "{birth}", p.Birth,
		"{identity}", p.Identity, "{home}", p.Home, "{bed}", p.Bed, "{organisation}", p.Organisation, "{team}", p.Team, "{leader}", p.Leader, "{phone}", p.Phone,
		"{from}", p.From.String(), "{to}", p.To.String(), "{items}", strings.TrimSpace(items.String())).Replace(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	sum := sha256.Sum256([]byte(body))
	return ConsentText{Version: version, Lang: ZH, Body: body, Hash: hex.EncodeToString(sum[:])}, nil
}
