import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "../api/errorText";
import styles from "./Page.module.css";

interface LoadedProps<T> {
  query: UseQueryResult<T, Error>;
  /** shown while nothing is known; a skeleton of text unless given */
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/**
 * The three states of a read: skeleton, error with a way out, content. Content that was once read stays on the screen
 * when a later reading fails, since the banner tells of the network.
 */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const { t } = useTranslation("common");
  const errorText = useErrorText();
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <div className={styles.failed} role="alert">
        <p className={styles.reason}>{t("error.loadFailed")}</p>
        <p>{errorText(query.error)}</p>
        <Button onClick={() => void query.refetch()} loading={query.isFetching}>
          {t("actions.retry")}
        </Button>
      </div>
    );
  }
  return (
    <div role="status" aria-busy aria-label={t("states.loading")}>
      {skeleton ?? <Skeleton active paragraph={{ rows: 4 }} />}
    </div>
  );
}
