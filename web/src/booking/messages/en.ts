import type zh from "./zh";
import type { Messages } from "../../i18n/types";

const en: Messages<typeof zh> = {
  new: {
    title: "Book",
    nobody: "No resident is chosen. Start from a resident, the list of who is due, or a home visit.",
    who: "Book for {{name}}",
    count: "{{n}} of {{of}}",
    kind: "What for",
    noKinds: "Nothing can be booked yet. An administrator sets what is offered, and the hours.",
    with: "With whom",
    anyone: "Anybody",
    due: "Due by {{day}}",
    confirm: "Book",
    chosen: "{{day}} {{time}} · {{name}}",
    choose: "Choose a time",
    done: "Booked",
    next: "Next resident",
    toVisit: "Back to the home visit",
    back: "Back",
    wait: "Join the waiting list",
    waiting:
      "On the waiting list: a time that becomes free is kept for this resident, and you are asked to confirm.",
    instead: "Still free:",
  },
  slots: {
    days: "Day",
    times: "Time",
    free: "{{count}} free",
    none: "full",
    noneThen: "Nothing is free in these two weeks.",
    noneOn: "Nothing is free on this day.",
    later: "Next two weeks",
    earlier: "Previous two weeks",
    left: "{{count}} seats left",
    off: "off",
    makeUp: "working",
    unknown: "Next year's public holidays are not announced yet; times may change.",
  },
  place: { ONLINE: "Video", CLINIC: "Clinic", INSTITUTION: "At the institution", HOME: "Home visit" },
};
export default en;
