import { randomUUID } from "node:crypto";
import { newDraft, newRequest, read } from "./support/consultations";
import { Client, type Locale, type Refused, type Schemas } from "./support/Client";
import { hasBed, identityNumber, residentInput } from "./support/residents";
import { address } from "./support/settings";
import { hello, talk } from "./support/socket";
import { chooseLanguage, expect, test } from "./support/test";

/** Every test here asks for the same refusal in both languages. */
const languages: Locale[] = ["zh-CN", "en"];
const chinese = /[\u4e00-\u9fff]/;

/** That a sentence is there in the language asked for, and no code or placeholder in its place. */
function expectSentence(message: string, locale: Locale): void {
  if (locale === "zh-CN") expect(message).toMatch(chinese);
  else {
    expect(message).not.toMatch(chinese);
    expect(message).toMatch(/^["A-Z].* /);
  }
  expect(message).not.toMatch(/[{}]|^[a-z]+(_[a-z]+)+$/);
}

function expectRefusal(refused: Refused, status: number, code: string, locale: Locale): void {
  expect({ status: refused.status, code: refused.problem.code }).toEqual({ status, code });
  expectSentence(refused.problem.message, locale);
  expect(refused.problem.requestId).not.toBe("");
}

test.describe("signing in", () => {
  test("a wrong password is refused on the page in both languages", async ({ browser }) => {
    for (const [language, submit, sentence] of [
      ["zh-CN", /登\s*录/, chinese],
      ["en", "Sign in", /password/i],
    ] as const) {
      const context = await browser.newContext({ baseURL: address });
      await context.addInitScript(chooseLanguage, language);
      const page = await context.newPage();
      await page.goto("/login");
      await page.locator("input[autocomplete=username]").fill(`nobody.${randomUUID().slice(0, 8)}`);
      await page.locator("input[autocomplete=current-password]").fill("not-the-password");
      await page.getByRole("button", { name: submit, exact: true }).first().click();
      await expect(page.getByRole("alert").filter({ hasText: sentence })).toBeVisible();
      await expect(page).toHaveURL(/\/login$/);
      expect(await context.cookies()).toEqual([]);
      await context.close();
    }
  });

  test("wrong passwords and unknown accounts get the same answer", async ({ as }) => {
    for (const locale of languages) {
      const wrong = await as("county.bai").refusal(
        "POST",
        "/api/v1/auth/login",
        { username: "county.bai", password: "wrong" },
        { token: null, locale },
      );
      const unknown = await as("county.bai").refusal(
        "POST",
        "/api/v1/auth/login",
        { username: "nobody.here", password: "wrong" },
        { token: null, locale },
      );
      expectRefusal(wrong, 401, "bad_credentials", locale);
      expect({ ...unknown.problem, requestId: "" }).toEqual({ ...wrong.problem, requestId: "" });
    }
  });

  test("missing, forged and foreign tokens are refused by HTTP and by the socket", async ({ as, page }) => {
    const nurse = as("nurse.li");
    const good = await nurse.token();
    const [head, payload, mark] = good.split(".");
    const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as Record<string, unknown>;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const forged = {
      "another person": [head, encode({ ...claims, sub: randomUUID() }), mark].join("."),
      "a later end": [head, encode({ ...claims, exp: 4_000_000_000 }), mark].join("."),
      "no signature": [encode({ alg: "none", typ: "JWT" }), payload, ""].join("."),
      "no token": "x",
    };
    await page.goto("/healthz");
    for (const [what, token] of Object.entries(forged)) {
      for (const locale of languages) {
        const refused = await nurse.refusal("GET", "/api/v1/residents", undefined, { token, locale });
        expectRefusal(refused, 401, "unauthenticated", locale);
      }
      const { frames, closed } = await talk(page, [hello(token)]);
      expect(frames, what).toEqual([]);
      expect(closed?.code, what).toBe(3500);
    }
    expectRefusal(
      await nurse.refusal("GET", "/api/v1/residents", undefined, { token: null }),
      401,
      "unauthenticated",
      "zh-CN",
    );
  });
});

test.describe("the socket", () => {
  test.beforeEach(({ page }) => page.goto("/healthz").then(() => undefined));

  test("an over-long frame closes it with 3509", async ({ as, page }) => {
    const token = await as("nurse.li").token();
    const long = JSON.stringify({ type: "presence.get", id: randomUUID(), pad: "x".repeat(65_536) });
    const { frames, closed } = await talk(page, [hello(token), long]);
    expect(frames[0]).toMatchObject({ type: "welcome" });
    expect(closed).toEqual({ code: 3509, reason: expect.stringMatching(/^frame_too_large/) });
  });

  test("what is no message closes it with 3502 and says why", async ({ as, page }) => {
    const token = await as("dr.gao").token();
    const id = randomUUID();
    const bad: [string, string][] = [
      [JSON.stringify({ type: "consultation.sign", id }), "bad_frame: unknown_type"],
      [JSON.stringify({ type: "presence.get", id, more: 1 }), "bad_frame: unknown_field"],
      [`{"type":"presence.get","id":"${id}","id":"${id}"}`, "bad_frame: repeated_field"],
      [JSON.stringify({ type: "presence.get" }), "bad_frame: missing_id"],
      ["nonsense", "bad_frame: not_json"],
    ];
    for (const [text, reason] of bad) {
      const { closed } = await talk(page, [hello(token), text]);
      expect(closed, text).toEqual({ code: 3502, reason });
    }
    expect((await talk(page, [JSON.stringify({ type: "presence.get", id })])).closed?.code).toBe(3501);
  });

  test("a command of another role or with wrong values is answered, and the socket stays", async ({
    as,
    page,
  }) => {
    const command = (fields: object) => JSON.stringify({ type: "presence.set", id: randomUUID(), ...fields });
    for (const locale of languages) {
      const nurse = await talk(
        page,
        [hello(await as("nurse.li").token(), locale), command({ state: "AVAILABLE" })],
        2,
      );
      expect(nurse.frames[1]).toMatchObject({ type: "result", ok: false, error: { code: "forbidden" } });
      expectSentence((nurse.frames[1] as { error: { message: string } }).error.message, locale);

      const doctor = await talk(
        page,
        [hello(await as("dr.gao").token(), locale), command({ state: "BACK_SOON", minutes: 10_000 })],
        2,
      );
      expect(doctor.frames[1]).toMatchObject({
        ok: false,
        error: { code: "invalid_request", fields: [{ field: "minutes" }] },
      });
      expect(doctor.closed).toBeUndefined();
    }
  });

  test("a ticket that is none leads into no call", async ({ as, page }) => {
    const join = JSON.stringify({
      type: "call.join",
      id: randomUUID(),
      ticket: "made.up.ticket",
      offer: "v=0",
    });
    const { frames } = await talk(page, [hello(await as("nurse.li").token()), join], 2);
    expect(frames[1]).toMatchObject({ type: "result", ok: false, error: { code: "ticket_invalid" } });
  });
});

test("another institution's resident and consultation are not there", async ({ as }) => {
  const [own, foreign] = [as("nurse.li"), as("nurse.wu")];
  const request = await newRequest(own);
  const residentId = request.resident.id;
  for (const locale of languages) {
    for (const [method, path, body] of [
      ["GET", `/api/v1/residents/${residentId}`, undefined],
      ["PUT", `/api/v1/residents/${residentId}`, { ...residentInput(), revision: 1 }],
      ["POST", "/api/v1/consultations", { id: randomUUID(), residentId, reasons: ["FALL"], redFlags: [] }],
      ["GET", `/api/v1/consultations/${request.id}`, undefined],
      ["GET", `/api/v1/consultations/${request.id}/messages`, undefined],
      ["POST", `/api/v1/consultations/${request.id}/cancel`, { reason: "BETTER" }],
      ["POST", `/api/v1/consultations/${request.id}/ticket`, {}],
    ] as const) {
      const refused = await foreign.refusal(method, path, body, { locale });
      expectRefusal(refused, 404, "not_found", locale);
      // The same words as for an id that nobody has.
      const nobody = path.replace(residentId, randomUUID()).replace(request.id, randomUUID());
      const unknown = await foreign.refusal(
        method,
        nobody,
        body && "residentId" in body ? { ...body, residentId: randomUUID() } : body,
        { locale },
      );
      expect({ ...unknown.problem, requestId: "" }).toEqual({ ...refused.problem, requestId: "" });
    }
  }
  const after = await read(own, request.id);
  expect(after.state).toBe("OFFERED");
  expect(after.timeline).toEqual(request.timeline);
});

test("commands of another role are refused and change nothing", async ({ as }) => {
  const nurse = as("nurse.li");
  const draft = await newDraft(nurse);
  const path = `/api/v1/consultations/${draft.id}`;
  for (const locale of languages) {
    for (const [who, method, route, body] of [
      ["dr.wang", "POST", `${path}/submit`, { urgency: "ROUTINE" }],
      ["nurse.li", "POST", `${path}/claim`, { epoch: 0 }],
      ["nurse.li", "POST", `${path}/report`, { epoch: 0, revision: 1, password: "x" }],
      [
        "nurse.li",
        "POST",
        "/api/v1/users",
        {
          username: "not.allowed",
          name: "不行",
          organisationId: draft.invitingOrg.id,
          role: "NURSE",
        },
      ],
      ["admin.sun", "POST", `${path}/cancel`, { reason: "BETTER" }],
      ["county.bai", "GET", path, undefined],
    ] as const) {
      const refused = await as(who).refusal(method, route, body, { locale });
      expectRefusal(refused, 403, "forbidden", locale);
    }
  }
  const after = await read(nurse, draft.id);
  expect(after.state).toBe("DRAFT");
  expect(after.timeline).toEqual(draft.timeline);
  const users = await as("admin.sun").get<Schemas["UserAccount"][]>("/api/v1/users");
  expect(users.map((user) => user.username)).not.toContain("not.allowed");
});

test("each wrong field of a resident's form has its sentence, and nothing is stored", async ({ as }) => {
  const nurse = as("nurse.li");
  const number = identityNumber("19400229");
  const wrongDigit = number.slice(0, 17) + (number.endsWith("1") ? "2" : "1");
  const right = { birthDate: "1940-02-29", identityNumber: number };
  const wrong: [changes: Record<string, unknown>, field: string][] = [
    [{ ...right, identityNumber: wrongDigit }, "identityNumber"],
    [{ ...right, identityNumber: "12345" }, "identityNumber"],
    [{ ...right, identityNumber: identityNumber("19410230") }, "identityNumber"],
    [{ ...right, birthDate: "1941-02-28" }, "birthDate"],
    [{ ...right, sex: "1" }, "sex"],
    [{ phone: "1234" }, "phone"],
    [{ name: "" }, "name"],
    [{ birthDate: "2999-01-01" }, "birthDate"],
    [{ birthDate: "1941-02-30" }, "birthDate"],
    [{ admittedOn: "1900-01-01" }, "admittedOn"],
    [{ sex: "7" }, "sex"],
    [{ capacity: "SOME" }, "capacity"],
    [{ abilityLevel: 9 }, "abilityLevel"],
    [{ bed: "x".repeat(21) }, "bed"],
    [{ allergies: "x".repeat(501) }, "allergies"],
    [{ risks: ["UNHEARD_OF"] }, "risks/0"],
    [{ conditionCodes: ["ZZZ"] }, "conditionCodes/0"],
    [{ preferredLanguage: "tlh" }, "preferredLanguage"],
    [{ ethnicCode: "99x" }, "ethnicCode"],
    [{ guardians: [{ name: "", relation: "CHILD" }] }, "guardians/0/name"],
    [{ guardians: [{ name: "王", relation: "CHILD", phone: "1" }] }, "guardians/0/phone"],
  ];
  const bed = residentInput().bed;
  for (const [changes, field] of wrong) {
    for (const locale of languages) {
      const body = { ...residentInput({ bed }), ...changes };
      const what = JSON.stringify(changes).slice(0, 80);
      const refused = await nurse.refusal("POST", "/api/v1/residents", body, { locale });
      expect({ what, code: refused.problem.code }).toEqual({ what, code: "invalid_request" });
      const fields = refused.problem.fields ?? [];
      expect(
        fields.map((f) => f.field),
        what,
      ).toContain(field);
      for (const { message } of fields) expectSentence(message, locale);
    }
  }
  expect(await hasBed(nurse, bed)).toBe(false);
  // The same form without a mistake is taken, and taken once.
  const key = randomUUID();
  const good = residentInput({ bed });
  await nurse.post("/api/v1/residents", good, { key });
  await nurse.post("/api/v1/residents", good, { key });
  const cards = await nurse.get<Schemas["ResidentCard"][]>("/api/v1/residents");
  expect(cards.filter((card) => card.bed === bed)).toHaveLength(1);
});

test("unknown fields, wrong types and broken bodies are refused", async ({ as }) => {
  const nurse = as("nurse.li");
  const bed = residentInput().bed;
  for (const locale of languages) {
    const unknown = await nurse.refusal(
      "POST",
      "/api/v1/residents",
      { ...residentInput({ bed }), nickname: "奶奶" },
      { locale },
    );
    expectRefusal(unknown, 422, "invalid_request", locale);
    expect(unknown.problem.fields?.[0]).toMatchObject({ code: "unknown_field", args: { name: "nickname" } });
    expectSentence(unknown.problem.fields?.[0]?.message ?? "", locale);

    const type = await nurse.refusal(
      "POST",
      "/api/v1/residents",
      { ...residentInput({ bed }), abilityLevel: "two" },
      { locale },
    );
    expectRefusal(type, 422, "invalid_request", locale);
    expect(type.problem.fields?.[0]).toMatchObject({ field: "abilityLevel", code: "wrong_type" });

    for (const [text, status] of [
      ["{", 400],
      ["[]", 422],
      ["null", 422],
      ["", 400],
    ] as const) {
      const answer = await fetch(`${address}/api/v1/residents`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${await nurse.token()}`,
          "Content-Type": "application/json",
          "Idempotency-Key": randomUUID(),
          "Accept-Language": locale,
        },
        body: text,
      });
      expect(answer.status, text).toBe(status);
      expectSentence(((await answer.json()) as Schemas["Problem"]).message, locale);
    }
  }
  expect(await hasBed(nurse, bed)).toBe(false);
});

test("readings: the impossible is refused, the unusual wants a second look, words are values", async ({
  as,
}) => {
  const nurse = as("nurse.li");
  const draft = await newDraft(nurse);
  const path = `/api/v1/consultations/${draft.id}/vitals`;
  for (const locale of languages) {
    for (const [reading, code] of [
      [{ code: "SPO2", value: 140 }, "vital_impossible"],
      [{ code: "SPO2", value: 140, confirmed: true }, "vital_impossible"],
      [{ code: "TEMP", value: 43.5 }, "vital_needs_confirmation"],
    ] as const) {
      const refused = await nurse.refusal(
        "POST",
        path,
        { readings: [{ code: "PULSE", value: 80 }, reading] },
        { locale },
      );
      expect(refused.problem.fields?.[0]).toMatchObject({ field: "readings/1", code });
      expectSentence(refused.problem.fields?.[0]?.message ?? "", locale);
    }
  }
  // The good reading beside the bad one was not stored either.
  expect((await read(nurse, draft.id)).vitals).toEqual([]);
  const after = await nurse.post<Schemas["Consultation"]>(path, {
    readings: [
      { code: "TEMP", value: 43.5, confirmed: true },
      { code: "SPO2", qualifier: "UNMEASURABLE" },
      { code: "GLU_CAP", qualifier: "HI" },
    ],
  });
  expect(after.vitals).toHaveLength(3);
});

test("photos: text and oversized bodies are refused and not stored", async ({ as }) => {
  const nurse = as("nurse.li");
  const draft = await newDraft(nurse);
  const path = `/api/v1/consultations/${draft.id}/photos`;
  for (const locale of languages) {
    const text = await nurse.refusal("POST", path, Buffer.from("this is a letter, no picture"), { locale });
    expectRefusal(text, 415, "picture_format", locale);
    const cut = await nurse.refusal("POST", path, Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), { locale });
    expectRefusal(cut, 422, "picture_broken", locale);
    const large = await nurse.refusal("POST", path, Buffer.alloc(13 * 1024 * 1024, 0xff), { locale });
    expectRefusal(large, 413, "body_too_large", locale);
  }
  expect((await read(nurse, draft.id)).photos).toEqual([]);
});

test("an old token of a signed-out person opens nothing", async ({ as, page }) => {
  const person = new Client("admin.he");
  const token = await person.token();
  await as("admin.he").get("/api/v1/me");
  await person.post("/api/v1/auth/logout-everywhere");
  expectRefusal(
    await person.refusal("GET", "/api/v1/me", undefined, { token }),
    401,
    "session_revoked",
    "zh-CN",
  );
  await page.goto("/healthz");
  expect((await talk(page, [hello(token)])).closed?.code).toBe(3500);
});

test("a resident who has an open request gets no second one", async ({ as }) => {
  const nurse = as("nurse.li");
  const first = await newRequest(nurse);
  const second = await newDraft(nurse, { residentId: first.resident.id });
  for (const locale of languages) {
    const refused = await nurse.refusal(
      "POST",
      `/api/v1/consultations/${second.id}/submit`,
      { urgency: second.urgencyProposed },
      { locale },
    );
    expectRefusal(refused, 409, "request_open", locale);
    expect(refused.problem.args).toEqual({ id: first.id });
  }
  expect((await read(nurse, second.id)).state).toBe("DRAFT");
});
