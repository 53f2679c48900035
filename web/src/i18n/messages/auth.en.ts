import type { Messages } from "../types";
import type zh from "./auth.zh";

export default {
  title: "Sign in",
  username: "Account",
  password: "Password",
  submit: "Sign in",
  required: "Please fill this in.",
  demo: "Demonstration accounts",
  demoHint: "Press an account to sign in with it.",
  phone: "Trouble signing in? Call {{phone}}",
  restoring: "Restoring your session",
  roles: {
    NURSE: "nurse",
    ATTENDING: "attending doctor",
    CONSULTANT: "consulting doctor",
    FAMILY_DOCTOR: "family doctor",
    DISPATCHER: "Dispatcher",
    INST_ADMIN: "administrator",
    QC: "quality reviewer",
    COMPLAINT_OFFICER: "complaint officer",
    SYS_ADMIN: "system administrator",
    REG_COUNTY: "county authority",
    REG_LEAGUE: "league authority",
    REG_REGION: "regional authority",
  },
  change: {
    title: "Change password",
    forced: "This is your first sign-in. Please choose a password that only you know.",
    current: "Present password",
    next: "New password",
    again: "New password again",
    rule: "At least 10 characters; no names, birthdays or phone numbers.",
    differ: "The two new passwords differ.",
    submit: "Save new password",
    done: "Password changed. Other devices are signed out.",
  },
} satisfies Messages<typeof zh>;
