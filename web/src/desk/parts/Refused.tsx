export { Refused } from "../../dialog";
