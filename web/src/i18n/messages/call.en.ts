import type { Messages } from "../types";
import type zh from "./call.zh";

export default {
  inCall: "In a call",
} satisfies Messages<typeof zh>;
