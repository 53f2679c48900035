package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

const (
	refreshCookie = "lz_refresh"
	cookiePath    = "/api/v1/auth"
)

// authenticate puts the caller into the context. A missing or bad token is no error here: admit refuses it where
// the operation needs an account.
func (s *server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), requestKey, r)
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			a, _, err := s.Identity.Authenticate(ctx, token)
			if err != nil {
				ctx = context.WithValue(ctx, refusalKey, err)
			} else {
				a.Locale = locale(r)
				ctx = context.WithValue(ctx, actorKey, a)
			}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// sameOrigin refuses requests with a cookie that another site's page sends.
func (s *server) sameOrigin(ctx context.Context) error {
	r := httpRequest(ctx)
	if origin := r.Header.Get("Origin"); origin != "" && !s.originAllowed(r, origin) {
		return problem.New(http.StatusForbidden, "origin_refused", nil)
	}
	return nil
}

func (s *server) originAllowed(r *http.Request, origin string) bool {
	own := "http://" + r.Host
	if s.SecureCookies {
		own = "https://" + r.Host
	}
	return strings.EqualFold(origin, own) || slices.ContainsFunc(s.Origins, func(o string) bool { return strings.EqualFold(o, origin) })
}

func httpRequest(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey).(*http.Request)
	return r
}

func presented(ctx context.Context) string {
	c, err := httpRequest(ctx).Cookie(refreshCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *server) cookie(value string, expires time.Time) *string {
	c := http.Cookie{
		Name: refreshCookie, Value: value, Path: cookiePath, Expires: expires,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.SecureCookies,
	}
	if value == "" {
		c.MaxAge, c.Expires = -1, time.Unix(0, 0)
	}
	text := c.String()
	return &text
}

func (s *server) session(ctx context.Context, g identity.Grant) contract.SessionJSONResponse {
	return contract.SessionJSONResponse{
		Body:    contract.Session{AccessToken: g.AccessToken, ExpiresAt: g.ExpiresAt, Me: me(g.Actor)},
		Headers: contract.SessionResponseHeaders{SetCookie: s.cookie(g.RefreshToken, g.RefreshExpires)},
	}
}

func me(a identity.Actor) contract.Me {
	m := contract.Me{
		Id: a.UserID, Username: a.Username, Name: a.Name, Locale: contract.Locale(a.Locale),
		MustChangePassword: a.MustChangePassword,
	}
	if a.FactorDue != "" {
		m.FactorDue = new(contract.MeFactorDue(a.FactorDue))
	}
	m.FactorResetAt = a.FactorResetAt
	m.Memberships, m.ActingAs = membershipViews(a.Memberships), a.ActingAs
	held := membershipViews(a.Held)
	m.Held = &held
	return m
}

func membershipViews(list []identity.Membership) []contract.Membership {
	out := make([]contract.Membership, 0, len(list))
	for _, x := range list {
		one := contract.Membership{
			Id: &x.ID, Role: contract.Role(x.Role), OrganisationId: x.OrganisationID, OrganisationName: x.OrganisationName,
			OrganisationKind: contract.MembershipOrganisationKind(x.OrganisationKind), DepartmentId: x.DepartmentID,
		}
		if x.OrganisationAddress != "" {
			one.OrganisationAddress = &x.OrganisationAddress
		}
		if x.DepartmentName != "" {
			one.DepartmentName = &x.DepartmentName
		}
		out = append(out, one)
	}
	return out
}

func (s *server) Login(ctx context.Context, in contract.LoginRequestObject) (contract.LoginResponseObject, error) {
	if err := s.sameOrigin(ctx); err != nil {
		return nil, err
	}
	if err := s.logins.allow(httpRequest(ctx)); err != nil {
		return nil, err
	}
	g, err := s.Identity.Login(ctx, in.Body.Username, in.Body.Password, httpRequest(ctx).UserAgent())
	if err != nil {
		return nil, err
	}
	return contract.Login200JSONResponse{SessionJSONResponse: s.session(ctx, g)}, nil
}

func (s *server) RefreshSession(ctx context.Context, _ contract.RefreshSessionRequestObject) (contract.RefreshSessionResponseObject, error) {
	if err := s.sameOrigin(ctx); err != nil {
		return nil, err
	}
	token := presented(ctx)
	if token == "" {
		return nil, problem.New(http.StatusUnauthorized, "unauthenticated", nil)
	}
	g, err := s.Identity.Refresh(ctx, token, httpRequest(ctx).UserAgent())
	if err != nil {
		return nil, err
	}
	return contract.RefreshSession200JSONResponse{SessionJSONResponse: s.session(ctx, g)}, nil
}

func (s *server) Logout(ctx context.Context, _ contract.LogoutRequestObject) (contract.LogoutResponseObject, error) {
	if err := s.sameOrigin(ctx); err != nil {
		return nil, err
	}
	if token := presented(ctx); token != "" {
		if err := s.Identity.Logout(ctx, token); err != nil && problem.Of(err).Status >= http.StatusInternalServerError {
			return nil, err
		}
	}
	return contract.Logout204Response{Headers: contract.Logout204ResponseHeaders{SetCookie: s.cookie("", time.Time{})}}, nil
}

func (s *server) LogoutEverywhere(ctx context.Context, _ contract.LogoutEverywhereRequestObject) (contract.LogoutEverywhereResponseObject, error) {
	if err := s.Identity.LogoutEverywhere(ctx, actor(ctx)); err != nil {
		return nil, err
	}
	return contract.LogoutEverywhere204Response{Headers: contract.LogoutEverywhere204ResponseHeaders{SetCookie: s.cookie("", time.Time{})}}, nil
}

func (s *server) ChangePassword(ctx context.Context, in contract.ChangePasswordRequestObject) (contract.ChangePasswordResponseObject, error) {
	g, err := s.Identity.ChangePassword(ctx, actor(ctx), in.Body.Current, in.Body.Next, httpRequest(ctx).UserAgent())
	if err != nil {
		return nil, err
	}
	return contract.ChangePassword200JSONResponse{SessionJSONResponse: s.session(ctx, g)}, nil
}

func (s *server) GetMe(ctx context.Context, _ contract.GetMeRequestObject) (contract.GetMeResponseObject, error) {
	return contract.GetMe200JSONResponse(me(actor(ctx))), nil
}

func (s *server) GiveOfflineKey(ctx context.Context, _ contract.GiveOfflineKeyRequestObject) (contract.GiveOfflineKeyResponseObject, error) {
	out, err := s.Identity.OfflineKey(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GiveOfflineKey200JSONResponse(out), nil
}

func (s *server) UpdateMe(ctx context.Context, in contract.UpdateMeRequestObject) (contract.UpdateMeResponseObject, error) {
	a := actor(ctx)
	if err := s.Identity.SetLocale(ctx, a, string(in.Body.Locale)); err != nil {
		return nil, err
	}
	a.Locale = string(in.Body.Locale)
	return contract.UpdateMe200JSONResponse(me(a)), nil
}

func (s *server) GetMeta(context.Context, contract.GetMetaRequestObject) (contract.GetMetaResponseObject, error) {
	m := contract.GetMeta200JSONResponse{
		Version: s.Version, Build: s.Build, ServerTime: s.Now().UTC(), ConsultPhone: s.ConsultPhone,
		Demo: len(s.DemoAccounts) > 0, DemoAccounts: s.DemoAccounts,
	}
	if m.DemoAccounts == nil {
		m.DemoAccounts = []contract.DemoAccount{}
	}
	return m, nil
}
