// Package identity says who is calling and which roles are in force for them now: accounts and passwords, sign-ins with
// their access and refresh tokens, media tickets, and the keys that all nodes share.
//
// Invariants:
//   - deny by default: an [Actor] holds only memberships in force at this moment, in active organisations, and it is read
//     anew for each request, so that a revoked sign-in, a disabled account and an expired role end at once;
//   - an unknown user name costs the same time and gives the same answer as a wrong password, until the lock-out, which
//     only a real account has;
//   - five wrong passwords in a row lock an account for a minute, each further one for twice as long, at most an hour;
//     passwords asked for again (signing, changing) count as well; on one node the attempts on one account run one after
//     the other, so that many at once gain no extra guesses;
//   - a refresh token is (sign-in, generation, key id, HMAC) and is stored nowhere; rotation is one compare-and-set on the
//     generation. The predecessor of the current generation gets the same successor for [Grace]; everything older revokes
//     the sign-in;
//   - a sign-in slides with each rotation and ends after [SignInLimit] at the latest;
//   - each purpose (access, refresh, media, seal) has keys of its own, and a token of one is never accepted for another;
//     the youngest key signs, an older one verifies as long as something that it signed may live;
//   - every revocation is told to the sockets by an outbox row of the same transaction;
//   - a code of the second factor is used once, also by two nodes at the same instant; its secret is sealed, recovery codes are
//     kept as look-up hashes, and wrong codes lock the second factor as wrong passwords lock an account;
//   - a security key answers a stored challenge once, within five minutes, in the sign-in that asked, on the public address alone and
//     with user verification; one whose counter runs backwards was copied and opens nothing from then on;
//   - what is set up as a second factor changes only by proving it: a password alone adds and removes nothing;
//   - a sign-in of a role that asks for a second factor does nothing before it is confirmed (Actor.FactorDue);
//   - a sign-in acts in all roles of the person or in the one that was chosen, never in more because that one has ended, and neither does what
//     it asked for and is done later (ActorOf); choosing is told
//     to the access log;
//   - the key with which a person's devices seal what they keep for a day without network is drawn once, lies sealed, and is given to
//     sign-ins of that person alone;
//   - passwords, tokens and typed user names appear in no log, error or access_log row.
package identity
