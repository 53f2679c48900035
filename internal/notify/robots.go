package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// Both robots answer 200 with a code of their own in the body.
type robotAnswer struct {
	Code *int64 `json:"errcode"`
}

// Codes of WeCom (企业微信 全局错误码) and DingTalk (钉钉 自定义机器人) that mean something to us.
const (
	robotBusy            = -1
	wecomTooMany         = 45009
	wecomNoSuchRobot     = 93000
	dingtalkTooMany      = 130101
	dingtalkTooManyNew   = 410100
	dingtalkLimited      = 660026
	dingtalkNotAccepted  = 310000 // keyword, signature or address list
	dingtalkNoSuchToken  = 300001
	dingtalkTokenMissing = 300005
)

// sendWeCom posts to a group robot of WeCom: the key is in the address. CRITICAL mentions everybody.
func sendWeCom(ctx context.Context, client *http.Client, address string, m message) Outcome {
	type wecomText struct {
		Content   string   `json:"content"`
		Mentioned []string `json:"mentioned_list,omitempty"`
	}
	content := wecomText{Content: m.text}
	if m.urgency == string(consult.Critical) {
		content.Mentioned = []string{"@all"}
	}
	return sendRobot(ctx, client, address, m, map[string]any{"msgtype": "text", "text": content})
}

// sendDingTalk posts to a custom robot of DingTalk, signed when it has a secret (加签): the signature is HMAC-SHA256 with the
// secret over "MILLISECONDS\nSECRET", in the query beside the token. CRITICAL mentions everybody.
func sendDingTalk(ctx context.Context, client *http.Client, address, secret string, m message) Outcome {
	u, err := url.Parse(address)
	if err != nil {
		return Outcome{Code: codeAddressForm}
	}
	if secret != "" {
		q := u.Query()
		milliseconds := strconv.FormatInt(m.at.UnixMilli(), 10)
		q.Set("timestamp", milliseconds)
		q.Set("sign", SignDingTalk(secret, milliseconds))
		u.RawQuery = q.Encode()
	}
	return sendRobot(ctx, client, u.String(), m, map[string]any{
		"msgtype": "text", "text": map[string]string{"content": m.text},
		"at": map[string]bool{"isAtAll": m.urgency == string(consult.Critical)}})
}

// SignDingTalk gives the value of the parameter sign, before it is escaped for the query.
func SignDingTalk(secret, milliseconds string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(milliseconds + "\n" + secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func sendRobot(ctx context.Context, client *http.Client, address string, m message, content map[string]any) Outcome {
	body, err := json.Marshal(content)
	if err != nil {
		return Outcome{Code: codeUnreadable}
	}
	r, err := post(ctx, address, body)
	if err != nil {
		return Outcome{Code: codeAddressForm}
	}
	raw, o := exchange(client, r, m.at)
	if !o.OK {
		return o
	}
	var answer robotAnswer
	if err := json.Unmarshal(raw, &answer); err != nil || answer.Code == nil {
		return Outcome{Status: o.Status, Code: codeAnswer, retry: true} // a captive portal, a proxy's page
	}
	if *answer.Code == 0 {
		return o
	}
	refused := Outcome{Status: o.Status, Provider: strconv.FormatInt(*answer.Code, 10), Code: codeRefused}
	switch *answer.Code {
	case robotBusy:
		refused.Code, refused.retry = codeUnavailable, true
	case wecomTooMany, dingtalkTooMany, dingtalkTooManyNew, dingtalkLimited:
		refused.Code, refused.retry, refused.pause = codeRateLimited, true, defaultPause
	case wecomNoSuchRobot, dingtalkNotAccepted, dingtalkNoSuchToken, dingtalkTokenMissing:
		refused.Code = codeCredentials
	}
	return refused
}
