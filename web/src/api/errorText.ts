import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "./errors";

/** A sentence for any error: the server's own for refusals, ours when nobody answered. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation("common");
  return useCallback(
    (error) => (error instanceof ApiError ? error.problem.message : t("error.network")),
    [t],
  );
}
