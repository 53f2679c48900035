package dossier

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// About is what stands on the first page.
type About struct {
	Resident     uuid.UUID
	Organisation string
	By           string // who exports
	At           time.Time
}

// hidden are tables that hold no data of the resident, only what the program needs to work, what an authority noted of its inspection,
// and what a doctor has not signed: a draft is no statement about anybody.
func hidden() []string {
	return []string{"blobs", "consent_codes", "rating_links", "ledger_due", "sample_rows", "report_drafts"}
}

// others are columns that say something of somebody else: who complained, in confidence, and how to reach them. The complaint itself
// stays.
func others(table, column string) bool {
	return table == "complaints" && (column == "complainant_enc" || column == "contact_enc")
}

// table is the rows of one table as they are written.
type table struct {
	Name string
	Rows []map[string]any
}

// Write writes the zip. What it read when is one snapshot but for files, which never change.
func Write(ctx context.Context, w io.Writer, st *store.Store, keep *seal.Keeper, about About) error {
	lineage, err := store.LineageOf(ctx, st.Pool, about.Resident.String())
	if err != nil {
		return err
	}
	var own struct {
		Organisation string `json:"organisation_id"`
	}
	if rows := lineage.Table("residents").Rows; len(rows) != 1 {
		return errors.New("there is no such resident")
	} else if err := json.Unmarshal([]byte(rows[0]), &own); err != nil {
		return fmt.Errorf("the resident: %w", err)
	}
	out := &packer{zip: zip.NewWriter(w), sums: map[string]string{}, at: about.At}
	var tables []table
	for _, t := range lineage.Tables {
		if slices.Contains(hidden(), t.Name) {
			continue
		}
		opened, err := open(keep, t, own.Organisation)
		if err != nil {
			return err
		}
		if len(opened.Rows) == 0 {
			continue
		}
		tables = append(tables, opened)
		text, err := json.MarshalIndent(opened.Rows, "", "  ")
		if err != nil {
			return err
		}
		if err := out.add("data/"+t.Name+".json", append(text, '\n')); err != nil {
			return err
		}
	}
	files, err := out.files(ctx, st, keep, tables)
	if err != nil {
		return err
	}
	if err := out.page(about, tables, files); err != nil {
		return err
	}
	return out.manifest(keep, about)
}

// open opens the sealed columns of rows. Bytes that are no text stay in base64. What another institution keeps for itself, such as a
// hospital's complaints and its marks for its doctors, is not this institution's to hand over.
func open(keep *seal.Keeper, t store.LineageTable, organisation string) (table, error) {
	out := table{Name: t.Name, Rows: []map[string]any{}}
	for i, text := range t.Rows {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var row map[string]any
		if err := d.Decode(&row); err != nil {
			return out, fmt.Errorf("row of %s: %w", t.Name, err)
		}
		if keeper, ok := row["organisation_id"].(string); ok && keeper != organisation {
			continue
		}
		key := t.Keys[i]
		if id, ok := row["id"].(string); ok {
			key = id
		}
		for column, v := range row {
			if strings.HasSuffix(column, "_hmac") || strings.HasSuffix(column, "_hash") && t.Name == "rating_links" {
				delete(row, column) // means nothing outside
				continue
			}
			if others(t.Name, column) {
				delete(row, column)
				continue
			}
			if !store.IsSealed(column) {
				continue
			}
			delete(row, column)
			if v != nil {
				row[strings.TrimSuffix(column, "_enc")] = plain(keep, t.Name, column, key, v)
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// plain is the content of a sealed column: JSON as JSON, text as text.
func plain(keep *seal.Keeper, table, column, key string, v any) any {
	text, _ := v.(string)
	sealed, err := hex.DecodeString(strings.TrimPrefix(text, `\x`))
	id, bad := uuid.Parse(key)
	if err != nil || bad != nil {
		return map[string]any{"unreadable": true}
	}
	content, err := keep.Open(table, column, id, sealed)
	if err != nil {
		return map[string]any{"unreadable": true}
	}
	if len(content) > 0 && (content[0] == '{' || content[0] == '[') && json.Valid(content) {
		return json.RawMessage(content)
	}
	if utf8.Valid(content) {
		return string(content)
	}
	return base64.StdEncoding.EncodeToString(content)
}

// packer writes entries and remembers their hashes.
type packer struct {
	zip  *zip.Writer
	sums map[string]string
	at   time.Time
}

// entry begins an entry; done ends it.
func (p *packer) entry(name string) (w io.Writer, done func(), err error) {
	method := zip.Deflate
	if strings.HasPrefix(name, "files/") {
		method = zip.Store // pictures are small already
	}
	e, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: p.at})
	if err != nil {
		return nil, nil, err
	}
	h := sha256.New()
	return io.MultiWriter(e, h), func() { p.sums[name] = hex.EncodeToString(h.Sum(nil)) }, nil
}

func (p *packer) add(name string, content []byte) error {
	w, done, err := p.entry(name)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	done()
	return err
}

// files writes the attachments and gives their names by id.
func (p *packer) files(ctx context.Context, st *store.Store, keep *seal.Keeper, tables []table) (map[string]string, error) {
	names := map[string]string{}
	for _, t := range tables {
		if t.Name != "attachments" {
			continue
		}
		for _, row := range t.Rows {
			id, err := uuid.Parse(fmt.Sprint(row["id"]))
			if err != nil {
				return nil, err
			}
			sealed, err := st.Q().GetBlob(ctx, fmt.Sprint(row["blob_key"]))
			if store.IsNone(err) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("file of attachment %s: %w", id, err)
			}
			content, err := keep.Open("blobs", "content", id, sealed)
			if err != nil {
				continue // the page says that the file is missing
			}
			name := "files/" + id.String() + extension(fmt.Sprint(row["content_type"]))
			if err := p.add(name, content); err != nil {
				return nil, err
			}
			names[id.String()] = name
		}
	}
	return names, nil
}

func extension(contentType string) string {
	switch contentType {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/webp":
		return ".webp"
	case "application/pdf":
		return ".pdf"
	case "audio/webm", "video/webm":
		return ".webm"
	}
	return ".bin"
}

// Manifest is the last entry.
type Manifest struct {
	Format       string            `json:"format"`
	Resident     string            `json:"resident"`
	Organisation string            `json:"organisation"`
	By           string            `json:"by"`
	At           time.Time         `json:"at"`
	Files        map[string]string `json:"files"` // SHA-256 by name, hex
}

// Sealed is a manifest under the system's seal.
type Sealed struct {
	Manifest  json.RawMessage `json:"manifest"`
	Algorithm string          `json:"algorithm"`
	KID       string          `json:"kid"`
	Signature string          `json:"signature"` // hex, over the SHA-256 of the canonical manifest
	Note      string          `json:"note"`
}

func (p *packer) manifest(keep *seal.Keeper, about About) error {
	canonical, err := consult.CanonicalJSON(Manifest{Format: "lianzhen-dossier/1", Resident: about.Resident.String(), Organisation: about.Organisation,
		By: about.By, At: about.At.UTC().Truncate(time.Second), Files: p.sums})
	if err != nil {
		return err
	}
	digest := sha256.Sum256(canonical)
	signature, kid := keep.Sign(digest[:])
	text, err := json.MarshalIndent(Sealed{Manifest: canonical, Algorithm: keep.SealAlgorithm(kid), KID: kid, Signature: hex.EncodeToString(signature),
		Note: "系统存证签章，非《电子签名法》第十三条可靠电子签名"}, "", "  ")
	if err != nil {
		return err
	}
	if err := p.add("manifest.json", append(text, '\n')); err != nil {
		return err
	}
	return p.zip.Close()
}
