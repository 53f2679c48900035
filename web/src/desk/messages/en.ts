import type { Messages } from "../../i18n/types";
import type zh from "./zh";

export default {} satisfies Messages<typeof zh>;
