import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Page.module.css";

/** A page with its heading, which is also the window's title. `actions` stand at the right of the heading. */
export function Page({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{title}</h1>
        {actions}
      </header>
      {children}
    </div>
  );
}

/** Sets the window's title while the caller is shown. */
export function useTitle(title: string): void {
  const { t } = useTranslation("common");
  const product = t("product");
  useEffect(() => {
    document.title = title ? `${title}${t("separator")}${product}` : product;
    return () => {
      document.title = product;
    };
  }, [title, product, t]);
}
