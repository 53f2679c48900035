import type {
  Catalogue,
  Consultation,
  Duty,
  FieldProblem,
  LogRow,
  Meta,
  Problem,
  Resident,
  ResidentCard,
  Schemas,
  State,
  Urgency,
  Vital,
  VitalInput,
  Worklist,
} from "../api/types";
import catalogue from "./catalogue.json";
import { aGrant, aPerson } from "./fakes";

/** A request as it arrived. */
export interface Seen {
  method: string;
  path: string;
  body: unknown;
  key?: string;
}

/** An answer; a status of 400 and more goes with a Problem. */
export interface Answer {
  status: number;
  body?: unknown;
}

type Change<T> = (known: T) => Partial<T>;

const uuid = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const rank: Record<Urgency, number> = { CRITICAL: 0, EMERGENT: 1, URGENT: 2, ROUTINE: 3, SCHEDULED: 4 };

/**
 * A care home in memory that answers the contract as the nurse's screens need it, for tests of components and for looking at
 * screens without a server. It keeps what it was asked in `seen`. Only the rules that the screens depend on are in it.
 */
export class FakeWard {
  readonly seen: Seen[] = [];
  readonly consultations = new Map<string, Consultation>();
  residents: Resident[];
  duty: Duty;
  worklist: Worklist;
  meta: Meta;
  readonly conditions: Schemas["Term"][] = [
    { code: "I10", zh: "原发性高血压", en: "Essential (primary) hypertension" },
    { code: "E11.9", zh: "2型糖尿病", en: "Type 2 diabetes mellitus" },
  ];
  /** answers the next request that matches, instead of the ward */
  readonly refusals: { method: string; path: RegExp; answer: Answer; times: number }[] = [];
  #now: () => Date;

  constructor(now: () => Date = () => new Date("2026-11-20T06:28:00Z")) {
    this.#now = now;
    this.residents = someResidents(now());
    this.duty = aDuty(now());
    this.worklist = {
      serverTime: this.#time(),
      active: [],
      toAdopt: [],
      tasks: [],
      reportsPending: [],
      followUps: [],
      consentTasks: [],
    };
    this.meta = {
      version: "0.1.0",
      build: "test",
      serverTime: this.#time(),
      consultPhone: "0471-1234567",
      demo: true,
      demoAccounts: [],
    };
  }

  /** The requests of a kind that arrived. */
  asked(method: string, path: RegExp): Seen[] {
    return this.seen.filter((s) => s.method === method && path.test(s.path));
  }

  refuse(
    method: string,
    path: RegExp,
    status: number,
    problem: Partial<Problem> & { code: string },
    times = 1,
  ): void {
    this.refusals.push({
      method,
      path,
      times,
      answer: { status, body: { message: `sentence of ${problem.code}`, requestId: "r1", ...problem } },
    });
  }

  change(id: string, change: Partial<Consultation> | Change<Consultation>): Consultation {
    const known = this.consultations.get(id);
    if (!known) throw new Error(`no consultation ${id}`);
    const next = {
      ...known,
      ...(typeof change === "function" ? change(known) : change),
      serverTime: this.#time(),
    };
    next.actions = actionsOf(next.state);
    next.consentNeeded = !this.#consented(next);
    this.consultations.set(id, next);
    return next;
  }

  /** Adds a request, in any state. */
  add(resident: Resident, change: Partial<Consultation> = {}): Consultation {
    const n = this.consultations.size + 1;
    const consultation: Consultation = {
      ...this.#draft(change.id ?? uuid(900 + n), resident, ["BREATH"], []),
      ...change,
    };
    this.consultations.set(consultation.id, consultation);
    return this.change(consultation.id, {});
  }

  resident(bed: string): Resident {
    const found = this.residents.find((r) => r.card.bed === bed);
    if (!found) throw new Error(`nobody in bed ${bed}`);
    return found;
  }

  handle({ method, path, body, key }: Seen): Answer {
    this.seen.push({ method, path, body, ...(key ? { key } : {}) });
    const refusal = this.refusals.find((r) => r.times > 0 && r.method === method && r.path.test(path));
    if (refusal) {
      refusal.times--;
      return refusal.answer;
    }
    const [, , , area = "", id = "", act = ""] = path.split("?")[0]?.split("/") ?? [];
    const answer = this.#answer(method, area, id, act, body, path);
    return (
      answer ?? { status: 404, body: { code: "not_found", message: `no ${method} ${path}`, requestId: "r1" } }
    );
  }

  #answer(
    method: string,
    area: string,
    id: string,
    act: string,
    body: unknown,
    path: string,
  ): Answer | undefined {
    const ok = (value: unknown): Answer => ({ status: 200, body: value });
    switch (`${method} ${area}${act && area !== "auth" ? ` ${act}` : ""}`) {
      case "GET meta":
        return ok({ ...this.meta, serverTime: this.#time() });
      case "POST auth":
        return ok(aGrant(1, { expiresAt: new Date(this.#now().getTime() + 3_600_000).toISOString() }));
      case "GET me":
        return ok(aPerson());
      case "GET catalogue":
        return ok(catalogue satisfies { reasons: unknown } as unknown as Catalogue);
      case "GET duty":
        return ok(this.duty);
      case "GET worklist":
        return ok(this.#currentWorklist());
      case "GET conditions":
        return ok(this.conditions);
      case "GET consent-text":
        return ok(consentText(path.includes("locale=en")));
      case "POST triage":
        return ok(this.#triage(body as Schemas["TriageInput"]));
      case "GET residents":
        if (!id) return ok(this.residents.map((r) => this.#card(r)));
        return this.#residentAnswer(id);
      case "POST residents":
      case "PUT residents":
        return this.#saveResident(id, body as Schemas["ResidentInput"]);
      case "POST consultations":
        return this.#create(body as Schemas["ConsultationInput"]);
      case "GET consultations":
        return this.consultations.has(id) ? ok(this.change(id, {})) : undefined;
      case "GET consultations messages":
        return ok([]);
      default:
        return this.consultations.has(id) ? this.#act(method, id, act, body) : undefined;
    }
  }

  #act(method: string, id: string, act: string, body: unknown): Answer | undefined {
    const ok = (change: Partial<Consultation> | Change<Consultation>): Answer => ({
      status: 200,
      body: this.change(id, change),
    });
    switch (`${method} ${act}`) {
      case "PUT request":
        return this.#updateRequest(id, body as Schemas["RequestUpdate"]);
      case "POST vitals":
        return ok((c) => {
          const vitals = [
            ...(body as { readings: VitalInput[] }).readings.map((r) => this.#vital(r)),
            ...c.vitals,
          ];
          const proposed = propose(c.reasons, c.redFlags, vitals);
          return {
            vitals,
            urgencyProposed: proposed,
            urgency: rank[proposed] < rank[c.urgency] ? proposed : c.urgency,
          };
        });
      case "POST photos":
        return ok((c) => ({
          photos: [
            ...c.photos,
            {
              id: uuid(700 + c.photos.length),
              kind: "PHOTO",
              contentType: "image/jpeg",
              size: 1,
              width: 1,
              height: 1,
              createdAt: this.#time(),
            },
          ],
        }));
      case "POST consent":
        return ok({ consent: this.#consent((body as Schemas["ConsentInput"]).signerKind) });
      case "POST submit":
        return this.#submit(id, body as Schemas["SubmitRequest"]);
      case "POST cancel":
        return ok((c) => ({
          state: c.state === "DRAFT" ? "VOIDED" : "CANCELLED",
          endCode: (body as { reason: string }).reason,
        }));
      case "POST emergency-steps":
        return ok((c) => ({
          ...((body as { step: string }).step === "TO_EMERGENCY" ? { state: "TO_EMERGENCY" as State } : {}),
          timeline: [
            ...c.timeline,
            {
              seq: c.timeline.length + 1,
              type: "EMERGENCY_STEP",
              at: this.#time(),
              epoch: 0,
              data: body as Record<string, unknown>,
            },
          ],
        }));
      default:
        return undefined;
    }
  }

  #create({ id, residentId, reasons, redFlags }: Schemas["ConsultationInput"]): Answer {
    const resident = this.residents.find((r) => r.card.id === residentId);
    if (!resident) return { status: 404, body: { code: "not_found", message: "", requestId: "r1" } };
    if (!this.consultations.has(id)) this.consultations.set(id, this.#draft(id, resident, reasons, redFlags));
    return { status: 201, body: this.change(id, {}) };
  }

  #updateRequest(id: string, { revision, reasons, redFlags, complaint }: Schemas["RequestUpdate"]): Answer {
    const known = this.consultations.get(id);
    if (known?.requestRevision !== revision) {
      return { status: 409, body: { code: "revision_stale", message: "别人刚改过", requestId: "r1" } };
    }
    const proposed = propose(reasons, redFlags, known.vitals);
    const body = this.change(id, {
      reasons,
      redFlags,
      ...(complaint === undefined ? {} : { complaint }),
      urgencyProposed: proposed,
      urgency: proposed,
      requestRevision: revision + 1,
    });
    return { status: 200, body };
  }

  #submit(id: string, { urgency, urgencyReason }: Schemas["SubmitRequest"]): Answer {
    const known = this.consultations.get(id);
    if (!known) return { status: 404 };
    const fields: FieldProblem[] =
      rank[urgency] > rank[known.urgencyProposed] && !urgencyReason
        ? [{ field: "urgencyReason", code: "urgency_lowered_without_reason", message: "请写明原因" }]
        : [];
    if (fields.length > 0) {
      return {
        status: 422,
        body: { code: "invalid_request", message: "有几处需要改一下。", fields, requestId: "r1" },
      };
    }
    if (urgency !== "CRITICAL" && known.consentNeeded) {
      return {
        status: 422,
        body: { code: "consent_required", message: "还没有知情同意。", requestId: "r1" },
      };
    }
    const at = this.#time();
    return {
      status: 200,
      body: this.change(id, {
        state: "OFFERED",
        urgency,
        offeredAt: at,
        submittedAt: at,
        waiting: this.aWait(urgency),
      }),
    };
  }

  /** What a nurse sees of the queue. */
  aWait(urgency: Urgency = "EMERGENT"): NonNullable<Consultation["waiting"]> {
    const now = this.#now().getTime();
    return {
      position: 2,
      ahead: 1,
      eligible: 3,
      available: 2,
      ...(urgency === "CRITICAL" ? {} : { promiseBy: new Date(now + 4 * 60_000).toISOString() }),
      doctorName: "王医生",
      steps: [
        { code: "submitted", message: "申请已送出", done: true, current: false, at: this.#time() },
        { code: "department", message: "全科正在响铃", done: false, current: true },
        { code: "hospital", message: "全院医生", done: false, current: false },
      ],
    };
  }

  #saveResident(id: string, input: Schemas["ResidentInput"]): Answer {
    const known = this.residents.find((r) => r.card.id === id) ?? this.residents[0];
    if (!known) return { status: 404 };
    const { name, ward, bed } = input;
    const saved = {
      ...known,
      card: { ...known.card, name, ward, bed, id: id || uuid(600) },
      revision: known.revision + 1,
    };
    this.residents = [...this.residents.filter((r) => r.card.id !== saved.card.id), saved];
    return { status: id ? 200 : 201, body: saved };
  }

  #residentAnswer(id: string): Answer | undefined {
    const found = this.residents.find((r) => r.card.id === id);
    return found && { status: 200, body: { ...found, card: this.#card(found) } };
  }

  /** The card with the request that is open for the resident. */
  #card({ card }: Resident): ResidentCard {
    const open = [...this.consultations.values()].find(
      (c) => c.resident.id === card.id && actionsOf(c.state).includes("cancelConsultation"),
    );
    return open ? { ...card, openConsultationId: open.id, openState: open.state } : card;
  }

  #currentWorklist(): Worklist {
    const active: LogRow[] = [...this.consultations.values()]
      .filter((c) =>
        ["DRAFT", "OFFERED", "ACCEPTED", "WAITING", "IN_PROGRESS", "ABORTED_TECH"].includes(c.state),
      )
      .map((c) => ({
        id: c.id,
        serial: c.serial,
        state: c.state,
        urgency: c.urgency,
        serviceType: c.serviceType,
        residentName: c.resident.name,
        sex: c.resident.sex,
        age: c.resident.age,
        bed: c.resident.bed,
        institution: c.invitingOrg.name,
        reasons: c.reasons,
        createdAt: c.createdAt,
        effectiveSeconds: 0,
        consent: false,
        reported: false,
        adopted: false,
        nurse: "李护士",
        nurseId: "u1",
        mode: c.mode,
        ...(c.submittedAt ? { submittedAt: c.submittedAt } : {}),
        ...(c.doctor ? { doctor: c.doctor.name } : {}),
      }));
    return { ...this.worklist, active: [...active, ...this.worklist.active], serverTime: this.#time() };
  }

  #triage({ reasons, redFlags, readings }: Schemas["TriageInput"]): Schemas["TriageProposal"] {
    const vitals = readings.map((r) => this.#vital(r));
    const grounds: Schemas["Reason"][] = [
      ...redFlags.map((code) => ({
        code: "triage_red_flag",
        args: { code },
        message: `危险信号：${labelOf("redFlags", code)}`,
      })),
      ...vitals
        .filter((v) => v.flag.startsWith("CRITICAL"))
        .map((v) => ({
          code: "triage_vital",
          args: { code: v.code },
          message: `${labelOf("vitals", v.code)}危急`,
        })),
      ...reasons.map((code) => ({
        code: "triage_reason",
        args: { code },
        message: `原因：${labelOf("reasons", code)}`,
      })),
    ];
    return { urgency: propose(reasons, redFlags, vitals), grounds, departmentCode: "02" };
  }

  #vital(reading: VitalInput): Vital {
    return aVital(reading.code, reading.value, reading.takenAt ?? this.#time(), reading.qualifier);
  }

  #consent(signerKind: string): Schemas["Consent"] {
    return {
      id: uuid(800),
      signerKind,
      method: "DRAWN",
      textVersion: "2026-01",
      textHash: "a".repeat(64),
      ticks: ["medical", "sensitive", "provision"],
      signedAt: this.#time(),
      validUntil: new Date(this.#now().getTime() + 365 * 86_400_000).toISOString(),
      valid: true,
    };
  }

  #consented(c: Consultation): boolean {
    if (c.consent?.valid) return true;
    return this.residents.find((r) => r.card.id === c.resident.id)?.card.consentValid ?? false;
  }

  #draft(
    id: string,
    { card, capacity, guardians, allergies }: Resident,
    reasons: string[],
    redFlags: string[],
  ): Consultation {
    const urgency = propose(reasons, redFlags, []);
    return {
      id,
      serial: `LZ20261120-${String(this.consultations.size + 1).padStart(4, "0")}`,
      state: "DRAFT",
      epoch: 0,
      mine: false,
      actions: [],
      urgency,
      urgencyProposed: urgency,
      serviceType: "REMOTE_CONSULT",
      mode: "ONLINE",
      drill: false,
      resident: {
        id: card.id,
        name: card.name,
        masked: false,
        sex: card.sex,
        age: card.age,
        ward: card.ward,
        bed: card.bed,
        capacity,
        risks: card.risks,
        conditions: [],
        allergies,
        guardians,
        hearingImpaired: card.hearingImpaired,
        sightImpaired: card.sightImpaired,
        preferredLanguage: card.preferredLanguage,
      },
      invitingOrg: {
        id: "o1",
        name: "阳光颐养院",
        address: "呼和浩特市新城区兴安北路 88 号",
        phone: "0471-6600120",
      },
      nurse: { id: "u1", name: "李护士", role: "NURSE" },
      reasons,
      redFlags,
      requestRevision: 1,
      vitals: [],
      missingVitals: [],
      photos: [],
      completeness: 1,
      consentNeeded: true,
      participants: [],
      effectiveSeconds: 0,
      reports: [],
      advice: [],
      timeline: [],
      createdAt: this.#time(),
      serverTime: this.#time(),
    };
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

/** A doctor. */
export const doctorWang: Schemas["Person"] = {
  id: "d1",
  name: "王医生",
  role: "CONSULTANT",
  titleCode: "232",
  title: "副主任医师",
  organisation: "青城医院",
  department: "全科医疗科",
};

function actionsOf(state: State): string[] {
  const editing = ["updateRequest", "addVitals", "addPhoto", "giveConsent", "logEmergencyStep"];
  if (state === "DRAFT") return [...editing, "submitConsultation", "cancelConsultation"];
  if (["OFFERED", "SUBMITTED"].includes(state)) return [...editing, "sendMessage", "cancelConsultation"];
  if (["ACCEPTED", "WAITING"].includes(state))
    return [...editing, "sendMessage", "cancelConsultation", "getTicket"];
  if (["IN_PROGRESS", "ABORTED_TECH"].includes(state)) return [...editing, "sendMessage", "getTicket"];
  if (state === "REPORT_PENDING") return editing;
  return [];
}

function propose(reasons: readonly string[], flags: readonly string[], vitals: readonly Vital[]): Urgency {
  const all: Urgency[] = [
    ...catalogue.reasons.filter((r) => reasons.includes(r.code)).map((r) => r.urgency as Urgency),
    ...catalogue.redFlags.filter((f) => flags.includes(f.code)).map((f) => f.urgency as Urgency),
    ...vitals.filter((v) => v.flag.startsWith("CRITICAL")).map((): Urgency => "EMERGENT"),
  ];
  return all.toSorted((a, b) => rank[a] - rank[b])[0] ?? "ROUTINE";
}

function labelOf(list: "reasons" | "redFlags" | "vitals", code: string): string {
  const terms: { code: string; zh: string }[] = catalogue[list];
  return terms.find((t) => t.code === code)?.zh ?? code;
}

/** A reading; its flag follows from a few rough bounds. */
export function aVital(
  code: string,
  value: number | undefined,
  takenAt: string,
  qualifier?: Vital["qualifier"],
): Vital {
  const term = catalogue.vitals.find((v) => v.code === code);
  const high = value !== undefined && term && "normalHigh" in term && value > (term.normalHigh ?? Infinity);
  const low = value !== undefined && term && "normalLow" in term && value < (term.normalLow ?? -Infinity);
  const critical = (code === "SPO2" && (value ?? 100) < 90) || (code === "SBP" && (value ?? 0) > 180);
  return {
    id: `v-${code}-${takenAt}`,
    code,
    ...(value === undefined ? {} : { value }),
    ...(qualifier ? { qualifier } : {}),
    unit: term?.unit ?? "",
    flag: `${critical ? "CRITICAL_" : ""}${high ? "HIGH" : low ? "LOW" : ""}`.replace(/_$/, "_HIGH"),
    confirmed: false,
    takenAt,
    source: "MANUAL",
  };
}

function aDuty(now: Date): Duty {
  const person = (id: string, name: string): Schemas["Person"] => ({ id, name, role: "CONSULTANT" });
  const department = (n: number, code: string, name: string, change: Partial<Schemas["DutyDepartment"]>) => ({
    departmentId: uuid(500 + n),
    code,
    name,
    hospital: "青城医院",
    phone: `0471-66001${n}0`,
    doctors: [],
    waiting: 0,
    available: 0,
    ...change,
  });
  return {
    serverTime: now.toISOString(),
    organisationName: "阳光颐养院",
    organisationAddress: "呼和浩特市新城区兴安北路 88 号",
    attending: { id: "a1", name: "陈医生", role: "ATTENDING", title: "主治医师" },
    serviceType: "REMOTE_CONSULT",
    notes: [],
    consultPhone: "0471-1234567",
    departments: [
      department(1, "02", "全科医疗科", {
        available: 2,
        promiseBy: new Date(now.getTime() + 4 * 60_000).toISOString(),
        doctors: [
          { person: person("d1", "王医生"), presence: "AVAILABLE" },
          { person: person("d2", "赵医生"), presence: "IN_CALL" },
        ],
        waiting: 1,
      }),
      department(2, "0304", "心血管内科", {
        available: 1,
        promiseBy: new Date(now.getTime() + 22 * 60_000).toISOString(),
        doctors: [
          { person: person("d2", "赵医生"), presence: "IN_CALL" },
          {
            person: person("d4", "孙医生"),
            presence: "BACK_SOON",
            backAt: new Date(now.getTime() + 15 * 60_000).toISOString(),
          },
          { person: person("d5", "周医生"), presence: "OFF" },
        ],
        waiting: 2,
      }),
      department(3, "0310", "老年病", { doctors: [{ person: person("d3", "高医生"), presence: "OFF" }] }),
      department(4, "0303", "神经内科", {}),
    ],
  };
}

function someResidents(now: Date): Resident[] {
  const hours = (n: number) => new Date(now.getTime() - n * 3_600_000).toISOString();
  const people: [string, string, string, Schemas["Sex"], number, Partial<ResidentCard>][] = [
    [
      "02",
      "张桂兰",
      "zgl",
      "2",
      81,
      { risks: ["FALL", "PRESSURE_INJURY"], lastConsultationAt: hours(24 * 9) },
    ],
    ["03", "李建国", "ljg", "1", 77, { risks: ["CHOKING"], followUpDueOn: "2026-11-20" }],
    ["05", "乌兰其其格", "wlqqg", "2", 78, { preferredLanguage: "mn", risks: ["OXYGEN"] }],
    [
      "07",
      "刘福",
      "lf",
      "1",
      90,
      { hearingImpaired: true, risks: ["DEMENTIA", "WANDERING", "FALL", "BED_FALL", "ASPIRATION"] },
    ],
    ["08", "王秀英", "wxy", "2", 85, { sightImpaired: true }],
    [
      "11",
      "额尔德木图·巴特尔苏和",
      "eedmtbtesh",
      "1",
      83,
      { preferredLanguage: "mn", hearingImpaired: true, consentValid: false },
    ],
    ["12", "赵淑珍", "zsz", "2", 88, { consentValid: false, risks: ["DEMENTIA"] }],
  ];
  return people.map(([bed, name, initials, sex, age, change], i) => ({
    card: {
      id: uuid(100 + i),
      name,
      masked: false,
      initials,
      sex,
      age,
      ward: "二病区",
      bed,
      abilityLevel: 2,
      risks: [],
      conditionCodes: ["I10"],
      hearingImpaired: false,
      sightImpaired: false,
      preferredLanguage: "zh-CN",
      consentValid: true,
      ...change,
    },
    birthDate: `${2026 - age}-05-12`,
    idType: "01",
    identityMasked: "1501**********1234",
    phone: "0471-6600120",
    ethnicCode: change.preferredLanguage === "mn" ? "02" : "01",
    capacity: change.risks?.includes("DEMENTIA") ? "NONE" : "FULL",
    allergies: i === 0 ? "青霉素" : "",
    guardians: [
      { name: "张伟", relation: "CHILD", phone: "13800000001", isGuardian: true },
      { name: "李梅", relation: "SPOUSE", isGuardian: true },
    ],
    admittedOn: "2024-03-01",
    revision: 1,
    latestVitals:
      i === 0
        ? [
            aVital("TEMP", 36.6, hours(3)),
            aVital("PULSE", 88, hours(3)),
            aVital("SBP", 152, hours(3)),
            aVital("DBP", 84, hours(3)),
            aVital("SPO2", 96, hours(3)),
          ]
        : [],
    consents: [],
    recentConsultations: [],
  }));
}

function consentText(english: boolean): Schemas["ConsentText"] {
  return {
    version: "2026-01",
    locale: english ? "en" : "zh-CN",
    hash: "a".repeat(64),
    title: english ? "Informed consent to remote medical service" : "远程医疗服务知情同意书",
    paragraphs: english
      ? [
          "Please take your time. You may ask questions at any time, and you may say no.",
          "1. What this service is",
          "By video, a doctor of the partner hospital looks at your condition and gives an opinion. A nurse stays with you.",
          "2. Risks",
          "1. Network or device may fail.\n2. Without touching you, the doctor may miss something.",
        ]
      : [
          "请您慢慢看。看不清、听不懂的地方，请护士读给您听、讲给您听。您可以随时提问，也可以不同意。",
          "一、这是什么服务",
          "阳光颐养院通过视频，请青城医院的医生了解您的情况并提出意见。护士会陪在您身边；属于远程会诊的，还有邀请方的医师陪同。",
          "二、能做什么，不能做什么",
          "医生可以通过视频看、问，看护士测的体温、血压、血氧等结果和照片；不能亲手检查您的身体。",
          "三、可能的风险",
          "1. 网络或设备可能中断；\n2. 因为不能当面检查，医生的判断可能不完整；\n3. 病情可能在等待或通话时变化。",
        ],
    ticks: (
      [
        [
          "medical",
          "我已了解上面的内容，同意接受本次远程医疗服务。",
          "I understand and agree to this remote medical service.",
        ],
        [
          "sensitive",
          "我单独同意处理我的健康信息等敏感个人信息。",
          "I agree separately to the use of my health data.",
        ],
        [
          "provision",
          "我单独同意把需要的信息提供给青城医院。",
          "I agree separately that the hospital receives them.",
        ],
        ["recording", "我同意对通话录音录像。", "I agree to recording."],
        ["teaching", "我同意隐去身份后用于教学。", "I agree to use for teaching without my identity."],
      ] as const
    ).map(([code, zh, en], i) => ({
      code,
      text: `${i < 3 ? (english ? "[required] " : "【必选】") : english ? "[optional] " : "【可选】"}${english ? en : zh}`,
      required: i < 3,
    })),
    validDays: 365,
  };
}
