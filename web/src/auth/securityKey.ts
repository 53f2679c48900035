import type { Schemas } from "../api/types";

/** Talking with a security key or passkey: the contract's texts to the browser's bytes and back. */

/** Whether this browser, on this page, can ask a key at all: not without https, and not in the WeChat browser. */
export function keysSupported(): boolean {
  return window.isSecureContext && typeof window.PublicKeyCredential === "function";
}

/** The person closed the browser's question, or nothing answered in time: nothing was sent. */
export class KeyCancelled extends Error {}

/** The key is entered for this account already. */
export class KeyKnown extends Error {}

/** What a new key answers, all but its name. @throws KeyCancelled, KeyKnown */
export async function createKey(asked: Schemas["KeyCreation"]): Promise<Omit<Schemas["KeyInput"], "name">> {
  const credential = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytes(asked.challenge),
        rp: { id: asked.rpId, name: asked.rpName },
        user: { id: bytes(asked.userHandle), name: asked.userName, displayName: asked.displayName },
        pubKeyCredParams: asked.algorithms.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: asked.exclude.map(descriptor),
        authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
        attestation: "none",
      },
    }),
  );
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    challengeId: asked.challengeId,
    credentialId: text(credential.rawId),
    clientData: text(response.clientDataJSON),
    attestation: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  };
}

/** What one of the account's keys answers. @throws KeyCancelled */
export async function askKey(asked: Schemas["KeyChallenge"]): Promise<Schemas["KeyAssertion"]> {
  const credential = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytes(asked.challenge),
        rpId: asked.rpId,
        allowCredentials: asked.allow.map(descriptor),
        userVerification: "required",
      },
    }),
  );
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    challengeId: asked.challengeId,
    credentialId: text(credential.rawId),
    clientData: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
  };
}

async function ask(question: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await question();
  } catch (error) {
    // InvalidStateError is the one answer that says something; all others look alike, so that no page can try keys out.
    if (error instanceof DOMException && error.name === "InvalidStateError") throw new KeyKnown();
    throw new KeyCancelled(undefined, { cause: error });
  }
  if (!answer) throw new KeyCancelled();
  return answer as PublicKeyCredential;
}

function descriptor(one: Schemas["KeyDescriptor"]): PublicKeyCredentialDescriptor {
  return {
    type: "public-key",
    id: bytes(one.id),
    ...(one.transports.length > 0 ? { transports: one.transports as AuthenticatorTransport[] } : {}),
  };
}

/** base64url without padding, to bytes. */
function bytes(encoded: string): Uint8Array<ArrayBuffer> {
  const plain = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(raw: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(raw));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
