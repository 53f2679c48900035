export { Dialog, type DialogProps } from "./Dialog";
export { FormDialog } from "./FormDialog";
export { ReasonDialog } from "./ReasonDialog";
export { Refused } from "./Refused";
