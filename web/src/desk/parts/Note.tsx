export { Notice as Note } from "../../theme";
