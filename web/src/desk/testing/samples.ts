import type { Consultation, Queue, QueueItem } from "../../api";

export function aQueueItem(n: number, change: Partial<QueueItem> = {}): QueueItem {
  return {
    id: `0190a000-0000-7000-8000-00000000000${n}`,
    serial: `LZ20261120-000${n}`,
    state: "OFFERED",
    epoch: n,
    urgency: "EMERGENT",
    offeredAt: "2026-11-20T06:26:00Z",
    targetSeconds: 600,
    resident: { name: "张*", sex: "1", age: 81, bed: `0${n}` },
    institution: "阳光颐养院",
    department: "全科医疗科",
    serviceType: "REMOTE_CONSULT",
    reasons: ["OTHER"],
    redFlags: [],
    vitals: [],
    completeness: 3,
    mode: "ONLINE",
    usual: false,
    mine: false,
    ...change,
  };
}

export function aQueue(change: Partial<Queue> = {}): Queue {
  return { serverTime: "2026-11-20T06:30:00Z", waiting: [], mine: [], taken: [], ...change };
}

export const emptyWorklist = {
  serverTime: "2026-11-20T06:30:00Z",
  active: [],
  toAdopt: [],
  tasks: [],
  reportsPending: [],
  followUps: [],
};

export function aConsultation(change: Partial<Consultation> = {}): Consultation {
  return {
    id: "0190a000-0000-7000-8000-000000000001",
    serial: "LZ20261120-0001",
    state: "REPORT_PENDING",
    epoch: 3,
    mine: true,
    actions: ["saveReportDraft", "signReport"],
    urgency: "URGENT",
    urgencyProposed: "URGENT",
    serviceType: "REMOTE_CONSULT",
    mode: "ONLINE",
    drill: false,
    resident: {
      id: "0190a000-0000-7000-8000-00000000000a",
      name: "张桂兰",
      masked: false,
      sex: "2",
      age: 76,
      ward: "一区",
      bed: "02",
      risks: [],
      conditions: [],
      hearingImpaired: false,
      sightImpaired: false,
      preferredLanguage: "zh-CN",
      capacity: "FULL",
    },
    invitingOrg: { id: "0190a000-0000-7000-8000-00000000000b", name: "阳光颐养院" },
    reasons: ["OTHER"],
    redFlags: [],
    requestRevision: 1,
    vitals: [],
    missingVitals: [],
    photos: [],
    completeness: 4,
    consentNeeded: false,
    participants: [],
    effectiveSeconds: 300,
    reports: [],
    advice: [],
    timeline: [],
    createdAt: "2026-11-20T06:00:00Z",
    serverTime: "2026-11-20T06:30:00Z",
    ...change,
  };
}
