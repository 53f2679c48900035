import adminEn from "../admin/messages/en";
import adminZh from "../admin/messages/zh";
import aroundEn from "../around/messages/en";
import aroundZh from "../around/messages/zh";
import bedsideEn from "../bedside/messages/en";
import bedsideZh from "../bedside/messages/zh";
import bookingEn from "../booking/messages/en";
import bookingZh from "../booking/messages/zh";
import boardEn from "../board/messages/en";
import boardZh from "../board/messages/zh";
import deskEn from "../desk/messages/en";
import deskZh from "../desk/messages/zh";
import trustEn from "../trust/messages/en";
import trustZh from "../trust/messages/zh";
import goalsEn from "../goals/messages/en";
import goalsZh from "../goals/messages/zh";
import lifeEn from "../life/messages/en";
import lifeZh from "../life/messages/zh";
import offlineEn from "../offline/messages/en";
import offlineZh from "../offline/messages/zh";
import panelEn from "../panel/messages/en";
import panelZh from "../panel/messages/zh";
import rulesEn from "../rules/messages/en";
import rulesZh from "../rules/messages/zh";
import remindersEn from "../reminders/messages/en";
import remindersZh from "../reminders/messages/zh";
import roundEn from "../round/messages/en";
import roundZh from "../round/messages/zh";
import visitsEn from "../visits/messages/en";
import visitsZh from "../visits/messages/zh";
import authEn from "./messages/auth.en";
import authZh from "./messages/auth.zh";
import callEn from "./messages/call.en";
import callZh from "./messages/call.zh";
import commonEn from "./messages/common.en";
import commonZh from "./messages/common.zh";

const zh = {
  common: commonZh,
  auth: authZh,
  call: callZh,
  bedside: bedsideZh,
  desk: deskZh,
  board: boardZh,
  booking: bookingZh,
  life: lifeZh,
  rules: rulesZh,
  admin: adminZh,
  trust: trustZh,
  around: aroundZh,
  goals: goalsZh,
  panel: panelZh,
  reminders: remindersZh,
  round: roundZh,
  visits: visitsZh,
  offline: offlineZh,
};
const en = {
  common: commonEn,
  auth: authEn,
  call: callEn,
  bedside: bedsideEn,
  desk: deskEn,
  board: boardEn,
  booking: bookingEn,
  life: lifeEn,
  rules: rulesEn,
  admin: adminEn,
  trust: trustEn,
  around: aroundEn,
  goals: goalsEn,
  panel: panelEn,
  reminders: remindersEn,
  round: roundEn,
  visits: visitsEn,
  offline: offlineEn,
};

/** All messages by language and area. A new area is added here in both languages. */
export const resources = { "zh-CN": zh, en };
export type Resources = typeof zh;
