package api

import (
	"bytes"
	"context"
	"net/http"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) PrintRecord(ctx context.Context, in contract.PrintRecordRequestObject) (contract.PrintRecordResponseObject, error) {
	out, err := s.Care.PrintRecord(ctx, actor(ctx), in.Id, s.site(httpRequest(ctx)))
	if err != nil {
		return nil, err
	}
	name := `inline; filename="` + out.Name + `"`
	return contract.PrintRecord200ApplicationpdfResponse{Body: bytes.NewReader(out.PDF), ContentLength: int64(len(out.PDF)),
		Headers: contract.PrintRecord200ResponseHeaders{ContentDisposition: &name}}, nil
}

// CheckRecordPrint is open to everybody, and so as slow for machines as signing in is.
func (s *server) CheckRecordPrint(ctx context.Context, in contract.CheckRecordPrintRequestObject) (contract.CheckRecordPrintResponseObject, error) {
	if err := s.checks.allow(httpRequest(ctx)); err != nil {
		return nil, err
	}
	out, err := s.Care.CheckRecordPrint(ctx, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CheckRecordPrint200JSONResponse(out), nil
}

// site is the address that people type: the one that was set, else the one of the request.
func (s *server) site(r *http.Request) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	if s.SecureCookies {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (s *server) SearchConsultations(ctx context.Context, in contract.SearchConsultationsRequestObject) (contract.SearchConsultationsResponseObject, error) {
	out, err := s.Care.SearchConsultations(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SearchConsultations200JSONResponse(out), nil
}

func (s *server) GetRecordEvidence(ctx context.Context, in contract.GetRecordEvidenceRequestObject) (contract.GetRecordEvidenceResponseObject, error) {
	out, err := s.Care.GetRecordEvidence(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetRecordEvidence200JSONResponse(out), nil
}
