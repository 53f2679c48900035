package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/google/uuid"
)

// A refresh token: sign-in, generation, key id, HMAC; base64url.
const (
	generationOffset = 16
	kidOffset        = generationOffset + 4
	macOffset        = kidOffset + 16
	refreshSize      = macOffset + sha256.Size
)

type refreshToken struct {
	session    uuid.UUID
	generation int32
}

var errRefreshToken = errors.New("refresh token: not one of ours")

// makeRefresh derives the token of a generation; the same generation gives the same token while no key is rotated.
func (s *Service) makeRefresh(ctx context.Context, t refreshToken) (string, error) {
	key, err := s.keys.newest(ctx, purposeRefresh)
	if err != nil {
		return "", err
	}
	b := make([]byte, 0, refreshSize)
	b = append(b, t.session[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(t.generation))
	b = append(b, key.kid[:]...)
	b = append(b, refreshMAC(key.secret, b)...)
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// openRefresh gives what the token says, when one of our keys made it; 401 unauthenticated otherwise.
func (s *Service) openRefresh(ctx context.Context, text string) (refreshToken, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != refreshSize {
		return refreshToken{}, unauthenticated(errRefreshToken)
	}
	key, err := s.keys.find(ctx, purposeRefresh, uuid.UUID(b[kidOffset:macOffset]))
	if errors.Is(err, errNoKey) {
		return refreshToken{}, unauthenticated(errRefreshToken)
	}
	if err != nil {
		return refreshToken{}, err
	}
	if !hmac.Equal(b[macOffset:], refreshMAC(key.secret, b[:macOffset])) {
		return refreshToken{}, unauthenticated(errRefreshToken)
	}
	return refreshToken{
		session:    uuid.UUID(b[:generationOffset]),
		generation: int32(binary.BigEndian.Uint32(b[generationOffset:])),
	}, nil
}

func refreshMAC(secret, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("lianzhen/refresh/1\x00"))
	h.Write(body)
	return h.Sum(nil)
}
