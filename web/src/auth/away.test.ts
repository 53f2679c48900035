import { expect, it } from "vitest";
import { aGrant, aPerson, InstantConnectivity, json, refusal } from "../testing/fakes";
import { Session } from "./Session";

/** A session on a device that remembers its person, with the server's answers to come; an error is no answer. */
function away(answers: (Response | "none")[]) {
  const seen: string[] = [];
  const session = new Session({
    connectivity: new InstantConnectivity(),
    language: () => "zh-CN",
    now: () => Date.UTC(2026, 0, 1, 8, 0, 0),
    fetch: () => {
      const answer = answers.shift() ?? "none";
      const { phase } = session.snapshot();
      seen.push(phase);
      return answer === "none" ? Promise.reject(new TypeError("no network")) : Promise.resolve(answer);
    },
    remembered: () => Promise.resolve(aPerson({ id: "u7" })),
  });
  return { session, seen };
}

it("goes on as whom the device remembers, and signs in as soon as the server answers", async () => {
  const { session, seen } = away(["none", "none", json(aGrant(1, { me: aPerson({ id: "u7" }) }))]);
  await session.restore();
  expect(seen).toEqual(["restoring", "signedIn", "signedIn"]);
  expect(session.snapshot()).toEqual({ phase: "signedIn", me: aPerson({ id: "u7" }) });
  expect(session.token()).toBe("token-1");
});

it("asks to sign in again when the server has forgotten the sign-in meanwhile", async () => {
  const { session } = away(["none", refusal(401, "unauthenticated")]);
  await session.restore();
  expect(session.snapshot()).toEqual({ phase: "signedOut", reason: "expired" });
});
