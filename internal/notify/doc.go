// Package notify tells people outside of the page what happened: by SMS through an organisation's gateway, in the group
// chats of WeCom (企业微信) and DingTalk (钉钉), and by Web Push.
//
// What always holds:
//
//   - A fact is written by [Enqueue] in the transaction of what happened, with one INSERT. What is rolled back notifies
//     nobody, and what is committed is never forgotten: any node plans and sends it.
//   - The same key is the same fact, however often it is written.
//   - A message about a request is sent only while the request still stands (the SQL function notification_live, asked in the
//     statement that takes the message for sending). A claim therefore stops everything for everybody, also what is queued,
//     and the claim itself does nothing for it.
//   - Rings, pages and alerts to the dispatcher repeat, at growing distances, until they no longer stand. One message of a
//     series (request, grant, recipient) is on its way at a time.
//   - Delivery is at least once. A node takes a message for the length of a lease; one that dies leaves it to the others.
//     Every attempt of a message carries the same id, so that a provider can tell a repetition.
//   - Failures are tried again at growing distances; what a provider refuses for good, or has refused too often, becomes a
//     dead letter that an administrator may take up again.
//   - A reminder of an appointment goes to the family of a resident as well, who have no account: to the telephone that is on file when it is sent, through the
//     gateway of the house or of who offers the appointment. The text says when and where in general words. Its link carries 256 random bits in the
//     fragment, of which only the hash is kept; an attempt that is repeated carries other ones. What is void when it could be sent is stopped.
//   - The code for a consent ([Service.SendCode], event CONSENT_CODE) is sent at once, once, and is in no log of
//     deliveries.
//   - A fact of which no messages can be made keeps no other fact: it is planned alone, at growing distances, and is then a dead
//     letter itself.
//   - No text holds anything about a resident: urgency, department, of an appointment its time, and a link to a page behind the sign-in. Web Push has no
//     payload at all. Telephone numbers, addresses and keys lie sealed in the database and in no log line.
//   - Quiet hours hold messages back until their end, except CRITICAL and EMERGENT requests for people on duty, which means:
//     a shift covers the instant, or they were found present.
//   - Addresses outside are https and public unless the installation allows private networks; the address that is connected
//     to is the one that is judged. Redirects are refused and answers are read to a bound.
//
// # The SMS webhook
//
// An organisation's gateway gets a POST with a JSON body:
//
//	{"id": "…", "to": "13800138000", "text": "…", "locale": "zh-CN", "event": "RING", "urgency": "EMERGENT", "test": false}
//
// and the headers
//
//	Lianzhen-Delivery:  the id, the same in each attempt: a gateway that has seen it answers 2xx and sends nothing
//	Lianzhen-Timestamp: Unix time in seconds, of this attempt
//	Lianzhen-Signature: v1=HEX, where HEX is HMAC-SHA256 with the channel's secret over TIMESTAMP "." BODY
//
// A gateway compares in constant time and refuses timestamps more than five minutes off. Any 2xx means taken. 408, 425, 429
// and 5xx are tried again (Retry-After is kept to, up to an hour); every other answer is final.
package notify
