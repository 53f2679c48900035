import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { ApiError } from "../api/errors";
import { MessagePage, NotFoundPage } from "./MessagePages";
import { reloadForUpdate } from "./reload";

/** What a page shows when it broke. */
export function RouteError() {
  const { t } = useTranslation("common");
  const error = useRouteError();
  const updated =
    error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  useEffect(() => {
    if (updated) reloadForUpdate();
  }, [updated]);
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  const reference = error instanceof ApiError ? t("error.detail", { id: error.problem.requestId }) : "";
  return (
    <MessagePage
      title={t("error.title")}
      body={updated ? t("error.chunk") : [t("error.body"), reference].filter(Boolean).join(" ")}
      action={
        <Button type="primary" onClick={() => location.reload()}>
          {t("actions.reload")}
        </Button>
      }
    />
  );
}
