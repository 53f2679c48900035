import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";

/** What an action of the access log is called, by the server's catalogue. */
export function useActionWords(): (action: string) => string {
  const { t } = useTranslation("trust");
  const { chosen } = useCatalogue();
  return (action) => {
    const name = chosen("audited_action", action);
    return name === action ? t("accesses.actionOther", { name: action }) : name;
  };
}
