export { Notice } from "../../theme";
