import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  EditOutlined,
  LockOutlined,
  PhoneOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { type State, useCatalogue } from "../api";
import { Tone, type ToneKind } from "../theme";

type Look = [ToneKind, ReactNode];
const waiting: Look = ["caution", <ClockCircleOutlined key="i" />];
const live: Look = ["claimed", <PhoneOutlined key="i" />];
const writing: Look = ["primary", <EditOutlined key="i" />];
const done: Look = ["good", <CheckCircleOutlined key="i" />];
const over: Look = ["muted", <CloseCircleOutlined key="i" />];

const looks: Partial<Record<State, Look>> = {
  DRAFT: writing,
  SUBMITTED: waiting,
  TRIAGED: waiting,
  OFFERED: waiting,
  EXPIRED: ["danger", <ClockCircleOutlined key="i" />],
  DECLINED: ["danger", <CloseCircleOutlined key="i" />],
  RETURNED: ["caution", <EditOutlined key="i" />],
  SCHEDULED: ["primary", <ClockCircleOutlined key="i" />],
  TERMINATED_UNSUITABLE: ["danger", <CloseCircleOutlined key="i" />],
  ACCEPTED: live,
  WAITING: live,
  IN_PROGRESS: live,
  ABORTED_TECH: ["danger", <ClockCircleOutlined key="i" />],
  TO_EMERGENCY: ["danger", <PhoneOutlined key="i" />],
  REPORT_PENDING: writing,
  REPORTED: writing,
  ADOPTED: done,
  FOLLOW_UP: done,
  ARCHIVED: done,
  SEALED: ["danger", <LockOutlined key="i" />],
};

/** The state of a consultation with colour, icon and word. */
export function StateTag({ state }: { state: State }) {
  const label = useCatalogue().label("states", state);
  const [kind, icon] = looks[state] ?? over;
  return (
    <Tone kind={kind} icon={icon}>
      {label}
    </Tone>
  );
}
